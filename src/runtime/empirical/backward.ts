/** Reverse mode for a finite network: from cotangents of the output to a signal at every node. */
import { NtkcError } from '../../errors.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { activationOf } from './activation.ts';
import { type Activations, addTo, mapped } from './forward.ts';
import { addProduct } from './matmul.ts';
import type { Parameters } from './parameters.ts';

/** signals[i][r c] = ∂(Σ_o cotangent[r o] · output[r o]) / ∂(value of node i)[r c]: [copies · n, width of the node]. */
export type Signals = readonly Float64Array[];

/**
 * Signals of every node.
 * @param activations of `forward`, n rows each.
 * @param target one output unit, or a cotangent [copies · n, output width]: several copies of the batch go through
 * the network together, row r belonging to sample r mod n, so that a weight matrix is read once for all of them.
 */
export function backward(
  program: TensorProgram,
  parameters: Parameters,
  activations: Activations,
  target: number | Float64Array,
): Signals {
  const { nodes } = program;
  const n = activations[0]!.length / nodes[0]!.width;
  const last = nodes.length - 1;
  const width = nodes[last]!.width;
  const cotangent = typeof target === 'number' ? unitCotangents(width, n, [target]) : target;
  const rows = cotangent.length / width;
  if (rows === 0 || rows % n !== 0) {
    throw new NtkcError({ what: `a cotangent of ${cotangent.length} numbers`, expected: `a multiple of ${n * width}` });
  }
  const signals = nodes.map((node, index) => (index === last ? cotangent : new Float64Array(rows * node.width)));
  for (let index = last; index > 0; index--) propagate(index, program, parameters, activations, signals);
  return signals;
}

/** One copy of the batch for each unit in `outputs`: cotangent[(k n) o] = 1 where o = outputs[k], else 0. */
export function unitCotangents(width: number, n: number, outputs: readonly number[]): Float64Array {
  const cotangent = new Float64Array(outputs.length * n * width);
  outputs.forEach((output, k) => {
    if (!Number.isInteger(output) || output < 0 || output >= width) {
      throw new NtkcError({ what: `there is no output unit ${output}`, expected: `0 to ${width - 1}` });
    }
    for (let r = 0; r < n; r++) cotangent[(k * n + r) * width + output] = 1;
  });
  return cotangent;
}

/** Adds the signal of one node, complete by now, to those of the nodes it reads. */
function propagate(
  index: number,
  { nodes }: TensorProgram,
  parameters: Parameters,
  activations: Activations,
  signals: Signals,
): void {
  const node = nodes[index]!;
  const signal = signals[index]!;
  switch (node.kind) {
    case 'input':
      return;
    case 'dense':
      addProduct(
        signals[node.input]!,
        signal,
        parameters[node.layer]!.W,
        signal.length / node.width,
        node.width,
        node.fanIn,
        node.weightScale,
      );
      return;
    case 'elementwise': {
      const slopes = mapped(activations[node.input]!, activationOf(node.phi).derivative);
      const into = signals[node.input]!;
      for (let k = 0; k < into.length; k++) into[k] = into[k]! + signal[k]! * slopes[k % slopes.length]!;
      return;
    }
    case 'add':
      for (const input of node.inputs) addTo(signals[input]!, signal);
      return;
  }
}
