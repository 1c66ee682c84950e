import { commonShape } from '../../ir/arch/index.ts';
import { add, mul } from '../../ir/scalar/index.ts';
import { defineOp } from '../op.ts';

/** Branches side by side, multiplied neuron by neuron: with [] among them, a gate. */
export const op = defineOp({
  name: 'product',
  summary: 'product of branches, neuron by neuron; with [] a gate; a dense must follow before an activation',
  fields: {},
  nests: 'branches',
  shape: commonShape,
  kernel: () => ({
    kind: 'join',
    name: 'product of independent branches',
    source: 'neural-tangents FanInProd',
    neurons: 'multiplied',
    // K ← Π_i K_i
    nngp: (b, ks) => b.lift(ks, mul),
    // T ← Σ_i T_i Π_{j≠i} K_j, the product rule: ∂f_i ∂f_j' with i ≠ j has mean zero
    tangent: (b, ts, ks) =>
      b.lift([...ts, ...ks], (...values) => {
        const [t, k] = [values.slice(0, ts.length), values.slice(ts.length)];
        return add(...t.map((ti, i) => mul(ti, ...k.filter((_, j) => j !== i))));
      }),
  }),
  forward: (_, b, inputs) => b.multiply(inputs),
  examples: [{ branches: [[], [{ op: 'relu' }, { op: 'dense', wStd: 1.2, bStd: 0.3 }]] }],
});
