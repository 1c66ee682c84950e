/** From a network to its finite-width program: what Monte Carlo and the empirical kernels run. */
import { NtkcError } from '../errors.ts';
import { type Layer, located, type Network } from '../ir/arch/index.ts';
import type { TensorNode, TensorProgram } from '../ir/tensor/tensorProgram.ts';
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
  const nodes: TensorNode[] = [{ kind: 'input', width: network.input.shape.at(-1) as number }];
  let layerCount = 0;
  const push = (node: TensorNode) => nodes.push(node) - 1;
  const widthOf = (value: number) => (nodes[value] as TensorNode).width;
  const builder = (defaultWidth: number): ForwardBuilder => ({
    widthOf,
    defaultWidth,
    dense: (input, spec) => push({ kind: 'dense', input, layer: layerCount++, fanIn: widthOf(input), ...spec }),
    elementwise: (input, phi) => push({ kind: 'elementwise', input, width: widthOf(input), phi }),
    add: (inputs) => joined('add', inputs),
    multiply: (inputs) => joined('multiply', inputs),
    concat: (inputs) => push({ kind: 'concat', inputs, width: inputs.reduce((sum, i) => sum + widthOf(i), 0) }),
    mean: (input) => push({ kind: 'mean', input, width: widthOf(input) }),
    mask: (width, keep) => push({ kind: 'mask', width, keep }),
  });
  const joined = (kind: 'add' | 'multiply', inputs: readonly number[]): number => {
    const [first, ...rest] = inputs.map(widthOf);
    if (rest.some((w) => w !== first))
      throw new NtkcError({
        what: `branches have different widths, ${inputs.map(widthOf).join(', ')}`,
        expected: 'the same width in every branch',
      });
    return inputs.length === 1 ? (inputs[0] as number) : push({ kind, inputs, width: first as number });
  };
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
    return op.forward(layer, builder(last ? outputs : width), inputs);
  };
  run(network.layers, 0, 'layers', true);
  return { nodes, layers: layerCount };
}
