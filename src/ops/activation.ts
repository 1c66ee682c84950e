import type { z } from 'zod';
import { type Fields, sameShape } from '../ir/arch/index.ts';
import type { Expr } from '../ir/scalar/index.ts';
import type { Activation } from './dual.ts';
import { defineOp, type FieldsOf, type TypedOp } from './op.ts';

/** An elementwise op: all that differs between activations is φ, its dual and where the dual is from. */
export function defineActivation<const F extends Readonly<Record<string, z.ZodType>>>(spec: {
  readonly name: string;
  readonly alsoCalled?: Readonly<Record<string, Fields>>;
  readonly summary: string;
  readonly fields: F;
  /** The dual's source: a name of NOTATION.md and its equation. */
  readonly source: string;
  readonly activation: (fields: FieldsOf<F>) => Activation;
  readonly examples: readonly Fields[];
  readonly recognise?: (phi: Expr) => FieldsOf<F> | undefined;
}): TypedOp<F> {
  const { name, alsoCalled, summary, fields, source, activation, examples, recognise } = spec;
  return defineOp<F>({
    name,
    ...(alsoCalled && { alsoCalled }),
    summary,
    fields,
    shape: sameShape,
    kernel: (f) => ({ kind: 'activation', name: `${name}, dual activation`, source, activation: activation(f) }),
    forward: (f, b, [input]) => b.elementwise(input as number, activation(f).phi),
    examples,
    ...(recognise && { recognise }),
  });
}
