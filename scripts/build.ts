/**
 * Builds the package: dist/ is emptied, `tsc -p tsconfig.build.json` compiles src into it, and the command
 * dist/cli/main.js is made executable.
 *
 *     npm run build
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const main = join(root, 'dist', 'cli', 'main.js');
const SHEBANG = '#!/usr/bin/env node\n';

rmSync(join(root, 'dist'), { recursive: true, force: true });
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: ['ignore', 2, 2] });
if (status !== 0) {
  process.exitCode = 1;
} else if (!existsSync(main)) {
  console.error('build: src/cli/main.ts is missing, so the package would have no command');
  process.exitCode = 1;
} else {
  const text = readFileSync(main, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(main, SHEBANG + text);
  chmodSync(main, 0o755);
}
