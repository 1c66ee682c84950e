/** Initial value problems y' = f(t, y) with error control: the pair of Dormand and Prince, of orders 5 and 4. */
import { NtkcError } from '../../errors.ts';

export interface OdeOptions {
  /** Bound on the error of one step: |error_i| <= tolerance · (|y_i| + floor_i). Default: 1e-10. */
  readonly tolerance?: number;
  /** floor[i]: the size below which component i counts as small; one number for all, or one a component. Default: 1. */
  readonly floor?: number | Float64Array;
  /** Steps are not made smaller than this, whatever their error: for a right-hand side that jumps. Default: 0. */
  readonly leastStep?: number;
  /** Steps, accepted or not, before giving up. Default: 100,000. */
  readonly maxSteps?: number;
}

export interface Solution {
  /** y at each of the requested times. */
  readonly states: readonly Float64Array[];
  readonly steps: number;
  /** Steps that were taken with a larger error than asked for, because of `leastStep`. */
  readonly forced: number;
}

/** Writes f(t, y) into `out`; must not keep or change y. */
export type Derivative = (t: number, y: Float64Array, out: Float64Array) => void;

/** Nodes and rows of the tableau; the last row is the step of order 5 itself, whose slope the next step starts with. */
const NODES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const ROWS = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** Step of order 5 minus step of order 4. */
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/**
 * y at `times` (ascending, from 0 on), from y(0) = start. Steps end exactly at the requested times, so what is
 * returned has order 5 and no interpolation error.
 * @throws NtkcError where the steps become too small or too many: a solution that runs away, or a stiff equation.
 * @derived J. R. Dormand, P. J. Prince, A family of embedded Runge-Kutta formulae, 1980; the tests measure its order
 */
export function integrate(
  f: Derivative,
  start: Float64Array,
  times: readonly number[],
  { tolerance = 1e-10, floor = 1, leastStep = 0, maxSteps = 100_000 }: OdeOptions = {},
): Solution {
  const floors = typeof floor === 'number' ? start.map(() => floor) : floor;
  const slopes = ROWS.map(() => new Float64Array(start.length));
  let y = start.slice();
  let trial = new Float64Array(start.length);
  let [t, h, steps, forced] = [0, 0, 0, 0];
  f(0, y, slopes[0]!);
  const states = times.map((end) => {
    if (h === 0) h = firstStep(y, slopes[0]!, floors, end);
    while (t < end) {
      const last = h >= (end - t) * (1 - 1e-12);
      const step = last ? end - t : h;
      const error = tryStep(f, t, step, y, trial, slopes, floors) / tolerance;
      const growth = Number.isNaN(error) ? 0.2 : Math.min(5, Math.max(0.2, 0.9 * error ** -0.2));
      const accepted = error <= 1 || step <= leastStep * (1 + 1e-9);
      steps += 1;
      if (accepted) {
        if (!(error <= 1)) forced += 1;
        t = last ? end : t + step;
        [y, trial] = [trial, y];
        [slopes[0], slopes[6]] = [slopes[6]!, slopes[0]!];
      }
      // A step cut short by a requested time says nothing against the longer one before it.
      h = Math.max(leastStep, last && accepted ? Math.max(h, step * growth) : step * growth);
      if (Number.isNaN(error) && accepted) throw tooHard(t, end, steps);
      if (steps > maxSteps || h < 1e-14 * end) throw tooHard(t, end, steps);
    }
    return y.slice();
  });
  return { states, steps, forced };
}

/** Writes y(t + h) into `trial`, its slope into slopes[6]; returns the largest |error_i| / (|y_i| + floor_i). */
function tryStep(
  f: Derivative,
  t: number,
  h: number,
  y: Float64Array,
  trial: Float64Array,
  slopes: readonly Float64Array[],
  floors: Float64Array,
): number {
  for (let stage = 1; stage < ROWS.length; stage++) {
    trial.set(y);
    ROWS[stage]!.forEach((weight, k) => {
      if (weight !== 0) addScaled(trial, h * weight, slopes[k]!);
    });
    f(t + h * NODES[stage]!, trial, slopes[stage]!);
  }
  let largest = 0;
  for (let i = 0; i < y.length; i++) {
    let error = 0;
    for (let k = 0; k < ERROR.length; k++) error += ERROR[k]! * slopes[k]![i]!;
    largest = Math.max(largest, Math.abs(h * error) / (Math.max(Math.abs(y[i]!), Math.abs(trial[i]!)) + floors[i]!));
  }
  return largest;
}

function addScaled(out: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = out[i]! + factor * values[i]!;
}

/** A hundredth of the time in which some component would change by its own size, at most all of `end`. */
function firstStep(y: Float64Array, slope: Float64Array, floors: Float64Array, end: number): number {
  const rate = y.reduce((most, value, i) => Math.max(most, Math.abs(slope[i]!) / (Math.abs(value) + floors[i]!)), 0);
  return Math.min(end, 0.01 / rate);
}

const tooHard = (t: number, end: number, steps: number) =>
  new NtkcError({
    what: `the equations cannot be integrated beyond t = ${t} (${steps} steps)`,
    where: `on the way to t = ${end}`,
    next: 'Ask for earlier times, or a larger tolerance; a kernel far from the scale of the targets makes them stiff.',
  });
