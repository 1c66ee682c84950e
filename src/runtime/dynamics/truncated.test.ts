import { describe, expect, it } from 'vitest';
import { mlp, residual } from '../empirical/programs.fixture.ts';
import { distance, trainingOf } from './dynamics.fixture.ts';
import { finiteTimeKernel } from './finiteTime.ts';
import { gradientFlow } from './gradientFlow.ts';
import { hierarchyStart } from './start.ts';
import type { Trajectory } from './training.ts';
import { truncatedHierarchy } from './truncated.ts';

const errorsOf = (flow: Trajectory, approximation: Trajectory, which: 'f' | 'kernel') =>
  flow[which].map((values, k) => distance(values, approximation[which][k]!));

/** d log error / d log t between the two times. */
const slope = ([early, late]: readonly number[], [t, u]: readonly number[]) =>
  Math.log(late! / early!) / Math.log(u! / t!);

describe('truncatedHierarchy', () => {
  it('is exact at every order for a network linear in its parameters', () => {
    const training = trainingOf(mlp({ widths: [3, 1], phi: 'x', bStd: 0.5 }), 3, 1);
    const times = [0.5, 2, 10];
    const start = hierarchyStart(training, 4);
    const flow = gradientFlow(training, times);
    const approximations = [2, 3, 4].map((order) => truncatedHierarchy(start, times, { order }));
    for (const approximation of [...approximations, finiteTimeKernel(start, times)])
      for (const which of ['f', 'kernel'] as const)
        for (const error of errorsOf(flow, approximation, which)) expect(error).toBeLessThan(1e-8);
  });

  it.each([
    ['two layers', mlp({ widths: [2, 4, 1], phi: 'erf(x)' })],
    ['three layers with biases', mlp({ widths: [2, 3, 3, 1], phi: 'tanh(x)', bStd: 0.4 })],
    ['two layers, standard parameterization', mlp({ widths: [2, 4, 1], phi: 'sin(x)', bStd: 0.3, standard: true })],
  ])('misses the kernel by t^(r−1) and the outputs by t^r when cut at K_r: %s', (_, program) => {
    const training = trainingOf(program, 3, 3);
    const times = [0.02, 0.04];
    const start = hierarchyStart(training, 5);
    const flow = gradientFlow(training, times, { tolerance: 1e-14 });
    for (const order of [2, 3, 4, 5]) {
      const cut = truncatedHierarchy(start, times, { order, tolerance: 1e-14 });
      // The next power of t moves a slope by about t times a constant. Below 1e-13 there is only rounding.
      expect(Math.abs(slope(errorsOf(flow, cut, 'kernel'), times) - (order - 1))).toBeLessThan(0.15);
      const outputs = errorsOf(flow, cut, 'f');
      if (outputs[0]! > 1e-12) expect(Math.abs(slope(outputs, times) - order)).toBeLessThan(0.15);
      else expect(order).toBeGreaterThanOrEqual(5);
    }
  });

  it('takes branches, and has the order of its last kernel by default', () => {
    const program = residual(2, 3, 'tanh(x)');
    const nodes = program.nodes.map((node, k) => (k === program.nodes.length - 1 ? { ...node, width: 1 } : node));
    const training = trainingOf({ ...program, nodes }, 2, 3);
    const start = hierarchyStart(training, 3);
    const flow = gradientFlow(training, [0.01, 0.02], { tolerance: 1e-13 });
    const cut = truncatedHierarchy(start, [0.01, 0.02]);
    expect(Math.abs(slope(errorsOf(flow, cut, 'kernel'), [0.01, 0.02]) - 2)).toBeLessThan(0.1);
  });

  it('at order 2 is kernel gradient descent with the kernel held fixed', () => {
    const times = [0, 0.3, 3, 30];
    const start = hierarchyStart(trainingOf(mlp({ widths: [3, 9, 1], phi: 'tanh(x)' }), 4, 2, 2), 4);
    const frozen = truncatedHierarchy(start, times, { order: 2 });
    const closed = finiteTimeKernel(start, times);
    for (const error of errorsOf(closed, frozen, 'f')) expect(error).toBeLessThan(1e-8);
    for (const kernel of frozen.kernel) expect(kernel).toEqual(frozen.kernel[0]);
  });
});

describe('hierarchyStart', () => {
  it('refuses orders and sizes beyond use, and truncation beyond its kernels', () => {
    const training = trainingOf(mlp({ widths: [2, 3, 1], phi: 'tanh(x)' }), 3, 1);
    for (const order of [1, 9, 2.5]) expect(() => hierarchyStart(training, order)).toThrow(/2 to 8/);
    expect(() => hierarchyStart(training, 4, { maxValues: 89 })).toThrow(/K4 of 4 points, 3 of them .* 90 values/);
    const start = hierarchyStart(training, 3);
    for (const order of [1, 4]) expect(() => truncatedHierarchy(start, [1], { order })).toThrow(/2 to 3/);
    expect(() => finiteTimeKernel(start, [1])).toThrow(/K2, K3 and K4/);
  });
});
