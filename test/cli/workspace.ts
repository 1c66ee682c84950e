import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../src/cli/commandLine.ts';
import type { CliResult } from '../support/cli.ts';

export interface Workspace {
  readonly folder: string;
  /** Writes files: texts and bytes as they are, anything else as JSON. */
  write(files: Readonly<Record<string, unknown>>): void;
  read(name: string): string;
  /** Names and contents of all files: equal before and after a command that must leave no trace. */
  snapshot(): Readonly<Record<string, string>>;
  /** `ntkc ARGS` in this folder, in this process. */
  ntkc(...args: readonly string[]): Promise<CliResult>;
  remove(): void;
}

/** A new empty folder to run commands in. */
export function newWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'ntkc-cli-'));
  const at = (name: string) => join(folder, name);
  return {
    folder,
    write: (files) => {
      for (const [name, content] of Object.entries(files))
        writeFileSync(
          at(name),
          typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
        );
    },
    read: (name) => readFileSync(at(name), 'utf8'),
    snapshot: () =>
      Object.fromEntries(
        readdirSync(folder)
          .sort()
          .map((name) => [name, statSync(at(name)).isFile() ? readFileSync(at(name), 'latin1') : 'a folder']),
      ),
    ntkc: (...args) => inFolder(folder, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function inFolder(folder: string, args: readonly string[]): Promise<CliResult> {
  const before = process.cwd();
  if (before === folder) throw new Error('a command is still running here: one at a time has the working directory');
  let [stdout, stderr] = ['', ''];
  process.chdir(folder);
  try {
    const status = await runCommandLine(args, {
      out: (text) => {
        stdout += text;
      },
      err: (text) => {
        stderr += text;
      },
      errIsTerminal: false,
    });
    return { status, stdout, stderr };
  } finally {
    process.chdir(before);
  }
}

export const reluNetwork = {
  ntkc: 1,
  name: 'relu-mlp',
  input: { shape: [2] },
  layers: [{ op: 'dense', wStd: 1.5, bStd: 0.2 }, { op: 'relu' }, { op: 'dense' }],
};
