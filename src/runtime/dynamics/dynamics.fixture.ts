/** Small training problems for the tests of this folder. */
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { initialise, normals } from '../empirical/index.ts';
import type { Training } from './training.ts';

/** Normal inputs, alternating targets ±1; `tests` points are not trained on. */
export function trainingOf(program: TensorProgram, n: number, seed: number, tests = 1): Training {
  const d = program.nodes[0]!.width;
  return {
    program,
    parameters: initialise(program, [seed, 0]),
    x: normals(n * d, 1, [seed, 1]),
    y: Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1)),
    test: normals(tests * d, 1, [seed, 2]),
  };
}

/** Largest |a − b|. */
export const distance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
