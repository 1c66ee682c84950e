/** What Node 20, npm's own on many machines, is told by the command. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repoRoot } from '../support/cli.ts';

const main = join(repoRoot, 'src', 'cli', 'main.ts');

/** `ntkc --version` on this Node, which claims another version; as 20 it lacks enableCompileCache. */
function asNode(version: string) {
  const older = `
    import Module, { syncBuiltinESMExports } from 'node:module';
    Object.defineProperty(process.versions, 'node', { value: '${version}' });
    if (${version.startsWith('20.')}) delete Module.enableCompileCache;
    syncBuiltinESMExports();`;
  const before = `data:text/javascript,${encodeURIComponent(older)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', before, main, '--version'], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('an older Node than the package needs is refused in one line', () => {
  const { engines } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
  expect(engines.node).toBe('>=22.18');
  for (const version of ['20.20.2', '22.17.1']) {
    expect(asNode(version)).toEqual({
      status: 2,
      stdout: '',
      stderr: `ntkc: Node ${version} is too old. Expected Node 22.18 or later. Install one, or in this project: npm install node@24.\n`,
    });
  }
});

it.each(['22.18.0', '24.0.0'])('Node %s is not', (version) => {
  expect(asNode(version)).toMatchObject({ status: 0, stderr: '' });
});
