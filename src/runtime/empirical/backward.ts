/** Reverse mode for a finite network: from cotangents of the output to a signal at every node. */
import { NtkcError } from '../../errors.ts';
import type { TensorNode, TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { activationOf } from './activation.ts';
import { type Activations, addTo, mapped, productOf, spread } from './forward.ts';
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
      addScaled(signals[node.input]!, signal, slopes);
      return;
    }
    case 'add':
      for (const input of node.inputs) addTo(signals[input]!, signal);
      return;
    case 'multiply':
      node.inputs.forEach((input, i) => {
        const others = node.inputs.filter((_, j) => j !== i).map((other) => activations[other]!);
        addScaled(signals[input]!, signal, productOf(others));
      });
      return;
    case 'concat':
      addParts(partsOf(node, nodes, signals), signal, node.width);
      return;
    case 'mean':
      addTo(signals[node.input]!, spread(signal, node.width));
      return;
    case 'mask':
      return;
  }
}

/** into += signal ∘ factor, the factor [n, width] the same for every copy of the batch. */
function addScaled(into: Float64Array, signal: Float64Array, factor: Float64Array): void {
  for (let k = 0; k < into.length; k++) into[k] = into[k]! + signal[k]! * factor[k % factor.length]!;
}

interface Part {
  readonly into: Float64Array;
  readonly width: number;
}

/** The signals of what a concatenation reads. */
export const partsOf = (
  { inputs }: Extract<TensorNode, { kind: 'concat' }>,
  nodes: readonly TensorNode[],
  signals: Signals,
): readonly Part[] => inputs.map((input) => ({ into: signals[input]!, width: nodes[input]!.width }));

/** Each part of the rows of `signal` to its own array: what concatenation does, transposed. */
export function addParts(parts: readonly Part[], signal: Float64Array, width: number): void {
  let from = 0;
  for (const part of parts) {
    for (let k = 0; k < part.into.length; k++)
      part.into[k] = part.into[k]! + signal[Math.floor(k / part.width) * width + from + (k % part.width)]!;
    from += part.width;
  }
}
