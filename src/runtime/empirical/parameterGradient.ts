/** Gradients in the raw parameters, written out. */
import type { DenseNode, TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import type { Signals } from './backward.ts';
import type { Activations } from './forward.ts';
import { blockOf, blocksOf, blockWeights } from './layerBlocks.ts';
import { denseNodes, type LayerParameters, type Parameters, rowsOf } from './parameters.ts';
import { addTransposedProduct } from './transposedProduct.ts';

/** into += the gradient of Σ_r Σ_o cotangent[r o] · output[r o], from one copy of the batch in `signals`. */
export function addGradient(
  program: TensorProgram,
  into: Parameters,
  activations: Activations,
  signals: Signals,
): void {
  program.nodes.forEach((node, index) => {
    if (node.kind === 'dense') addLayerGradient(node, into[node.layer]!, activations[node.input]!, signals[index]!);
  });
}

/** All zero, of the shapes of a program's parameters. */
export const zeroParameters = (program: TensorProgram): Parameters =>
  denseNodes(program).map((node) => {
    const W = new Float64Array(rowsOf(node) * node.fanIn);
    return node.bias === undefined ? { W } : { W, b: new Float64Array(rowsOf(node)) };
  });

// W[o i] += weightScale · Σ_(n P) signal[(n P) o] input[(n P) i],  b[o] += biasScale · Σ_(n P) signal[(n P) o]
function addLayerGradient(node: DenseNode, { W, b }: LayerParameters, read: Float64Array, written: Float64Array): void {
  const { width, fanIn, weightScale, bias } = node;
  const blocks = blocksOf(node);
  for (let block = 0; block < blocks; block++) {
    const input = blockOf(read, blocks, fanIn, block);
    const signal = blockOf(written, blocks, width, block);
    const rows = input.length / fanIn;
    addTransposedProduct(blockWeights(node, W, block), signal, input, rows, width, fanIn, weightScale);
    if (bias === undefined || b === undefined) continue;
    for (let k = 0; k < signal.length; k++) {
      const at = block * width + (k % width);
      b[at] = b[at]! + bias.scale * signal[k]!;
    }
  }
}
