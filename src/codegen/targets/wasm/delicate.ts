/** Where float32 would lose too many digits: pairs that a tile leaves to float64. */
import type { LaneBuilder } from '../../../ir/loop/index.ts';

/**
 * The smallest part of its positive terms that a difference may keep. @derived rounding of the terms, a few times 2^-24, is
 * then at most 64 times that of the difference, and half of it in its root: 2e-6.
 */
const smallestPart = 1 / 64;

/** The radicand, NaN where it is a difference and lies below `smallestPart` of what it is taken from. */
export function reliableRadicand(b: LaneBuilder, radicand: number): number {
  const { op, args } = b.lane(radicand);
  const difference = op === 'max' ? (args[0] as number) : radicand;
  const whole = minuend(b, difference);
  if (whole === undefined) return radicand;
  const kept = b.of('lessEqual', b.of('mul', whole, b.constant(smallestPart)), difference);
  return b.of('select', kept, radicand, b.constant(Number.NaN));
}

/** What is taken from, where a lane is a difference. */
function minuend(b: LaneBuilder, difference: number): number | undefined {
  const { op, args } = b.lane(difference);
  if (op === 'sub') return args[0] as number;
  if (op === 'nmadd') return args[2] as number;
  const factor = op === 'madd' ? b.lane(args[1] as number) : undefined;
  return factor?.op === 'constant' && (factor.value as number) < 0 ? (args[2] as number) : undefined;
}
