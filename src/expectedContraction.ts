import {
  type ContractionProblem,
  contractionProblem,
  type ExpectedOptions,
} from './derive/hierarchy/expected/index.ts';
import { NtkcError } from './errors.ts';
import type { Network } from './ir/arch/index.ts';
import { type ContractOptions, contract } from './runtime/expected/index.ts';

export interface ContractionOptions extends ExpectedOptions, ContractOptions {}

export interface ContractedExpectation {
  /** Row-major [n n], symmetric. */
  readonly values: Float64Array;
  /** Tuples left out because their inputs coincide (coincident: "exclude"), of those whose weight is not zero. */
  readonly excluded: number;
}

/**
 * M[α β] = Σ_γξ C[γ ξ] · width · E K_4(α, β, γ, ξ) over the initialisation of a network of two layers, without sampling, in
 * memory O(n²). Where the expectation has a closed form (see expectedHierarchy), about 1 µs a set of four inputs and core:
 * n⁴/24 sets. By quadrature, for other smooth formulas, tens of ms a set: sampledContraction is for those.
 *
 * @param x n inputs, rows of equal length
 * @param weights C, row-major [n n]; tuples of weight zero are not looked at
 * @throws NtkcError as expectedHierarchy does; the signal's reason
 */
export async function expectedContraction(
  network: Network,
  x: readonly ArrayLike<number>[],
  weights: ArrayLike<number>,
  options: ContractionOptions = {},
): Promise<ContractedExpectation> {
  const n = x.length;
  const problem = contractionProblem(network, x, Float64Array.from(weights), options);
  const { live, tuples, contraction } = problem;
  if (contraction === undefined) return { values: await oneByOne(problem, n, weights, options), excluded: 0 };
  const found = await contract(contraction, options);
  const values = new Float64Array(n * n);
  live.forEach((i, row) => {
    live.forEach((j, column) => {
      values[i * n + j] = found.matrix[row * live.length + column] as number;
    });
  });
  const hasGaps = contraction.sums.some(({ range }) => range.kind === 'distinct');
  return { values: finite(values, n), excluded: hasGaps ? tuples - found.tuples : 0 };
}

/** Set by set, each expectation by quadrature. */
async function oneByOne(
  { fresh }: ContractionProblem,
  n: number,
  weights: ArrayLike<number>,
  { onProgress, signal }: ContractionOptions,
): Promise<Float64Array> {
  const values = new Float64Array(n * n);
  const add = (i: number, j: number, value: number) => {
    values[i * n + j] = (values[i * n + j] as number) + value;
  };
  const total = (n * (n + 1) * (n + 2) * (n + 3)) / 24;
  let done = 0;
  for (let a = 0; a < n; a++)
    for (let b = a; b < n; b++)
      for (let c = b; c < n; c++) {
        signal?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 0));
        const kernel = fresh();
        for (let d = c; d < n; d++)
          for (const [i, j, k, l] of orders([a, b, c, d])) {
            const weight = weights[k * n + l] as number;
            if (weight !== 0) add(i, j, weight * kernel([i, j, k, l]));
          }
        done += n - c;
        onProgress?.(done, total);
      }
  return finite(values, n);
}

type Four = readonly [number, number, number, number];

/** The different orders of four inputs. */
function orders(set: Four): readonly Four[] {
  const found = new Map<string, Four>();
  for (const i of set.keys())
    for (const j of set.keys())
      for (const k of set.keys()) {
        if (i === j || i === k || j === k) continue;
        const order = [i, j, k, 6 - i - j - k].map((at) => set[at]) as unknown as Four;
        found.set(order.join(), order);
      }
  return [...found.values()];
}

function finite(values: Float64Array, n: number): Float64Array {
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return values;
  throw new NtkcError({
    what: `Σ C · E K4 is ${values[at]}`,
    where: `inputs ${Math.floor(at / n)} and ${at % n}`,
    expected: 'finite numbers',
    next: 'Use smaller inputs, weights or wStd.',
  });
}
