/** Roots of differences that rounding has spoilt: pairs that need another way. */
import type { LaneBuilder } from '../../../ir/loop/index.ts';
import type { ElementType } from './element.ts';

/**
 * The smallest part of its positive terms that a difference may keep. @derived the root of a part p of terms rounded by ε is
 * off by ε/2√p: in float32, ε some 2^-23, by 3e-7, and twenty layers of relu add up to 4e-6; in float64 by 1e-13.
 */
const smallestPart = { float64: 2 ** -20, float32: 0.05 } as const;

/** The radicand, NaN where it is a difference that keeps too little of its positive terms; undefined where it is none. */
export function reliableRadicand(b: LaneBuilder, radicand: number, type: ElementType): number | undefined {
  const { op, args } = b.lane(radicand);
  const difference = op === 'max' ? (args[0] as number) : radicand;
  const whole = minuend(b, difference);
  if (whole === undefined) return undefined;
  const kept = b.of('lessEqual', b.of('mul', whole, b.constant(smallestPart[type])), difference);
  return b.of('select', kept, difference, b.constant(Number.NaN));
}

/** What is taken from, where a lane is a difference. */
function minuend(b: LaneBuilder, difference: number): number | undefined {
  const { op, args } = b.lane(difference);
  if (op === 'sub') return args[0] as number;
  if (op === 'nmadd') return args[2] as number;
  const factor = op === 'madd' ? b.lane(args[1] as number) : undefined;
  return factor?.op === 'constant' && (factor.value as number) < 0 ? (args[2] as number) : undefined;
}
