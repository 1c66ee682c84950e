import type { Inputs } from '../kernel.ts';

/** Inputs as finite networks take them, [n, sampleSize]: a sample's numbers, its mask, its pattern. */
export function sampleRows({ data, n, present, patterns }: Inputs): Float64Array {
  if (present === undefined && patterns === undefined) return data;
  const parts = [data, present ?? new Float64Array(), patterns ?? new Float64Array()];
  const row = (part: Float64Array, i: number) => part.subarray((i * part.length) / n, ((i + 1) * part.length) / n);
  return Float64Array.from(Array.from({ length: n }, (_, i) => parts.flatMap((part) => [...row(part, i)])).flat());
}
