/** What a Gram matrix was computed from: two that agree in all of it have the same bytes. */
import { createHash } from 'node:crypto';
import { NtkcError } from '../../../errors.ts';

export type Fact = string | number | null | readonly number[];
/** By name, as a message calls it: "kernel", "x1". Long ones as a `fingerprint`. */
export type MatrixFacts = Readonly<Record<string, Fact>>;

const prefix = 'sha256:';

/** The SHA-256 of texts and numbers, marked as one. */
export function fingerprint(...parts: readonly (string | Float64Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts)
    hash.update(typeof part === 'string' ? `${part}\0` : new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return prefix + hash.digest('hex');
}

/** @throws NtkcError that names every fact in which they differ */
export function requireSame(was: MatrixFacts, is: MatrixFacts, where: string): void {
  const names = [...new Set([...Object.keys(is), ...Object.keys(was)])];
  const text = (fact: Fact | undefined) => JSON.stringify(fact ?? null);
  const differs = (name: string) => text(was[name]) !== text(is[name]);
  const differences = names
    .filter((name) => differs(name) && !(name === 'network' && differs('kernel'))) // its hash is of one kernel
    .map((name) =>
      isHash(was[name]) || isHash(is[name]) ? `another ${name}` : `${name} ${text(was[name])}, not ${text(is[name])}`,
    );
  if (differences.length === 0) return;
  throw new NtkcError({
    what: `this folder holds another Gram matrix: ${differences.join('; ')}`,
    where,
    next: 'Name another output, or delete the folder.',
  });
}

const isHash = (fact: Fact | undefined): boolean => typeof fact === 'string' && fact.startsWith(prefix);
