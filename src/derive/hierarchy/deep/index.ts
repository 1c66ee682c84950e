/** Expectation of the hierarchy over Gaussian initialisation, at the leading power of the width, at any depth. */
import { NtkcError } from '../../../errors.ts';
import type { Network } from '../../../ir/arch/index.ts';
import { coincidenceOf } from '../expected/coincidence.ts';
import { type Family, requiredFamily } from '../expected/families.ts';
import type { ExpectedOptions } from '../expected/index.ts';
import { checkedInputs, checkedTuples } from '../expected/inputs.ts';
import { leadingValue, type WideNetwork, wideNetwork } from './evaluate.ts';
import { readMlp } from './mlp.ts';
import { networkTerms } from './networkTerms.ts';

export { type DeepDerivation, deepDerivation } from './derivation.ts';

/**
 * lim width^(r/2−1) · E K_r as the widths of all hidden layers grow in proportion, at tuples of inputs: the NTK for r = 2,
 * lim width · E K_4 for r = 4, 0 for odd r; `width` is that of the first layer. No sampling: weights are integrated out
 * term by term (recursion.ts), and what is left are means over one neuron under the NNGP, closed forms or quadrature as
 * in expectedHierarchy. For two layers it is the same number, and holds at every width.
 *
 * @param x inputs, rows of equal length
 * @param tuples indices into x; a tuple's length is its order
 * @returns one value a tuple
 * @throws NtkcError where layers do not follow one another, the activation has no rule, or coinciding inputs no value
 */
export function deepExpectedHierarchy(
  network: Network,
  x: readonly ArrayLike<number>[],
  tuples: readonly (readonly number[])[],
  options: ExpectedOptions = {},
): Float64Array {
  const mlp = readMlp(network);
  checkedInputs(x, mlp.features);
  checkedTuples(tuples, x.length);
  const { coincident = 'refuse', smoothing = 0, onExcluded } = options;
  const families = smoothed(mlp.phi.map(requiredFamily), smoothing);
  const wide = wideNetwork(mlp, families, x);
  let excluded = 0;
  const values = Float64Array.from(tuples, (tuple) => {
    if (tuple.length % 2 === 1) return 0;
    if (tuple.length > 2) {
      const complaint = coincidence(families, wide, tuple);
      if (complaint !== undefined && coincident === 'refuse') throw complaint;
      if (complaint !== undefined) {
        excluded++;
        return 0;
      }
    }
    const value = leadingValue(networkTerms(network, mlp.layers.length, tuple.length), mlp, wide, tuple);
    if (Number.isFinite(value)) return value;
    throw new NtkcError({ what: `E K${tuple.length} overflows`, where: `tuple [${tuple.join(', ')}]` });
  });
  if (excluded > 0) onExcluded?.(excluded);
  return values;
}

/** The activations with a kink smoothed. */
function smoothed(families: readonly Family[], smoothing: number): readonly Family[] {
  if (smoothing === 0) return families;
  if (!(smoothing > 0 && Number.isFinite(smoothing)))
    throw new NtkcError({ what: `smoothing is ${smoothing}`, expected: 'a number > 0' });
  if (families.every((family) => family.smoothed === undefined))
    throw new NtkcError({
      what: 'smoothing is for activations with a kink, and this network has none',
      next: 'Leave smoothing out.',
    });
  return families.map((family) => family.smoothed?.(smoothing) ?? family);
}

/** Why an activation with a kink has no value at a tuple of inputs. */
function coincidence(
  families: readonly Family[],
  { covariance }: WideNetwork,
  tuple: readonly number[],
): NtkcError | undefined {
  for (const [l, { kinked }] of families.entries()) {
    if (!kinked) continue;
    const read = (i: number, j: number) => covariance(l + 1, tuple[i]!, tuple[j]!);
    const zero = tuple.findIndex((_, i) => read(i, i) === 0);
    if (zero >= 0) return refusal(tuple, `x[${tuple[zero]}] is zero at the kink of layer ${l + 1}`);
    try {
      if (coincidenceOf(tuple, read) !== undefined) return refusal(tuple, `α and β are parallel at layer ${l + 1}`);
    } catch (error) {
      if (error instanceof NtkcError) return error;
      throw error;
    }
  }
  return undefined;
}

const refusal = (tuple: readonly number[], why: string): NtkcError =>
  new NtkcError({
    what: `width · E K${tuple.length} of more than two layers with a kink is known where no inputs coincide, and ${why}`,
    where: `tuple [${tuple.join(', ')}]`,
    next: 'Leave such tuples out (coincident: "exclude", --coincident exclude: they count as 0), or smooth the activation (smoothing: ε, --smoothing ε).',
  });
