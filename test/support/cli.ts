import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The checkout this test runs in. */
export const repoRoot: string = join(import.meta.dirname, '..', '..');

export interface CliResult {
  /** Exit status; null when a signal or the time limit ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Working directory, the checkout by default. */
  readonly cwd?: string;
  /** Text for standard input, which is empty by default. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `ntkc ARGS` from source, in a process of its own, as `npm run -s ntkc -- ARGS` would. */
export function runCli(args: readonly string[], options: CliOptions = {}): CliResult {
  const { cwd = repoRoot, input = '', env = {} } = options;
  const done = spawnSync(process.execPath, [join(repoRoot, 'src', 'cli', 'main.ts'), ...args], {
    cwd,
    input,
    encoding: 'utf8',
    timeout: 240_000,
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}
