/** What a comparison of training with the hierarchy measures. */
import type { Op } from '../../ops/op.ts';
import type { Rows } from '../inputs.ts';
import type { VerifyProgress } from '../progress.ts';

export interface DynamicsOptions {
  /** Inputs that are watched but not trained on. Default: none. */
  readonly watched?: Rows;
  /** Widths of every hidden layer, at least two. Default: 32, 64, 128, 256. */
  readonly widths?: readonly number[];
  /** Times of gradient flow, positive and ascending. Default: 1/4, 1/2, 1, 2, 4 and 8. */
  readonly times?: readonly number[];
  /** Independent networks at each width, at least 2. Default: 12. */
  readonly networks?: number;
  /** Default: 0. */
  readonly seed?: number;
  /**
   * Whether the targets are y + f_0(x), so that every network starts with the residual −y: what training does to
   * f − f_0. Takes the chance of f_0 out of the comparison. Default: true; false trains on y as it stands.
   */
  readonly centred?: boolean;
  readonly vocabulary?: ReadonlyMap<string, Op>;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
}

/** Why there is no comparison. */
export interface NoDynamics {
  readonly skipped: string;
}

/** How a positive quantity falls with the width: its distribution over networks, and the exponent. */
export interface Decay {
  /** One for each width: the middle network, and the quarters on both sides. */
  readonly median: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Of log(quantity) against log(width), over all networks; null where the quantity is zero to rounding. */
  readonly slope: number | null;
  readonly standardError: number;
  readonly claim: Claim;
  /** Whether the slope fits the claim; null where nothing is claimed, because the activation has kinks. */
  readonly consistent: boolean | null;
}

/** A bound (log m)^logPower · m^(−rate) on a quantity of networks of width m. */
export interface Claim {
  readonly rate: number;
  readonly logPower: number;
}

export interface Approximation {
  readonly name: string;
  /** One for each time: the largest |K_t − approximation| over all pairs, relative to the largest |K_0|. */
  readonly kernel: readonly Decay[];
  /** One for each time: the largest |f_t − approximation| over all points, relative to the largest |f_0 − y|. */
  readonly outputs: readonly Decay[];
}

export interface DynamicsReport {
  readonly network: string;
  readonly widths: readonly number[];
  readonly times: readonly number[];
  readonly networks: number;
  readonly seed: number;
  readonly centred: boolean;
  /** Training points, and all points. */
  readonly n: number;
  readonly points: number;
  /** Whether the activations are smooth, as Theorem 2.1 wants. */
  readonly smooth: boolean;
  readonly approximations: readonly Approximation[];
  /** The largest |K_order| at initialisation over (some) training points, relative to the largest |K_2|. */
  readonly sizes: readonly { readonly order: number; readonly decay: Decay }[];
  /** The largest share of steps of a training that slid along a kink, so that their error is not controlled. */
  readonly forcedShare: number;
}
