/** Signs of float32 lanes. */
import type { LaneBuilder } from '../../../../../ir/loop/index.ts';

export const signBit = 0x80000000n;

/** |size| with the sign of `like`. */
export const withSign = (b: LaneBuilder, size: number, like: number): number =>
  b.of('or', size, b.of('and', like, b.bits(signBit)));

/** The sign bit where the mask is set. */
export const signWhere = (b: LaneBuilder, mask: number): number => b.of('and', mask, b.bits(signBit));
