/** Convolutional networks that papers name. */
import { NtkcError } from '../errors.ts';
import type { LayerInput, Network, Shape } from '../ir/arch/index.ts';
import { avgPool, conv, dense, flatten, network, relu, sum } from '../ops/vocabulary.ts';

const wStd = Math.SQRT2;
const block = (strides: readonly number[] = [1, 1]): readonly LayerInput[] => [
  conv({ kernel: [3, 3], wStd, strides: [...strides] }),
  relu(),
];
const blocks = (count: number): readonly LayerInput[] => Array.from({ length: count }, () => block()).flat();

/** Convolutions before each pooling. */
const myrtleBlocks = { 5: [2, 1, 1], 7: [2, 2, 2], 10: [3, 3, 3] } as const;

/**
 * Myrtle-5, -7 and -10 of Shankar et al. 2020 as neural-tangents' notebook has them: He scaling, 2x2 average pooling,
 * three times at the end, then flatten and dense.
 * @throws NtkcError for images whose sides are no multiples of 32
 */
export function myrtle(depth: keyof typeof myrtleBlocks, shape: Shape = [32, 32, 3]): Network {
  const [height = 0, width = 0] = shape;
  if (shape.length !== 3 || height % 32 !== 0 || width % 32 !== 0)
    throw new NtkcError({
      what: `a Myrtle network on inputs of shape [${shape}]`,
      expected: '[height, width, channels], height and width multiples of 32: it halves them five times',
    });
  const [a, b, c] = myrtleBlocks[depth];
  const pool = avgPool({ window: [2, 2] });
  const layers = [...blocks(a), pool, ...blocks(b), pool, ...blocks(c), pool, pool, pool, flatten(), dense({ wStd })];
  return network({ name: `myrtle-${depth}`, input: { shape }, layers });
}

/**
 * The 8-layer CNN of lantk-with-appendix D.2: seven 3x3 convolutions, the fourth and the last with stride 2, and a dense
 * layer. Padding is XLA's "same": PyTorch's padding of 1 places the strided windows one position earlier.
 */
export function lantkCnn(shape: Shape = [32, 32, 3]): Network {
  const strided = block([2, 2]);
  const layers = [...blocks(3), ...strided, ...blocks(2), ...strided, flatten(), dense({ wStd })];
  return network({ name: 'lantk-cnn', input: { shape }, layers });
}

/**
 * A residual network: `count` blocks x + conv(relu(conv(relu(x)))) with He scaling on 3x3 filters, after one convolution;
 * `end` is what makes one vector of the positions.
 */
export function resnet(count: number, end: readonly LayerInput[], shape: Shape = [32, 32, 3]): Network {
  const filter = conv({ kernel: [3, 3], wStd });
  const residual = sum([[], [relu(), filter, relu(), filter]]);
  const layers = [filter, ...Array.from({ length: count }, () => residual), relu(), ...end, dense({ wStd })];
  return network({ name: `resnet-${count}`, input: { shape }, layers });
}
