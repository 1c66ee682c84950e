import { NtkcError } from '../errors.ts';

/** @throws NtkcError for the first of [name, value, least] that is not whole, or too small */
export function requireWhole(...list: readonly (readonly [name: string, value: number, least: number])[]): void {
  for (const [name, value, least] of list)
    if (!Number.isInteger(value) || value < least)
      throw new NtkcError({ what: `${name} is ${value}`, expected: `a whole number, at least ${least}` });
}
