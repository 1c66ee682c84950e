/** What users can get wrong about finite networks and samples. */
import { NtkcError } from '../../errors.ts';
import { quantity } from '../../ir/einsum/plan/index.ts';
import { type HierarchyProgram, requireParameters } from '../../ir/hierarchy/index.ts';
import type { Parameters } from '../empirical/index.ts';

/** A finite network at given parameters, and samples. */
export interface HierarchySamples {
  /** One entry a parametrised layer: W[o i] row-major and b[o], before their scales. */
  readonly parameters: Parameters;
  /** [n features], row-major. */
  readonly x: Float64Array;
  readonly n: number;
  /** The output unit f. Default 0. */
  readonly output?: number;
}

/** @throws NtkcError naming what does not fit */
export function checkSamples({ network }: HierarchyProgram, samples: HierarchySamples): void {
  const { parameters, x, n, output = 0 } = samples;
  requireParameters(network, parameters);
  const [features, outputs] = [network.nodes[0]!.width, network.nodes.at(-1)!.width];
  if (!Number.isInteger(n) || n < 1 || x.length !== n * features)
    throw new NtkcError({
      what: `${x.length} numbers for ${n} samples`,
      where: 'x',
      expected: `samples of ${features} numbers`,
    });
  const odd = x.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new NtkcError({
      what: `an input is ${x[odd]}`,
      where: `x[${Math.floor(odd / features)}][${odd % features}]`,
      next: 'Remove or replace such samples.',
    });
  if (!Number.isInteger(output) || output < 0 || output >= outputs)
    throw new NtkcError({ what: `output ${output}`, expected: `a whole number from 0 to ${outputs - 1}` });
}

/** @throws NtkcError where weights are not one finite number for each tuple of the samples after the second */
export function checkWeights(weights: Float64Array, n: number, order: number): void {
  const shape = `[${Array.from({ length: order - 2 }, () => n).join(' ')}]`;
  if (order < 3)
    throw new NtkcError({ what: `nothing to contract in K${order}`, expected: 'order 3 or more', next: 'Use all().' });
  if (weights.length !== n ** (order - 2))
    throw new NtkcError({ what: `${weights.length} weights`, expected: `${shape} of them for K${order}` });
  const odd = weights.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw new NtkcError({ what: `a weight is ${weights[odd]}`, where: `entry ${odd}` });
}

/** @throws NtkcError where tuples are not lists of `order` indices of samples */
export function checkTuples(tuples: readonly (readonly number[])[], n: number, order: number): void {
  tuples.forEach((tuple, t) => {
    if (tuple.length !== order)
      throw new NtkcError({
        what: `a tuple of ${tuple.length} indices`,
        where: `tuples[${t}]`,
        expected: `${order} for K${order}`,
      });
    const odd = tuple.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= n);
    if (odd >= 0)
      throw new NtkcError({
        what: `there is no sample ${tuple[odd]}`,
        where: `tuples[${t}][${odd}]`,
        expected: `a whole number, 0 to ${n - 1}`,
      });
  });
}

/** @throws NtkcError where `bytes` is above the limit */
export function checkMemory(what: string, bytes: number, limitBytes: number): void {
  if (bytes <= limitBytes) return;
  throw new NtkcError({
    what: `${what} needs ${quantity(bytes, 'B')}`,
    expected: `at most ${quantity(limitBytes, 'B')}`,
    next: 'Allow more memory, or take fewer samples.',
  });
}
