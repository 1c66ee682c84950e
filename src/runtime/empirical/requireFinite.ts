import { NtkcError } from '../../errors.ts';

/** `values` as they are. @throws NtkcError where one is NaN or infinite: such numbers never leave silently. */
export function requireFinite(values: Float64Array, what: string, next: string): Float64Array {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return values;
  throw new NtkcError({ what: `${what} is not finite (${values[index]})`, where: `entry ${index}`, next });
}
