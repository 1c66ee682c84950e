/**
 * Empirical kernels of one finite network by structured products: no Jacobian of vectors' layers is ever written out.
 * With n samples and L layers of width m this costs L passes over the weights and O(L n² m), all in float64.
 */
import { NtkcError } from '../../errors.ts';
import { sampleSize, type TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { backward, unitCotangents } from './backward.ts';
import { type Activations, forward, SCALE_ADVICE } from './forward.ts';
import { gramBlock, layerNtk, type Sides } from './layerNtk.ts';
import { addTo, sideBySide } from './linear.ts';
import { outputWidth } from './outputWidth.ts';
import { denseNodes, type Parameters, usesOf } from './parameters.ts';
import type { Seed } from './random.ts';
import { requireFinite } from './requireFinite.ts';

export interface EmpiricalNtk {
  /** ntk[n1 n2] = Σ_l layers[l]. */
  readonly ntk: Float64Array;
  /** layers[l][n1 n2] = Θ_l: the part of the parameters of parametrised op l. */
  readonly layers: readonly Float64Array[];
}

export interface NtkOptions {
  /** Average Θ_oo over these output units. Default: all units if there are at most 4, else the first 4. */
  readonly outputs?: readonly number[];
  /** Seed of the masks of the pass (dropout); without one each mask is its mean, 1. */
  readonly noise?: Seed;
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
  const width = outputWidth(program);
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
  const width = outputWidth(program);
  const units = outputs ?? Array.from({ length: Math.min(width, 4) }, (_, o) => o);
  if (units.length === 0) throw new NtkcError({ what: 'no output units', expected: 'at least one' });
  const signals = backward(program, parameters, activations, unitCotangents(width, sides.n, units));
  const layers = Array.from({ length: program.ops }, () => new Float64Array(sides.n1 * sides.n2));
  for (const node of denseNodes(program)) {
    const uses = usesOf(program, node.layer);
    const read = sideBySide(
      uses.map(({ input }) => activations[input]!),
      sides.n,
    );
    const written = sideBySide(
      uses.map((use) => signals[program.nodes.indexOf(use)]!),
      sides.n * units.length,
    );
    addTo(layers[node.op]!, layerNtk(node, read, written, sides, units.length));
  }
  const ntk = new Float64Array(sides.n1 * sides.n2);
  for (const layer of layers) addTo(ntk, layer);
  return { ntk: requireFinite(ntk, 'the NTK of the finite network', SCALE_ADVICE), layers };
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
  const width = sampleSize(program);
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
