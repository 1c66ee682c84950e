/** Gradients of a finite network as parameters, by plain reverse mode, and moves along them. */
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { addGradient, backward, forward, type Parameters, zeroParameters } from '../../runtime/empirical/index.ts';

/** ∇f of the first output in the raw parameters, by reverse mode. */
export function gradientAt(program: TensorProgram, parameters: Parameters, sample: Float64Array): Parameters {
  const activations = forward(program, parameters, sample, 1);
  const gradient = zeroParameters(program);
  addGradient(program, gradient, activations, backward(program, parameters, activations, 0));
  return gradient;
}

/** θ + step · direction. */
export function moved(parameters: Parameters, direction: Parameters, step: number): Parameters {
  const add = (values: Float64Array, slopes: Float64Array) => values.map((value, k) => value + step * slopes[k]!);
  return parameters.map(({ W, b }, l) => {
    const slope = direction[l]!;
    const there = add(W, slope.W);
    return b === undefined || slope.b === undefined ? { W: there } : { W: there, b: add(b, slope.b) };
  });
}

/** How fast a step along `direction` changes the weights of a layer, relative to their size: the fastest layer. */
export function changeRate(parameters: Parameters, direction: Parameters): number {
  const size = (values: Float64Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return Math.max(0, ...parameters.map(({ W }, l) => size(direction[l]!.W) / (size(W) || 1)));
}
