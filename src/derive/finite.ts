/** From a network to its finite-width program: what Monte Carlo and the empirical kernels run. */
import { NtkcError } from '../errors.ts';
import { type Layer, located, type Network } from '../ir/arch/index.ts';
import type { TensorProgram } from '../ir/tensor/tensorProgram.ts';
import type { Op } from '../ops/op.ts';
import { opsWithout, vocabulary as standardVocabulary } from '../ops/vocabulary.ts';
import { FiniteGraph } from './finiteGraph.ts';

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
  const graph = new FiniteGraph(network.input);
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
      throw new NtkcError({
        what: `${layer.op} has no finite form`,
        expected: `any op but ${opsWithout('forward', vocabulary)}`,
      });
    return graph.ofOp(
      (builder) => (op.forward as NonNullable<Op['forward']>)(layer, builder, inputs),
      last ? outputs : width,
    );
  };
  run(network.layers, 0, 'layers', true);
  return graph.program();
}
