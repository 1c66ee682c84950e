/** Terms at given parameters and samples, in float64. It has a forward pass of its own: a second opinion on the runtime's. */
import { NtkcError } from '../../../errors.ts';
import {
  contractionEvaluator,
  type EinsumScope,
  type Factor,
  headKey,
  type Tensor,
  type Term,
} from '../../../ir/einsum/index.ts';
import {
  activationNodes,
  type DenseNode,
  denseLayers,
  type ElementwiseNode,
  type LayerArrays,
  numberOf,
  requireParameters,
} from '../../../ir/hierarchy/index.ts';
import { compileScalar, derivative, type Expr } from '../../../ir/scalar/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';

/**
 * Σ coefficient · Π weightScale^power · Π contractions.
 * @param x the samples, each [features]
 * @param tuple one index into x for each sample of the kernel
 * @throws NtkcError where shapes or indices do not fit, or the value is not finite
 */
export function evaluateTerms(
  terms: readonly Term[],
  program: TensorProgram,
  parameters: readonly LayerArrays[],
  x: readonly ArrayLike<number>[],
  tuple: readonly number[],
  output: number,
): number {
  requireParameters(program, parameters);
  const outputs = program.nodes.at(-1)!.width;
  if (!Number.isInteger(output) || output < 0 || output >= outputs)
    throw new NtkcError({ what: `output ${output}`, expected: `a whole number from 0 to ${outputs - 1}` });
  const samples = tuple.map((index, at) => sampleAt(x, index, at, program.nodes[0]!.width));
  const contract = contractionEvaluator(scopeOf(program, parameters, samples, output));
  const known = new Map<number, number>();
  const scales = denseLayers(program).map(({ weightScale }) => weightScale);
  let sum = 0;
  for (const { coefficient, powers, contractions } of terms) {
    let value = powers.reduce((product, power, l) => product * scales[l]! ** power, coefficient);
    for (const { id, factors } of contractions) {
      const contraction = known.get(id) ?? contract(factors);
      known.set(id, contraction);
      value *= contraction;
    }
    sum += value;
  }
  if (Number.isFinite(sum)) return sum;
  throw new NtkcError({
    what: `the kernel at tuple [${tuple}] is ${sum}`,
    next: 'Check where the activations and their derivatives are defined, and the scale of inputs and parameters.',
  });
}

/** Every index has one more place than its layer has neurons: that of the bias, zero but in the inputs of layers. */
function scopeOf(
  program: TensorProgram,
  parameters: readonly LayerArrays[],
  samples: readonly Float64Array[],
  output: number,
): EinsumScope {
  const values = samples.map((sample) => forwardPass(program, parameters, sample));
  const dense = denseLayers(program);
  const activations = activationNodes(program).map((at) => program.nodes[at] as ElementwiseNode);
  const make = ({ tensor, derivative: p, sample }: Factor): Tensor => {
    const number = numberOf(tensor);
    if (tensor.startsWith('W')) return paddedMatrix(dense[number]!, parameters[number]!.W);
    if (tensor.startsWith('u') || tensor.startsWith('h')) {
      const { input, bias, weightScale } = dense[number]!;
      const last = bias === undefined || tensor.startsWith('h') ? 0 : bias.scale / weightScale;
      return padded(values[sample]![input]!, last);
    }
    if (!tensor.startsWith('s')) throw new Error(`ntkc bug: explicit hierarchy: no value for ${tensor}`);
    const { input, phi } = activations[number]!;
    return padded(mapped(values[sample]![input]!, derivative(phi, 'x', p)), 0);
  };
  const known = new Map<string, Tensor>();
  const tensor = (factor: Factor): Tensor => {
    const key = headKey(factor);
    const value = known.get(key) ?? make(factor);
    known.set(key, value);
    return value;
  };
  return { tensor, free: () => output };
}

function padded(values: Float64Array, last: number): Tensor {
  const data = new Float64Array(values.length + 1);
  data.set(values);
  data[values.length] = last;
  return { shape: [data.length], data };
}

// [o i] -> [o+1 i+1]
function paddedMatrix({ width, fanIn }: DenseNode, W: Float64Array): Tensor {
  const data = new Float64Array((width + 1) * (fanIn + 1));
  for (let o = 0; o < width; o++) data.set(W.subarray(o * fanIn, (o + 1) * fanIn), o * (fanIn + 1));
  return { shape: [width + 1, fanIn + 1], data };
}

function forwardPass(
  program: TensorProgram,
  parameters: readonly LayerArrays[],
  sample: Float64Array,
): readonly Float64Array[] {
  const values: Float64Array[] = [];
  for (const node of program.nodes) values.push(nodeValue(node, values, parameters, sample));
  return values;
}

function nodeValue(
  node: TensorNode,
  values: readonly Float64Array[],
  parameters: readonly LayerArrays[],
  sample: Float64Array,
): Float64Array {
  switch (node.kind) {
    case 'input':
      return sample;
    case 'elementwise':
      return mapped(values[node.input]!, node.phi);
    case 'add':
      return new Float64Array(node.width).map((_, i) =>
        node.inputs.reduce((sum, input) => sum + values[input]![i]!, 0),
      );
    case 'dense': {
      const h = values[node.input]!;
      const { W, b } = parameters[node.layer]!;
      return new Float64Array(node.width).map((_, o) => {
        const row = W.subarray(o * node.fanIn, (o + 1) * node.fanIn);
        const bias = node.bias === undefined ? 0 : node.bias.scale * b![o]!;
        return node.weightScale * row.reduce((sum, w, i) => sum + w * h[i]!, 0) + bias;
      });
    }
    default:
      throw new Error(`ntkc bug: ${node.kind} passed as known at the explicit level`);
  }
}

function mapped(values: Float64Array, phi: Expr): Float64Array {
  const f = compileScalar(phi, ['x']);
  return values.map((value) => f(value));
}

function sampleAt(x: readonly ArrayLike<number>[], index: number, at: number, features: number): Float64Array {
  const sample = Number.isInteger(index) ? x[index] : undefined;
  if (sample === undefined)
    throw new NtkcError({
      what: `index ${index} into ${x.length} samples`,
      where: `tuple[${at}]`,
      expected: `a whole number from 0 to ${x.length - 1}`,
    });
  if (sample.length !== features)
    throw new NtkcError({ what: `${sample.length} numbers`, where: `x[${index}]`, expected: `${features} features` });
  const numbers = Float64Array.from(sample);
  if (numbers.every(Number.isFinite)) return numbers;
  throw new NtkcError({
    what: 'an input is not a finite number',
    where: `x[${index}]`,
    next: 'Remove or replace such samples.',
  });
}
