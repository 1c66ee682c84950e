import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { empiricalNtk, forward, type Parameters } from '../empirical/index.ts';
import { mlp, residual } from '../empirical/programs.fixture.ts';
import { distance, trainingOf } from './dynamics.fixture.ts';
import { gradientFlow } from './gradientFlow.ts';
import { pointsOf, type Training } from './training.ts';

const lossOf = (f: Float64Array, y: Float64Array) =>
  y.reduce((sum, target, i) => sum + (f[i]! - target) ** 2, 0) / (2 * y.length);

/** Outputs at the training points after `steps` of gradient descent up to time t; gradients by central differences of the loss. */
function descended({ program, parameters, x, y }: Training, t: number, steps: number): Float64Array {
  const moving = parameters.map(({ W, b }) => (b === undefined ? { W: W.slice() } : { W: W.slice(), b: b.slice() }));
  const arrays = moving.flatMap((layer) => ('b' in layer ? [layer.W, layer.b] : [layer.W])) as Float64Array[];
  const loss = () => lossOf(forward(program, moving as Parameters, x, y.length).at(-1)!, y);
  const h = 1e-5;
  for (let step = 0; step < steps; step++) {
    const gradients = arrays.map((values) =>
      values.map((value, k) => {
        const at = (shift: number) => {
          values[k] = value + shift;
          return loss();
        };
        const difference = (at(h) - at(-h)) / (2 * h);
        values[k] = value;
        return difference;
      }),
    );
    arrays.forEach((values, a) => {
      values.forEach((value, k) => {
        values[k] = value - (t / steps) * gradients[a]![k]!;
      });
    });
  }
  return forward(program, moving as Parameters, x, y.length).at(-1)!;
}

describe('gradientFlow', () => {
  it('of f = a w x with a = w is the logistic curve', () => {
    // u = a w: u' = 2x u (y − u x), so u = (y/x)/(1 + (y/(x u_0) − 1) e^{−2xyt}), and K = x² (a² + w²) = 2 x² u.
    const program = mlp({ widths: [1, 1, 1], phi: 'x' });
    const [x, y, root] = [1.3, 0.8, 0.2];
    const times = [0, 0.5, 2, 5, 20];
    const parameters = [{ W: Float64Array.of(root) }, { W: Float64Array.of(root) }];
    const flow = gradientFlow({ program, parameters, x: Float64Array.of(x), y: Float64Array.of(y) }, times);
    times.forEach((t, k) => {
      const u = y / x / (1 + (y / (x * root * root) - 1) * Math.exp(-2 * x * y * t));
      // 1e-10 a step, some dozens of steps.
      expect(flow.f[k]![0]! / (u * x)).toBeCloseTo(1, 8);
      expect(flow.kernel[k]![0]! / (2 * x * x * u)).toBeCloseTo(1, 8);
    });
  });

  it.each([
    ['two layers with biases', mlp({ widths: [2, 3, 1], phi: 'tanh(x)', bStd: 0.5 })],
    [
      'three layers, standard parameterization',
      mlp({ widths: [2, 3, 3, 1], phi: 'erf(x)', bStd: 0.3, standard: true }),
    ],
  ])('is the limit of gradient descent with small steps: %s', (_, program) => {
    const training = trainingOf(program, 3, 5);
    const flow = gradientFlow(training, [1]).f[0]!.subarray(0, 3);
    const [coarse, fine] = [64, 128].map((steps) => distance(descended(training, 1, steps), flow));
    // Euler's method has order 1; its step of 1/64 is fine enough for the next order to move the ratio by some percent.
    expect(Math.abs(coarse! / fine! - 2)).toBeLessThan(0.1);
    expect(fine!).toBeLessThan(0.01);
    expect(fine!).toBeGreaterThan(1e-8);
  });

  it('starts at the network as it is, test points last', () => {
    const training = trainingOf(mlp({ widths: [3, 8, 1], phi: 'sin(x)', bStd: 0.2 }), 4, 1, 2);
    const { x, points } = pointsOf(training);
    const { f, kernel } = gradientFlow(training, [0, 1]);
    expect(points).toBe(6);
    expect(f[0]).toEqual(forward(training.program, training.parameters, x, points).at(-1)!);
    expect(kernel[0]).toEqual(empiricalNtk(training.program, training.parameters, x, points).ntk);
    expect(distance(kernel[0]!, kernel[1]!)).toBeGreaterThan(1e-3);
  });

  it('decreases the loss, whatever the network', () => {
    const phi = fc.constantFrom('tanh(x)', 'erf(x)', 'sin(2*x)', 'x^2/2');
    const widths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(phi, widths, fc.integer({ min: 0, max: 1e6 }), (formula, hidden, seed) => {
        // Squares of squares make kernels so large that their flow is stiff, and refused.
        const layers = formula === 'x^2/2' ? hidden.slice(0, 1) : hidden;
        const training = trainingOf(mlp({ widths: [2, ...layers, 1], phi: formula, bStd: 0.4 }), 3, seed);
        const { f } = gradientFlow(training, [0, 0.01, 0.1, 0.5, 1, 3], { tolerance: 1e-7 });
        const losses = f.map((outputs) => lossOf(outputs, training.y));
        losses.slice(1).forEach((loss, k) => {
          expect(loss).toBeLessThanOrEqual(losses[k]! * (1 + 1e-6));
        });
      }),
      { numRuns: 25 },
    );
  });

  it('lets neurons slide along the kinks of a rectifier', () => {
    // Found by chance: from t = 1.27 on a neuron is held at the kink of a sample, and no step passes the error test.
    const training = trainingOf(mlp({ widths: [2, 2, 2, 1, 1], phi: 'max(x, 0)', bStd: 0.4 }), 3, 591999);
    expect(() => gradientFlow(training, [3], { tolerance: 1e-7, maxSteps: 2000 })).toThrow(/cannot be integrated/);
    const sliding = (leastStep: number) => gradientFlow(training, [1, 2, 3], { tolerance: 1e-7, leastStep });
    const [coarse, fine, finest] = [4e-3, 2e-3, 1e-4].map(sliding);
    expect(fine!.forced).toBeGreaterThan(0);
    const losses = finest!.f.map((outputs) => lossOf(outputs, training.y));
    expect(losses[1]!).toBeLessThan(losses[0]!);
    expect(losses[2]!).toBeLessThan(losses[1]!);
    // The motion along the kink is right on average, to first order in the step.
    for (const flow of [coarse!, fine!]) expect(distance(flow.f[2]!, finest!.f[2]!)).toBeLessThan(1e-2);
  });

  it('refuses several outputs, missing data and bad times', () => {
    const training = trainingOf(mlp({ widths: [2, 3, 1], phi: 'tanh(x)' }), 3, 1);
    expect(() => gradientFlow(trainingOf(residual(2, 3, 'tanh(x)'), 3, 1), [1])).toThrow(/2 outputs/);
    expect(() => gradientFlow({ ...training, y: Float64Array.of(1) }, [1])).toThrow(/one target for each/);
    expect(() => gradientFlow({ ...training, test: Float64Array.of(1) }, [1])).toThrow(/rows of 2 numbers/);
    expect(() => gradientFlow({ ...training, y: training.y.map(() => Number.NaN) }, [1])).toThrow(/not finite/);
    for (const times of [[], [1, 0.5], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]])
      expect(() => gradientFlow(training, times)).toThrow(/time/);
  });
});
