import { NtkcError } from '../errors.ts';
import type { Network } from '../ir/arch/index.ts';
import type { KernelName, Output } from '../ir/program/index.ts';
import { zeroKernel } from './positionsBuilder.ts';
import type { State } from './state.ts';

/**
 * What a program computes: of a network of `layers` layers with parameters, its kernel or the kernel of each layer.
 * @throws NtkcError where there are positions left, or no parameters
 */
export function outputsOf(network: Network, kernel: KernelName, layers: number, end: State): readonly Output[] {
  if (end.extents.length > 0)
    throw new NtkcError({
      what: `the network ends with values at ${end.extents.join(' x ')} positions, and a kernel is one number`,
      where: `layers[${network.layers.length - 1}]`,
      expected: 'a last layer without spatial axes',
      next: 'Add flatten() or globalAvgPool(), and dense().',
    });
  if (kernel === 'nngp') return [{ name: 'nngp', pair: end.nngp.pair, self: end.nngp.self }];
  if (layers === 0)
    throw new NtkcError({
      what: `the network has no parameters, so it has no ${kernel}`,
      expected: 'a layer with parameters',
      next: 'Add dense(), or ask for the nngp.',
    });
  const output = (name: string, of: string): Output => {
    const { pair, self } = end.tangents.get(of) ?? zeroKernel;
    return { name, pair, self };
  };
  if (kernel !== 'layerwise') return [output(kernel, 'all')];
  return Array.from({ length: layers }, (_, i) => output(`ntk${i + 1}`, `${i + 1}`));
}
