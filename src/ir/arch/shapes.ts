import { NtkcError } from '../../errors.ts';
import type { Layer, Network, Shape } from './network.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A layer with its place in the network and the shapes around it. */
export interface ShapedLayer {
  readonly path: string;
  readonly layer: Layer;
  readonly depth: number;
  readonly input: Shape;
  readonly output: Shape;
}

/**
 * Shapes around every layer, outer layers before the ones they hold.
 * @throws NtkcError at the first layer whose input does not fit
 */
export function inferShapes(network: Network, vocabulary: Vocabulary): readonly ShapedLayer[] {
  const found: ShapedLayer[] = [];
  const run = (layers: readonly Layer[], start: Shape, path: string, depth: number): Shape =>
    layers.reduce((shape, layer, i) => step(layer, shape, `${path}[${i}]`, depth), start);
  const step = (layer: Layer, input: Shape, path: string, depth: number): Shape => {
    const op = vocabulary.get(layer.op);
    if (op === undefined) throw new Error(`ntkc bug: ${layer.op} passed the parser`);
    const slot = found.push({ path, layer, depth, input, output: input }) - 1;
    const nested =
      layer.branches?.map((b, i) => run(b, input, `${path}.branches[${i}]`, depth + 1)) ??
      (layer.layers === undefined ? undefined : [run(layer.layers, input, `${path}.layers`, depth + 1)]);
    const output = located(path, () => op.shape(layer, nested ?? [input]));
    found[slot] = { path, layer, depth, input, output };
    return output;
  };
  run(network.layers, network.input.shape, 'layers', 0);
  return found;
}

/** Runs `f`; an NtkcError without a place gets this one, and one about a field (".expr") gets it put before. */
export function located<T>(path: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof NtkcError) || !(error.where === undefined || error.where.startsWith('.'))) throw error;
    throw new NtkcError({ ...error.complaint(), where: `${path}${error.where ?? ''}` });
  }
}

/** The shape itself, for ops that keep it; a single input is required. */
export const sameShape = (_: unknown, inputs: readonly Shape[]): Shape => inputs[0] as Shape;
