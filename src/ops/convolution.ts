/** What the convolutions share: fields, and the rule of an affine map of a window's positions. */
import { z } from 'zod';
import { NtkcError } from '../errors.ts';
import type { ShiftAxis } from '../ir/program/index.ts';
import { add, mul } from '../ir/scalar/index.ts';
import { count, real, std } from './fields.ts';
import type { Kernel, KernelBuilder, LinearRule, RuleContext } from './op.ts';
import { paddings, perAxis, type Window } from './window.ts';

export const convolutionFields = {
  kernel: perAxis,
  strides: perAxis.optional(),
  padding: z.enum(paddings).default('same'),
  wStd: std.default(1),
  bStd: std.default(0),
  parameterization: z.enum(['ntk', 'standard']).default('ntk'),
  width: count.optional(),
  ntkWeight: real.default(1),
};
export type Convolution = { readonly [K in keyof typeof convolutionFields]: z.output<(typeof convolutionFields)[K]> };

export const windowOf = ({
  kernel,
  strides,
  padding,
}: Pick<Convolution, 'kernel' | 'strides' | 'padding'>): Window => ({
  size: kernel,
  strides: strides ?? kernel.map(() => 1),
  padding,
});

export const offsetsOf = ({ kernel }: Pick<Convolution, 'kernel'>): number =>
  kernel.reduce((product, k) => product * k, 1);

/**
 * A[K][P P'] = (1/|F|) Σ_o K[p(o, P) p(o, P')], positions in the padding being zero; K ← wStd² A[K] + bStd²,
 * T ← wStd² A[T] + K, `keep` being what weights that positions do not share leave of it.
 * @eq ntk-survey-golikov2022 (62)
 */
export function convolutionRule(
  name: string,
  fields: Convolution,
  { fanIn }: RuleContext,
  axes: readonly ShiftAxis[],
  source: string,
  keep: (b: KernelBuilder, k: Kernel) => Kernel = (_, k) => k,
): LinearRule {
  const { wStd, bStd, parameterization, ntkWeight } = fields;
  const offsets = offsetsOf(fields);
  const mean = (b: KernelBuilder, k: Kernel) => b.shiftSum(k, 1 / offsets, axes);
  const inputs = fanIn * offsets;
  return {
    kind: 'linear',
    name:
      parameterization === 'ntk'
        ? `${name}, ntk parameterization`
        : `${name}, standard parameterization (fan-in ${inputs})`,
    source,
    nngp: (b, k) =>
      keep(
        b,
        b.lift([mean(b, k)], (v) => add(mul(wStd * wStd, v), bStd * bStd)),
      ),
    tangent: (b, t) =>
      keep(
        b,
        b.lift([mean(b, t)], (v) => mul(wStd * wStd, v)),
      ),
    parameter: {
      weight: ntkWeight,
      term:
        parameterization === 'ntk'
          ? (_, __, after) => after
          : // ∂z/∂W = h, ∂z/∂b = 1: the term is fanIn·|F|·A[K] + [1 if there is a bias]
            (b, before) => {
              requireWidth(name, inputs);
              return keep(
                b,
                b.lift([mean(b, before)], (v) => add(mul(inputs, v), bStd > 0 ? 1 : 0)),
              );
            },
    },
  };
}

function requireWidth(name: string, inputs: number): void {
  if (inputs !== Number.POSITIVE_INFINITY) return;
  throw new NtkcError({
    what: `${name}: its NTK in standard parameterization grows with the width of its input, which is not declared`,
    expected: 'a width on the layer before it',
    next: 'Set width there, or use parameterization "ntk".',
  });
}
