/** Results: to a file, whole or not at all, or to stdout. */
import { type Stats, statSync } from 'node:fs';
import { NtkcError } from '../errors.ts';
import { atomicWriteFile, openReplacement } from '../runtime/io/index.ts';
import { note, type Terminal } from './terminal.ts';

/** Writes a text result to `file`, and notes `what` it is, or to stdout without one. @throws NtkcError */
export function writeText(text: string, file: string | undefined, what: string, terminal: Terminal): void {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (file === undefined) {
    terminal.out(ended);
    return;
  }
  atomicWriteFile(file, ended);
  note(terminal, `${file}: ${what}`);
}

/**
 * Throws NtkcError if nothing can be written at `file`, so that a long computation does not end in that, or if it is
 * one of the `inputs`, which it would replace.
 */
export function requireWritable(file: string | undefined, inputs: readonly (string | undefined)[] = []): void {
  if (file === undefined) return;
  const there = statOf(file);
  if (there?.isFile() && inputs.some((input) => input !== undefined && sameFile(there, statOf(input))))
    throw new NtkcError({ what: 'the output would replace an input', where: file, next: 'Name another output.' });
  const isStream = there !== undefined && !there.isFile() && !there.isDirectory();
  if (!isStream) openReplacement(file).discard();
}

const sameFile = (a: Stats, b: Stats | undefined) => b !== undefined && a.dev === b.dev && a.ino === b.ino;

/** Undefined where nothing is there, or nothing can be; who opens the file says why. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
