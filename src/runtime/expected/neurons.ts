/** Batches of sampled neurons: imported by threads, so with no more than they need. */
import type { Rows } from '../../ir/expectation/index.ts';
import { erf } from '../../ir/gaussian/erf.ts';
import { orthogonalNormals } from './orthogonalNormals.ts';

/** What a thread needs to run batches. */
export interface NeuronData {
  readonly kind: 'neurons';
  readonly n: number;
  /** Neurons of a batch. */
  readonly size: number;
  readonly seed: number;
  readonly inputs: Rows;
  readonly gradients: Rows;
  readonly weights: Float64Array;
  readonly source: string;
}

/** Its mean over neurons, [n n]. */
export interface BatchResult {
  readonly matrix: Float64Array;
}

/** Runs batches by number, each with its own stream of neurons. The text is ours: see loadLoops. */
export function loadNeurons(data: NeuronData): (batch: number) => BatchResult {
  const { n, size, seed, inputs, gradients, weights, source } = data;
  const make = new Function('n', 'm', 'd', 'rows', 'weights', 'erf', `'use strict';\n${source}`);
  const sumOf = make(n, size, gradients.width, gradients.data, weights, erf) as (u: Float64Array) => Float64Array;
  return (batch) => {
    const z = orthogonalNormals(size, inputs.width, [seed, batch]);
    return { matrix: sumOf(preActivations(inputs, z, n, size)).map((v) => v / size) };
  };
}

/** u[a i] = Σ_k inputs[a k] · z[i k] */
function preActivations({ data, width }: Rows, z: Float64Array, n: number, size: number): Float64Array {
  const u = new Float64Array(n * size);
  for (let a = 0; a < n; a++)
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (data[a * width + k] as number) * (z[i * width + k] as number);
      u[a * size + i] = sum;
    }
  return u;
}
