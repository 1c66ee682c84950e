/** Laws of the weighted NTK: what its layer weights mean. */
import { tolerances } from '../tolerances.ts';
import { compareGrams, type Law, type LawContext } from './law.ts';

/** A law about the weighted NTK; it holds of nothing where that is not asked for. */
const whenWeighted =
  (f: (context: LawContext) => Promise<Awaited<ReturnType<Law['run']>>[number]>) => async (context: LawContext) =>
    context.kernels.includes('wntk') ? [await f(context)] : [];

const allowed = () => tolerances.weights.bound;

const linear: Law = {
  name: 'linear in the weights',
  checks: 'K(2μ + ν) = 2 K(μ) + K(ν)',
  source: 'wntk-tan2021 (11)',
  run: whenWeighted(async ({ gramOf, few, layerWeights }) => {
    const other = layerWeights.map((_, l) => 1 + ((l * 7) % 5) / 3);
    const both = layerWeights.map((w, l) => 2 * w + other[l]!);
    const [a, b, c] = [
      await gramOf('wntk', { of: 'few' }),
      await gramOf('wntk', { layerWeights: other, of: 'few' }),
      await gramOf('wntk', { layerWeights: both, of: 'few' }),
    ];
    const sum = a.map((v, e) => 2 * v + b[e]!);
    return compareGrams('wntk', sum, c, few.n, allowed);
  }),
};

const sumOfLayers: Law = {
  name: 'sum over layers',
  checks: 'the weighted NTK is Σ μ_l Θ_l, with Θ_l from the layer-wise kernel and μ_l in the order of the layers',
  source: 'wntk-tan2021 (21)',
  run: whenWeighted(async ({ compile, gramOf, few, layerWeights }) => {
    const layers = await compile('layerwise');
    const inputs = await layers.prepare(few);
    const all: readonly [number, number] = [0, few.n];
    const thetas = await layers.tile({ a: inputs, aRows: all, b: inputs, bRows: all, symmetric: true });
    const wntk = await gramOf('wntk', { of: 'few' });
    // A symmetric tile holds only the entries on and above the diagonal.
    const sum = wntk.map((value, e) =>
      Math.floor(e / few.n) > e % few.n ? value : layerWeights.reduce((s, weight, l) => s + weight * thetas[l]![e]!, 0),
    );
    return compareGrams('wntk', sum, wntk, few.n, allowed);
  }),
};

const unitWeights: Law = {
  name: 'unit weights',
  checks: 'the weighted NTK with μ = 1 is the NTK',
  source: 'wntk-tan2021 (6), (11)',
  run: whenWeighted(async ({ gramOf, few, layerWeights }) => {
    const ones = layerWeights.map(() => 1);
    const [ntk, weighted] = [
      await gramOf('ntk', { of: 'few' }),
      await gramOf('wntk', { layerWeights: ones, of: 'few' }),
    ];
    return compareGrams('wntk', ntk, weighted, few.n, allowed);
  }),
};

export const weightedLaws: readonly Law[] = [linear, sumOfLayers, unitWeights];
