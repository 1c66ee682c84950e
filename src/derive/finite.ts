/** From a network to its finite-width program: what Monte Carlo and the empirical kernels run. */
import { NtkcError } from '../errors.ts';
import { type Layer, located, type Network, type Shape } from '../ir/arch/index.ts';
import { positionsOf } from '../ir/program/index.ts';
import { sizeOf, type TensorNode, type TensorProgram } from '../ir/tensor/tensorProgram.ts';
import type { ForwardBuilder, Op } from '../ops/op.ts';
import { vocabulary as standardVocabulary } from '../ops/vocabulary.ts';

export interface FiniteOptions {
  /** Width of every layer that declares none. */
  readonly width: number;
  /** Number of outputs: width of the last layer, if it is dense and declares none. Default: `width`. */
  readonly outputs?: number;
  readonly vocabulary?: ReadonlyMap<string, Op>;
}

/**
 * The network at finite width. Node 0 is the input, the last node the output.
 * @throws NtkcError naming the layer without a finite form, or whose widths do not fit
 */
export function finiteNetwork(network: Network, options: FiniteOptions): TensorProgram {
  const { width, outputs = width, vocabulary = standardVocabulary } = options;
  const graph = graphOf(network.input.shape);
  const run = (layers: readonly Layer[], input: number, path: string, isEnd: boolean): number =>
    layers.reduce((value, layer, i) => {
      const last = isEnd && i === layers.length - 1;
      return located(`${path}[${i}]`, () => apply(layer, value, `${path}[${i}]`, last));
    }, input);
  const apply = (layer: Layer, input: number, path: string, last: boolean): number => {
    const op = vocabulary.get(layer.op);
    if (op?.copies !== undefined) {
      const times = op.copies(layer);
      let value = input;
      for (let c = 0; c < times; c++) value = run(layer.layers ?? [], value, `${path}.layers`, last && c === times - 1);
      return value;
    }
    // The end of a branch must be as wide as the others, so only a last layer outside branches has its own width.
    const inputs = layer.branches?.map((b, i) => run(b, input, `${path}.branches[${i}]`, false)) ?? [input];
    if (op?.forward === undefined)
      throw new NtkcError({ what: `${layer.op} has no finite form`, expected: 'an op with one (see ntkc check)' });
    return graph.ofOp(
      (builder) => (op.forward as NonNullable<Op['forward']>)(layer, builder, inputs),
      last ? outputs : width,
    );
  };
  run(network.layers, 0, 'layers', true);
  return graph.program();
}

interface Graph {
  /** Runs one op's `forward`; the layers that it makes are one parametrised op. */
  ofOp(forward: (builder: ForwardBuilder) => number, defaultWidth: number): number;
  program(): TensorProgram;
}

function graphOf(shape: Shape): Graph {
  const nodes: TensorNode[] = [{ kind: 'input', extents: shape.slice(0, -1), width: shape.at(-1) as number }];
  let [layers, ops] = [0, 0];
  const at = (value: number) => nodes[value] as TensorNode;
  const put = (node: TensorNode) => nodes.push(node) - 1;
  /** A node of the shape of its input, but for what is given. */
  const like = (input: number) => ({ input, extents: at(input).extents, width: at(input).width });
  const joined = (kind: 'add' | 'multiply', inputs: readonly number[]): number =>
    inputs.length === 1 ? (inputs[0] as number) : put({ kind, inputs, ...commonOf(inputs.map(at)) });
  const builder = (defaultWidth: number): ForwardBuilder => ({
    widthOf: (value) => at(value).width,
    extentsOf: (value) => at(value).extents,
    defaultWidth,
    dense: (input, spec) =>
      put({ kind: 'dense', ...like(input), layer: layers++, op: ops, fanIn: at(input).width, ...spec }),
    elementwise: (input, phi) => put({ kind: 'elementwise', ...like(input), phi }),
    add: (inputs) => joined('add', inputs),
    multiply: (inputs) => joined('multiply', inputs),
    concat: (inputs, axis) => put({ kind: 'concat', inputs, ...concatenated(inputs.map(at), axis) }),
    patches: (input, axes) => {
      const extents = axes.map(([table]) => table?.length ?? 0);
      const offsets = positionsOf(axes.map((tables) => tables.length));
      return put({ kind: 'patches', input, axes, extents, width: offsets * at(input).width });
    },
    positionMap: (input, axes) =>
      put({ kind: 'positionMap', ...like(input), axes, extents: axes.map((rows) => rows.length) }),
    flatten: (input) => put({ kind: 'flatten', input, extents: [], width: sizeOf(at(input)) }),
    mean: (input) => put({ kind: 'mean', ...like(input) }),
    matrixProduct: (a, b, { scale, transposed }) => {
      const width = transposed ? positionsOf(at(b).extents) : at(b).width;
      return put({ kind: 'matrixProduct', inputs: [a, b], scale, transposed, extents: at(a).extents, width });
    },
    mask: (value, keep) => put({ kind: 'mask', extents: at(value).extents, width: at(value).width, keep }),
  });
  return {
    ofOp: (forward, defaultWidth) => {
      const before = layers;
      const value = forward(builder(defaultWidth));
      if (layers > before) ops += 1;
      return value;
    },
    program: () => ({ nodes, layers, ops }),
  };
}

type Placed = Pick<TensorNode, 'extents' | 'width'>;

/** @throws NtkcError where branches that are joined neuron by neuron differ in width */
function commonOf(inputs: readonly Placed[]): Placed {
  const { extents, width } = inputs[0] as Placed;
  if (inputs.some((node) => node.width !== width))
    throw new NtkcError({
      what: `branches have different widths, ${inputs.map((node) => node.width).join(', ')}`,
      expected: 'the same width in every branch',
    });
  return { extents, width };
}

function concatenated(inputs: readonly Placed[], axis: number | undefined): Placed & { readonly blocks: number } {
  const { extents } = inputs[0] as Placed;
  if (axis === undefined)
    return { extents, width: inputs.reduce((sum, node) => sum + node.width, 0), blocks: positionsOf(extents) };
  const along = inputs.reduce((sum, node) => sum + (node.extents[axis] as number), 0);
  const blocks = positionsOf(extents.slice(0, axis));
  return { extents: extents.map((n, a) => (a === axis ? along : n)), width: commonOf(inputs).width, blocks };
}
