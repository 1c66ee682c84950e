import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { type Derivative, integrate } from './integrate.ts';

/** y' = 2 t y², y(0) = 1/4: y = 1/(4 − t²). Neither linear nor autonomous, so every entry of the tableau counts. */
const rational: Derivative = (t, y, out) => {
  out[0] = 2 * t * y[0]! ** 2;
};
const circle: Derivative = (_, y, out) => {
  out[0] = y[1]!;
  out[1] = -y[0]!;
};

describe('integrate', () => {
  it('has order 5: the error of one step falls like h^6', () => {
    const errorOf = (h: number) => {
      const { states, steps } = integrate(rational, Float64Array.of(0.25), [h], { tolerance: 1, floor: 1e6 });
      expect(steps).toBe(1);
      return Math.abs(states[0]![0]! - 1 / (4 - h * h));
    };
    // An order of 4 would show as 5; the next power of h moves these slopes by 0.05 and 0.01.
    const slopes = [0.2, 0.1].map((h) => Math.log2(errorOf(h) / errorOf(h / 2)));
    for (const slope of slopes) expect(Math.abs(slope - 6)).toBeLessThan(0.1);
  });

  it('keeps the error near what is asked for', () => {
    for (const tolerance of [1e-5, 1e-8, 1e-11]) {
      const { states, steps } = integrate(circle, Float64Array.of(0, 1), [5, 20], { tolerance });
      // The errors of all steps may add up: the flow of a rotation neither grows nor damps them.
      expect(Math.abs(states[0]![0]! - Math.sin(5))).toBeLessThan(2 * tolerance * steps);
      expect(Math.abs(states[1]![0]! - Math.sin(20))).toBeLessThan(2 * tolerance * steps);
    }
  });

  it('takes ten times the steps for an error 10^5 times smaller', () => {
    const stepsAt = (tolerance: number) => integrate(circle, Float64Array.of(0, 1), [200], { tolerance }).steps;
    const ratio = stepsAt(1e-12) / stepsAt(1e-7);
    expect(Math.abs(ratio - 10)).toBeLessThan(1);
  });

  it('ends steps at requested times, which may repeat and start at 0', () => {
    const seen: number[] = [];
    const clocked: Derivative = (t, y, out) => {
      seen.push(t);
      circle(t, y, out);
    };
    const { states } = integrate(clocked, Float64Array.of(0, 1), [0, 0.7, 0.7, 3]);
    expect(Array.from(states[0]!)).toEqual([0, 1]);
    expect(states[1]).toEqual(states[2]);
    expect(seen).toContain(0.7);
    expect(Math.max(...seen)).toBe(3);
  });

  it('goes from rest at once to the end', () => {
    const { states } = integrate((_, __, out) => out.fill(0), Float64Array.of(2), [1e6]);
    expect(Array.from(states[0]!)).toEqual([2]);
  });

  it('slides along a jump where steps have a least size', () => {
    // y' = −sign(y) stops at 0, in time 1, and stays there: no step passes the error test any more.
    const jump: Derivative = (_, y, out) => {
      out[0] = y[0]! > 0 ? -1 : 1;
    };
    const { states, steps, forced } = integrate(jump, Float64Array.of(1), [0.5, 2], { leastStep: 1e-3 });
    expect(states[0]![0]).toBeCloseTo(0.5, 12);
    expect(Math.abs(states[1]![0]!)).toBeLessThan(1e-3);
    expect(forced).toBeGreaterThan(100);
    expect(steps).toBeLessThan(3000);
    expect(integrate(circle, Float64Array.of(0, 1), [1], { leastStep: 1e-3 }).forced).toBe(0);
    // Whole numbers of least steps to the end, up to the rounding of their sum.
    for (const leastStep of [1 / 102, 1 / 103, 0.008])
      expect(integrate(jump, Float64Array.of(0), [1], { leastStep, maxSteps: 300 }).forced).toBeGreaterThan(0);
  });

  it('says where a solution runs away, and where steps run out', () => {
    const explosive: Derivative = (_, y, out) => {
      out[0] = y[0]! ** 2;
    };
    expect(() => integrate(explosive, Float64Array.of(1), [2])).toThrow(/cannot be integrated beyond t = 0\.99999/);
    const stiff: Derivative = (_, y, out) => {
      out[0] = -1e6 * y[0]!;
    };
    expect(() => integrate(stiff, Float64Array.of(1), [10], { maxSteps: 50 })).toThrow(NtkcError);
    expect(() => integrate((_, __, out) => out.fill(Number.NaN), Float64Array.of(1), [1])).toThrow(NtkcError);
  });
});
