/** The loops of a contraction, loaded: imported by threads, so with no more than they need. */
import { erf } from '../../ir/gaussian/erf.ts';
import { orthantRemainder } from '../../ir/gaussian/orthant.ts';

/** What a thread needs: the problem, and the text of its loops. */
export interface LoopData {
  readonly kind: 'tuples';
  readonly n: number;
  readonly variances: Float64Array;
  readonly covariances: Float64Array;
  readonly gradients: Float64Array;
  readonly weights: Float64Array;
  readonly loops: readonly { readonly source: string; readonly heads: Int32Array }[];
}

/** Pairs (a, b) from..to of the heads of one loop: all tuples that begin with them. */
export interface Part {
  readonly loop: number;
  readonly from: number;
  readonly to: number;
}

/** What a part adds: its matrix M[n n], and its tuples that have a weight. */
export interface PartResult {
  readonly matrix: Float64Array;
  readonly tuples: number;
}

type Run = (heads: Int32Array, from: number, to: number, matrix: Float64Array) => number;

/** Runs parts. The text is ours: made from a program whose names and numbers are (decision 7). */
export function loadLoops(data: LoopData): (part: Part) => PartResult {
  const { n, variances, covariances, gradients, weights } = data;
  const counts = weights.map((v, k) => Number(v !== 0) + Number(weights[(k % n) * n + Math.floor(k / n)] !== 0));
  const loaded = new Map<number, Run>();
  const load = (loop: number): Run => {
    const text = `'use strict';\n${(data.loops[loop] as LoopData['loops'][number]).source}`;
    const make = new Function('n', 'q', 's', 'g', 'C', 'N', 'orthantRemainder', 'erf', text);
    return make(n, variances, covariances, gradients, weights, counts, orthantRemainder, erf) as Run;
  };
  return ({ loop, from, to }) => {
    const run = loaded.get(loop) ?? load(loop);
    loaded.set(loop, run);
    const matrix = new Float64Array(n * n);
    const tuples = run((data.loops[loop] as LoopData['loops'][number]).heads, from, to, matrix);
    return { matrix, tuples };
  };
}
