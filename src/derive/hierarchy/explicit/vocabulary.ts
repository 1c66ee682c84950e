import { NtkcError } from '../../../errors.ts';
import type { ForwardBuilder, Op } from '../../../ops/op.ts';
import { vocabulary } from '../../../ops/vocabulary.ts';

/** The ops for the explicit level: one whose finite form needs more than dense, elementwise and sum is refused by name. */
export const explicitVocabulary: ReadonlyMap<string, Op> = new Map(
  [...vocabulary].map(([name, op]) => {
    const { forward } = op;
    if (forward === undefined) return [name, op];
    return [name, { ...op, forward: (fields, b, inputs) => forward(fields, withoutRest(name, b), inputs) }];
  }),
);

function withoutRest(name: string, b: ForwardBuilder): ForwardBuilder {
  const refuse = (): never => {
    throw new NtkcError({
      what: `no terms of the hierarchy for networks with ${name}`,
      expected: 'dense layers, activations and sums of branches',
      next: 'Values need no terms: ntkc hierarchy --tuples, hierarchyAt.',
    });
  };
  return {
    defaultWidth: b.defaultWidth,
    widthOf: (value) => b.widthOf(value),
    extentsOf: (value) => b.extentsOf(value),
    dense: (input, spec, sharedWith) => (sharedWith === undefined ? b.dense(input, spec) : refuse()),
    elementwise: (input, phi) => b.elementwise(input, phi),
    add: (inputs) => b.add(inputs),
    multiply: refuse,
    concat: refuse,
    patches: refuse,
    positionMap: refuse,
    meanOverPositions: refuse,
    flatten: refuse,
    mean: refuse,
    matrixProduct: refuse,
    withoutAbsent: refuse,
    pattern: refuse,
    mask: refuse,
  };
}
