/**
 * Empirical kernels of one finite network by the structured product: never a Jacobian.
 * With n samples and L layers of width m this costs L passes over the weights and O(L n² m), all in float64.
 */
import { NtkcError } from '../../errors.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { backward, type Signals, unitCotangents } from './backward.ts';
import { type Activations, addTo, forward, SCALE_ADVICE } from './forward.ts';
import { multiplyTransposed } from './matmul.ts';
import { type DenseNode, denseNodes, type Parameters } from './parameters.ts';
import type { Seed } from './random.ts';
import { requireFinite } from './requireFinite.ts';

export interface EmpiricalNtk {
  /** ntk[n1 n2] = Σ_l layers[l]. */
  readonly ntk: Float64Array;
  /** layers[l][n1 n2] = Θ_l: the part of the parameters of layer l. */
  readonly layers: readonly Float64Array[];
}

export interface NtkOptions {
  /** Average Θ_oo over these output units. Default: all units if there are at most 4, else the first 4. */
  readonly outputs?: readonly number[];
  /** Seed of the masks of the pass (dropout); without one each mask is its mean, 1. */
  readonly noise?: Seed;
}

/** The two sides of the kernel as rows of one batch: samples 0 .. n1 − 1, and n2 samples from `offset` on. */
export interface Sides {
  readonly n: number;
  readonly n1: number;
  readonly n2: number;
  readonly offset: number;
}

export const sameSides = (n: number): Sides => ({ n, n1: n, n2: n, offset: 0 });

/**
 * The empirical NTK and its layer-wise parts, [n1, n2], with respect to the raw parameters W and b.
 * Without x2 it is square, over x1, and exactly symmetric.
 * @throws NtkcError where an input has the wrong length, an output unit does not exist, or a value is not finite.
 * @eq wntk-tan2021 (5)
 */
export function empiricalNtk(
  program: TensorProgram,
  parameters: Parameters,
  x1: Float64Array,
  n1: number,
  x2?: Float64Array,
  n2?: number,
  options: NtkOptions = {},
): EmpiricalNtk {
  const { activations, sides } = forwardBoth(program, parameters, x1, n1, x2, n2, options.noise);
  return ntkOf(program, parameters, activations, sides, options);
}

/**
 * The empirical NNGP kernel, [n1, n2]: the mean of f_o(x) f_o(x') over all output units o.
 * @derived the sample mean of the expectation that defines the NNGP
 */
export function empiricalNngp(
  program: TensorProgram,
  parameters: Parameters,
  x1: Float64Array,
  n1: number,
  x2?: Float64Array,
  n2?: number,
  { noise }: Pick<NtkOptions, 'noise'> = {},
): Float64Array {
  const { activations, sides } = forwardBoth(program, parameters, x1, n1, x2, n2, noise);
  return nngpOf(program, activations, sides);
}

/**
 * Σ_l layerWeights[l] · layers[l]: the weighted NTK.
 * @eq wntk-tan2021 Theorem 1
 */
export function weightedNtk(layers: readonly Float64Array[], layerWeights: readonly number[]): Float64Array {
  if (layerWeights.length !== layers.length || !layerWeights.every(Number.isFinite)) {
    throw new NtkcError({
      what: `layer weights [${layerWeights.join(', ')}]`,
      expected: `${layers.length} finite numbers, one for each layer with parameters`,
    });
  }
  const total = new Float64Array(layers[0]?.length ?? 0);
  layers.forEach((layer, l) => {
    for (let k = 0; k < total.length; k++) total[k] = total[k]! + layerWeights[l]! * layer[k]!;
  });
  return requireFinite(total, 'the weighted NTK of the finite network', 'Take smaller layer weights.');
}

/** The NNGP kernel from a forward pass already made. */
export function nngpOf(program: TensorProgram, activations: Activations, sides: Sides): Float64Array {
  const width = program.nodes.at(-1)!.width;
  const nngp = gramBlock(activations.at(-1)!, width, sides, 0, 1 / width);
  return requireFinite(nngp, 'the NNGP kernel of the finite network', SCALE_ADVICE);
}

/** The NTK from a forward pass already made. */
export function ntkOf(
  program: TensorProgram,
  parameters: Parameters,
  activations: Activations,
  sides: Sides,
  { outputs }: NtkOptions,
): EmpiricalNtk {
  const width = program.nodes.at(-1)!.width;
  const units = outputs ?? Array.from({ length: Math.min(width, 4) }, (_, o) => o);
  if (units.length === 0) throw new NtkcError({ what: 'no output units', expected: 'at least one' });
  const signals = backward(program, parameters, activations, unitCotangents(width, sides.n, units));
  const layers = denseNodes(program).map((node) =>
    layerNtk(node, program.nodes.indexOf(node), activations, signals, sides, units.length),
  );
  const ntk = new Float64Array(sides.n1 * sides.n2);
  for (const layer of layers) addTo(ntk, layer);
  return { ntk: requireFinite(ntk, 'the NTK of the finite network', SCALE_ADVICE), layers };
}

/**
 * Θ_l = mean over the copies c of (weightScale² A Aᵀ + biasScale²) ∘ (B_c B_cᵀ), A the inputs of the layer and B_c
 * the signals of its output: ∂f/∂W[o i] = weightScale · B[o] A[i] and ∂f/∂b[o] = biasScale · B[o].
 * @derived from the chain rule, as written; held against finite differences over every parameter
 */
function layerNtk(
  node: DenseNode,
  index: number,
  activations: Activations,
  signals: Signals,
  sides: Sides,
  copies: number,
): Float64Array {
  const inputs = gramBlock(activations[node.input]!, node.fanIn, sides, 0, node.weightScale ** 2);
  const signalGram = new Float64Array(inputs.length);
  for (let copy = 0; copy < copies; copy++) {
    addTo(signalGram, gramBlock(signals[index]!, node.width, sides, copy * sides.n, 1 / copies));
  }
  const biasPart = node.bias === undefined ? 0 : node.bias.scale ** 2;
  return inputs.map((value, k) => (value + biasPart) * signalGram[k]!);
}

/** out[n1 n2] = scale · Σ_c v[n1 c] v[n2 c], over the two sides of the copy of the batch that starts at `row`. */
function gramBlock(values: Float64Array, width: number, sides: Sides, row: number, scale: number): Float64Array {
  const rowsFrom = (start: number, count: number) => values.subarray(start * width, (start + count) * width);
  const left = rowsFrom(row, sides.n1);
  const right = rowsFrom(row + sides.offset, sides.n2);
  return multiplyTransposed(left, right, sides.n1, sides.n2, width, scale);
}

/** One forward pass over x1, or over x1 followed by x2. */
function forwardBoth(
  program: TensorProgram,
  parameters: Parameters,
  x1: Float64Array,
  n1: number,
  x2?: Float64Array,
  n2 = 0,
  noise?: Seed,
): { readonly activations: Activations; readonly sides: Sides } {
  if (x2 === undefined) return { activations: forward(program, parameters, x1, n1, noise), sides: sameSides(n1) };
  const width = program.nodes[0]!.width;
  if (x1.length !== n1 * width || x2.length !== n2 * width || n1 < 1 || n2 < 1) {
    throw new NtkcError({
      what: `inputs of ${x1.length} and ${x2.length} numbers`,
      expected: `${n1} and ${n2} samples of ${width} numbers`,
    });
  }
  const x = new Float64Array(x1.length + x2.length);
  x.set(x1);
  x.set(x2, x1.length);
  return { activations: forward(program, parameters, x, n1 + n2, noise), sides: { n: n1 + n2, n1, n2, offset: n1 } };
}
