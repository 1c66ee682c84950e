/** Files that a script writes and that are committed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Writes the file where its text changes; with --check says so instead, and the script exits with 1. */
export function writeGenerated(file: string, text: string, command: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  const name = relative(root, file);
  if (process.argv[2] === '--check') {
    console.error(`${name} is not up to date; run ${command} and commit it`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(file, text);
  console.error(`wrote ${name}`);
}
