/** Shared memory that nobody needs any more. */

/** So much may pile up; blocks of this size are mapped, not taken from what the process has. */
const mostBytes = 2 ** 26;
/** What is enough for V8 to collect at once. */
const shownBytes = 2 ** 30;

let bytes = 0;

/**
 * To be called in each thread that sees a new block of shared memory. V8 does not count shared memory when it decides on
 * collecting garbage, and matrices of gigabytes stayed after they were dropped: it is shown as much memory of its own, which
 * nobody touches and which therefore takes none.
 */
export function countShared(byteLength: number): void {
  bytes += byteLength;
  if (bytes < mostBytes) return;
  try {
    new ArrayBuffer(Math.min(bytes, shownBytes));
  } catch {
    // No room to show it; V8 has collected what it could before it said so.
  }
  bytes = 0;
}
