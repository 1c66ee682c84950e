/** Results: to a file, whole or not at all, or to stdout. */
import { statSync } from 'node:fs';
import { atomicWriteFile, openReplacement } from '../runtime/io/index.ts';
import type { Terminal } from './terminal.ts';

/** Writes a text result to `file`, or to stdout without one. @throws NtkcError */
export function writeText(text: string, file: string | undefined, terminal: Terminal): void {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (file === undefined) terminal.out(ended);
  else atomicWriteFile(file, ended);
}

/** Throws NtkcError if nothing can be written at `file`, so that a long computation does not end in that. */
export function requireWritable(file: string | undefined): void {
  if (file === undefined) return;
  const there = statSync(file, { throwIfNoEntry: false });
  const isStream = there !== undefined && !there.isFile() && !there.isDirectory();
  if (!isStream) openReplacement(file).discard();
}
