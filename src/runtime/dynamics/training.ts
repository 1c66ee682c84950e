/** What is trained, on what, and what comes out: the types and checks that all dynamics share. */
import { NtkcError } from '../../errors.ts';
import { sampleSize, sizeOf, type TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import type { Parameters } from '../empirical/index.ts';
import { requireFinite } from '../empirical/requireFinite.ts';

/** A finite network with one output, its initial parameters, and the samples that gradient flow fits. */
export interface Training {
  readonly program: TensorProgram;
  readonly parameters: Parameters;
  /** x[n d], row-major. */
  readonly x: Float64Array;
  /** y[n]. */
  readonly y: Float64Array;
  /** Samples that are watched but not trained on, [m d], row-major. */
  readonly test?: Float64Array;
}

/** Training samples first, then test samples: the order of all points of a trajectory. */
export interface Points {
  readonly x: Float64Array;
  readonly n: number;
  readonly points: number;
}

/** Outputs and kernel along gradient flow on L = 1/(2n) Σ (f(x_i) − y_i)², exact or approximated. */
export interface Trajectory {
  readonly times: readonly number[];
  /** f[t]: outputs at all points, [points]. */
  readonly f: readonly Float64Array[];
  /** kernel[t]: K_t at all pairs of points, [points points], row-major. */
  readonly kernel: readonly Float64Array[];
  /** Steps of the integrator; 0 where a closed form was used. */
  readonly steps: number;
  /** Steps whose error the integrator could not keep as small as asked: see `leastStep`. */
  readonly forced: number;
}

/** @throws NtkcError for a network with several outputs, and data that do not fit together or are not finite. */
export function pointsOf({ program, x, y, test = new Float64Array(0) }: Training): Points {
  const features = sampleSize(program);
  const outputs = sizeOf(program.nodes.at(-1)!);
  if (outputs !== 1) {
    throw new NtkcError({
      what: `the network has ${outputs} outputs`,
      expected: 'one: the hierarchy describes how a single output trains',
      next: 'Give the last layer the width 1.',
    });
  }
  const n = y.length;
  if (n === 0 || x.length !== n * features || test.length % features !== 0) {
    throw new NtkcError({
      what: `${x.length} and ${test.length} numbers as training and test samples, ${n} targets`,
      expected: `rows of ${features} numbers, one target for each training sample, at least one`,
    });
  }
  requireFinite(y, 'a target', 'Remove or replace such samples.');
  const all = new Float64Array(x.length + test.length);
  all.set(x);
  all.set(test, x.length);
  return { x: all, n, points: n + test.length / features };
}

/** @throws NtkcError unless times are numbers from 0 on, in ascending order, at least one; finite but where `infinite`. */
export function requireTimes(times: readonly number[], infinite = false): readonly number[] {
  const allowed = (t: number) => Number.isFinite(t) || (infinite && t === Number.POSITIVE_INFINITY);
  const wrong = times.findIndex((t, k) => !allowed(t) || t < (k === 0 ? 0 : times[k - 1]!));
  if (times.length > 0 && wrong < 0) return times;
  throw new NtkcError({
    what: times.length === 0 ? 'there are no times' : `the time ${times[wrong]}`,
    where: times.length === 0 ? 'times' : `times[${wrong}]`,
    expected: 'times from 0 on, in ascending order',
  });
}
