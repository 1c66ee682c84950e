import type { Layer, Network } from '../ir/arch/index.ts';
import type { Op } from '../ops/op.ts';

/**
 * The network with every inner width set to `width`, and with the width of a last layer left free. At infinite width a
 * kernel in ntk parameterization does not depend on it; in standard parameterization the NTK does.
 */
export function withWidths(network: Network, width: number, vocabulary: ReadonlyMap<string, Op>): Network {
  const hasWidth = (layer: Layer) => vocabulary.get(layer.op)?.fields.width !== undefined;
  const widen = (layer: Layer): Layer => ({
    ...layer,
    ...(hasWidth(layer) && { width }),
    ...(layer.layers && { layers: layer.layers.map(widen) }),
    ...(layer.branches && { branches: layer.branches.map((branch) => branch.map(widen)) }),
  });
  const free = (layer: Layer): Layer => {
    if (!hasWidth(layer)) return widen(layer);
    const { width: _, ...rest } = layer;
    return rest as Layer;
  };
  const last = network.layers.length - 1;
  return { ...network, layers: network.layers.map((layer, i) => (i === last ? free(layer) : widen(layer))) };
}
