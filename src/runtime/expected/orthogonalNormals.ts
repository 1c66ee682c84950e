/** Standard normal vectors whose directions share out the sphere. */
import { normals } from '../empirical/random.ts';

/**
 * Rows z[m width], each N(0, 1), orthogonal to each other in blocks of `width`. A mean over them is unbiased, and spreads
 * less than over independent ones: the same neurons count for half as many again, or twice.
 * @derived the direction of a normal vector is uniform on the sphere and independent of its length; Gram–Schmidt of
 * normal vectors gives directions that are each uniform.
 */
export function orthogonalNormals(count: number, width: number, seed: readonly number[]): Float64Array {
  const out = normals(count * width, 1, [...seed, 0]);
  const lengths = normals(count * width, 1, [...seed, 1]);
  for (let i = 0; i < count; i++) {
    const row = out.subarray(i * width, (i + 1) * width);
    for (let j = i - (i % width); j < i; j++) {
      const other = out.subarray(j * width, (j + 1) * width);
      add(row, other, -dot(row, other) / dot(other, other));
    }
    const own = lengths.subarray(i * width, (i + 1) * width);
    const scale = Math.sqrt(dot(own, own) / dot(row, row));
    for (let k = 0; k < width; k++) row[k] = scale * (row[k] as number);
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** a += c·b */
function add(a: Float64Array, b: Float64Array, c: number): void {
  for (let k = 0; k < a.length; k++) a[k] = (a[k] as number) + c * (b[k] as number);
}
