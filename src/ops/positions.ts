/** Ops that end the spatial axes. */
import { NtkcError } from '../errors.ts';
import { type Shape, shapeText } from '../ir/arch/index.ts';

/** @throws NtkcError where a value has no spatial axes */
export function requirePositions(input: Shape, next: string): void {
  if (input.length > 1) return;
  throw new NtkcError({
    what: `its input is a vector, of shape ${shapeText(input)}`,
    expected: 'spatial axes before the channels',
    next,
  });
}
