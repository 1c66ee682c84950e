/** What dense layers and convolutions share in a finite network. */
import type { ForwardBuilder } from './op.ts';

export interface Affine {
  readonly wStd: number;
  readonly bStd: number;
  readonly parameterization: 'ntk' | 'standard';
  readonly width?: number | undefined;
}

/** ntk: weights N(0, 1), scaled by wStd/√fanIn, biases by bStd; standard: drawn at that size. */
export function affine(f: Affine, b: ForwardBuilder, input: number, perPosition = false): number {
  const { wStd, bStd, parameterization, width } = f;
  const perInput = wStd / Math.sqrt(b.widthOf(input));
  const standard = parameterization === 'standard';
  return b.dense(input, {
    width: width ?? b.defaultWidth,
    weightScale: standard ? 1 : perInput,
    weightStd: standard ? perInput : 1,
    ...(standard && bStd === 0 && { biasIsZero: true }),
    ...(bStd > 0 && { bias: standard ? { scale: 1, std: bStd } : { scale: bStd, std: 1 } }),
    ...(perPosition && { perPosition }),
  });
}
