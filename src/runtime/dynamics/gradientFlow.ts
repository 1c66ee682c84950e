/** Training of a finite network by gradient flow, as exactly as the integrator is told to. */
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import {
  addGradient,
  backward,
  empiricalNtk,
  forward,
  type LayerParameters,
  type Parameters,
} from '../empirical/index.ts';
import { integrate } from './integrate.ts';
import { pointsOf, requireTimes, type Training, type Trajectory } from './training.ts';

export interface GradientFlowOptions {
  /** Of one step of the integrator, relative to the size of a layer's parameters. Default: 1e-10. */
  readonly tolerance?: number;
  /** For activations with kinks, where a sample may slide along one and no step is small enough. Default: 0. */
  readonly leastStep?: number;
  /** Steps before giving up. Default: 100,000. */
  readonly maxSteps?: number;
}

/**
 * Outputs and exact empirical NTK of the network with parameters dθ/dt = −∇L, L = 1/(2n) Σ_i (f(x_i) − y_i)². With a
 * kinked activation the flow may hold a neuron at the kink of a sample: ask for a least step then.
 * @throws NtkcError for what `pointsOf` and `requireTimes` refuse, values that are not finite, equations too hard.
 * @eq lantk (1)
 */
export function gradientFlow(
  training: Training,
  times: readonly number[],
  options: GradientFlowOptions = {},
): Trajectory {
  requireTimes(times);
  const { program, y } = training;
  const all = pointsOf(training);
  const layout = layoutOf(training.parameters);
  const size = layout.at(-1)!.end;
  const start = new Float64Array(size);
  const floor = new Float64Array(size);
  for (const { values, from, end } of layout) {
    start.set(values, from);
    floor.fill(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1, from, end);
  }
  const derivative = (_: number, state: Float64Array, out: Float64Array) => {
    out.fill(0);
    addDescent(
      program,
      parametersIn(state, training.parameters),
      parametersIn(out, training.parameters),
      training.x,
      y,
    );
  };
  const { states, steps, forced } = integrate(derivative, start, times, { ...options, floor });
  const trained = states.map((state) => parametersIn(state, training.parameters));
  return {
    times,
    f: trained.map((parameters) => forward(program, parameters, all.x, all.points).at(-1)!),
    kernel: trained.map((parameters) => empiricalNtk(program, parameters, all.x, all.points).ntk),
    steps,
    forced,
  };
}

interface Part {
  readonly values: Float64Array;
  readonly from: number;
  readonly end: number;
}

/** Where W and b of each layer lie in one vector. */
function layoutOf(parameters: Parameters): readonly Part[] {
  let end = 0;
  return parameters
    .flatMap(({ W, b }) => (b === undefined ? [W] : [W, b]))
    .map((values) => {
      end += values.length;
      return { values, from: end - values.length, end };
    });
}

/** Views into one vector, of the shapes of `like`. */
function parametersIn(state: Float64Array, like: Parameters): Parameters {
  let at = 0;
  const take = (length: number) => {
    at += length;
    return state.subarray(at - length, at);
  };
  return like.map(({ W, b }): LayerParameters => {
    const weights = take(W.length);
    return b === undefined ? { W: weights } : { W: weights, b: take(b.length) };
  });
}

/** into += −∇L, by one forward and one backward pass. */
function addDescent(
  program: TensorProgram,
  parameters: Parameters,
  into: Parameters,
  x: Float64Array,
  y: Float64Array,
): void {
  const n = y.length;
  const activations = forward(program, parameters, x, n);
  const f = activations.at(-1)!;
  const cotangent = y.map((target, i) => (target - f[i]!) / n);
  const signals = backward(program, parameters, activations, cotangent);
  addGradient(program, into, activations, signals);
}
