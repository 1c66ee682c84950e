/** Ops that end the spatial axes. */
import { NtkcError } from '../errors.ts';
import { type Shape, shapeText } from '../ir/arch/index.ts';
import type { ForwardBuilder } from './op.ts';

/** @throws NtkcError where a value has no spatial axes */
export function requirePositions(input: Shape, next: string): void {
  if (input.length > 1) return;
  throw new NtkcError({
    what: `its input is a vector, of shape ${shapeText(input)}`,
    expected: 'spatial axes before the channels',
    next,
  });
}

/** The sum or mean over all positions, which ends them. */
export function positionSum(b: ForwardBuilder, input: number, how: 'sum' | 'mean'): number {
  const axes = b.extentsOf(input).map((n) => [{ from: 0, weights: Array(n).fill(how === 'mean' ? 1 / n : 1) }]);
  return b.flatten(b.positionMap(input, axes));
}
