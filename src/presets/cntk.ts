import { NtkcError } from '../errors.ts';
import type { Network, Shape } from '../ir/arch/index.ts';
import { conv, dense, flatten, globalAvgPool, network, relu } from '../ops/vocabulary.ts';

export interface CntkOptions {
  /** [height, width, channels] of an image. */
  readonly shape: Shape;
  /** Layers as the paper counts them: convolutions and the one fully connected layer at the end. */
  readonly depth: number;
  readonly pooling: 'globalAvgPool' | 'flatten';
}

/**
 * The CNTK of Arora et al. 2019 in the numbers of their code: 3x3 filters, zero padding, He scaling with its 1/9 after
 * every activation, also the last; inputs enter as Σ_c x x' over a window, without a mean; "flatten" is a trace, a sum.
 * Its ntk is theirs.
 * @throws NtkcError for fewer than 2 layers, or inputs that are no images
 */
export function cntk({ shape, depth, pooling }: CntkOptions): Network {
  const [height, width, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined || shape.length !== 3)
    throw new NtkcError({ what: `a CNTK of inputs of shape [${shape}]`, expected: '[height, width, channels]' });
  if (!Number.isInteger(depth) || depth < 2)
    throw new NtkcError({ what: `a CNTK of depth ${depth}`, expected: 'a whole number of layers, at least 2' });
  const filter = { kernel: [3, 3] };
  // wStd² divides by the 9 offsets and the channels, which the first layer of their code does not.
  const first = conv({ ...filter, wStd: 3 * Math.sqrt(channels) });
  const hidden = Array.from({ length: depth - 2 }, () => [relu(), conv({ ...filter, wStd: Math.SQRT2 })]).flat();
  // He scaling and 1/9; a trace is so many times the mean over positions.
  const end =
    pooling === 'flatten'
      ? [flatten(), dense({ wStd: Math.sqrt((2 * height * width) / 9) })]
      : [globalAvgPool(), dense({ wStd: Math.SQRT2 / 3 })];
  return network({ name: `cntk-${depth}`, input: { shape }, layers: [first, ...hidden, relu(), ...end] });
}
