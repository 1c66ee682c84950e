import { z } from 'zod';
import { sameShape } from '../../ir/arch/index.ts';
import { add, call, type Expr, mul, num, pow } from '../../ir/scalar/index.ts';
import { k, q1, q2, x } from '../dual.ts';
import { real } from '../fields.ts';
import { defineOp } from '../op.ts';

/** Variances below count as this: a layer of zeros has no direction. Float32 still holds it. */
const least = num(1e-30);

const root = mul(pow(q1, 0.5), pow(q2, 0.5));

/** κ = √(qq') e^{γ(ρ + shift)}, ρ = k/√(qq'). */
const kappa = (gamma: number, shift: number): Expr =>
  mul(root, call('exp', mul(gamma, add(mul(k, pow(call('max', root, least), -1)), shift))));

/**
 * s ψ(h/s), s² the mean square of the neurons of a sample and ψ(z) = e^{√γ z + γ(shift − 1)/2}.
 *
 * @derived E ψ(z)ψ(z') = e^{γ(shift − 1)} E e^{√γ(z + z')} = e^{γ(ρ + shift)}; the source has no finite network
 */
export const op = defineOp({
  name: 'expNormalized',
  summary: 'exponential of the normalised input, its norm kept: κ = √(qq′)·exp(gamma·(ρ + shift))',
  fields: { gamma: z.number().positive().default(1), shift: real.default(-1) },
  shape: sameShape,
  kernel: ({ gamma, shift }) => ({
    kind: 'covariance',
    name: 'exponential of the correlation',
    source: 'neural-tangents ExpNormalized; @derived as a network',
    kappa: kappa(gamma, shift),
    needs: 'gaussian',
    because: 'which the expectation assumes',
    neurons: 'transformed',
  }),
  forward: ({ gamma, shift }, b, [input]) => {
    const variance = b.mean(b.elementwise(input as number, pow(x, 2)));
    const size = b.elementwise(variance, pow(call('max', x, least), 0.5));
    const unit = b.multiply([input as number, b.elementwise(size, pow(x, -1))]);
    const psi = call('exp', add(mul(Math.sqrt(gamma), x), (gamma * (shift - 1)) / 2));
    return b.multiply([size, b.elementwise(unit, psi)]);
  },
  examples: [{}, { gamma: 0.5, shift: 0.2 }],
});
