/** What only a process shows: start-up time, network modules, pipes, signals. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, repoRoot, runCli } from '../support/cli.ts';
import { newWorkspace, reluNetwork, type Workspace } from './workspace.ts';

const commandLine = pathToFileURL(join(repoRoot, 'src', 'cli', 'commandLine.ts')).href;
const main = join(repoRoot, 'src', 'cli', 'main.ts');

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  place.write({
    'net.json': reluNetwork,
    'x.json': Array.from({ length: 3000 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]),
  });
});
afterAll(() => place.remove());

// How soon it comes (0.1 s) is measured, not tested; test/architecture.test.ts keeps heavy libraries out of start-up.
it('prints the help', () => {
  expect(runCli(['--help'])).toMatchObject({ status: 0, stderr: '' });
});

describe('network modules', () => {
  const layers = '[dense({ wStd: 1.5, bStd: 0.2 }), relu(), dense()]';
  const modules = {
    'typed.ts': `import { dense, network, relu, type Network } from 'ntkc';
      const shape: readonly number[] = [2];
      export default network({ name: 'relu-mlp', input: { shape }, layers: ${layers} }) satisfies Network;`,
    'plain.js': `export default ${JSON.stringify(reluNetwork)};`,
    'common.js': `module.exports = ${JSON.stringify(reluNetwork)};`,
    'later.mjs': `export default Promise.resolve(${JSON.stringify(reluNetwork)});`,
  };

  const broken: readonly (readonly [name: string, text: string, says: RegExp])[] = [
    ['none.ts', 'export const net = 1;', /no default export\. At none\.ts\./],
    ['syntax.ts', 'export default { input: ;', /SyntaxError.* At syntax\.ts\./],
    ['enum.ts', 'enum A { B } export default A;', /enum.* At enum\.ts\./],
    ['throws.mjs', 'throw new Error("two\\nlines");', /Error: two lines\. At throws\.mjs\./],
    ['packages.ts', "import 'no-such-package';", /no-such-package.* At packages\.ts\./],
    ['number.ts', 'export default 3;', /At number\.ts.* Expected an object/],
    [
      'negative.ts',
      "import { dense, network } from 'ntkc'; export default network({ input: { shape: [2] }, layers: [dense({ wStd: -1 })] });",
      /wStd is -1\. At negative\.ts: layers\[0\]\.wStd\. Expected a number >= 0\./,
    ],
  ];
  /** `ntkc check FILE` for every file, in one process without vitest: vitest would import modules its own way. */
  let results: Readonly<Record<string, CliResult>> = {};
  beforeAll(() => {
    // Without "type" in it, Node warns about modules in this folder.
    place.write({ ...modules, ...Object.fromEntries(broken), 'package.json': '{}' });
    const names = ['net.json', ...Object.keys(modules), ...broken.map(([name]) => name)];
    const script = `import { runCommandLine } from ${JSON.stringify(commandLine)};
      const results = {};
      for (const name of ${JSON.stringify(names)}) {
        let [stdout, stderr] = ['', ''];
        const terminal = { out: (t) => { stdout += t; }, err: (t) => { stderr += t; }, errIsTerminal: false };
        results[name] = { status: await runCommandLine(['check', name], terminal), stdout, stderr };
      }
      console.log(JSON.stringify(results));`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: place.folder,
      encoding: 'utf8',
    });
    expect(run.stderr).toBe(''); // warnings of Node would be here
    results = JSON.parse(run.stdout);
  });

  it.each(Object.keys(modules))('%s from any folder, without a build', (name) => {
    expect(results[name]?.status).toBe(0);
    expect(results[name]).toEqual(results['net.json']);
  });

  it.each(broken)('%s is refused in one line', (name, _, says) => {
    expect(results[name]).toMatchObject({ status: 2, stdout: '' });
    expect(results[name]?.stderr).toMatch(/^ntkc: [^\n]+\n$/);
    expect(results[name]?.stderr).toMatch(says);
  });

  it('as a process', () => {
    expect(runCli(['check', 'typed.ts'], { cwd: place.folder })).toEqual(results['net.json']);
  });
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('pipes and signals', () => {
  it('a reader that stops early is no error', () => {
    const command = `"$NODE" "$MAIN" gram net.json --x1 few.json | head -c 20`;
    place.write({ 'few.json': Array.from({ length: 400 }, (_, i) => [i, 1]) });
    const env = { ...process.env, NODE: process.execPath, MAIN: main };
    const args = ['-o', 'pipefail', '-c', command];
    const { status, stdout, stderr } = spawnSync('bash', args, { cwd: place.folder, env, encoding: 'utf8' });
    expect({ status, length: stdout.length }, stderr).toEqual({ status: 0, length: 20 });
    expect(stderr).not.toMatch(/EPIPE|Error/);
  });

  it('of npm start neither', () => {
    const command = '"$NODE" examples/start.ts | head -n 2';
    const options = { cwd: repoRoot, env: { ...process.env, NODE: process.execPath }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], options);
    expect({ status, lines: stdout.split('\n').length, stderr }).toEqual({ status: 0, lines: 3, stderr: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk behind stdout is told', () => {
    const args = ['-c', '"$NODE" "$MAIN" check net.json > /dev/full'];
    const env = { ...process.env, NODE: process.execPath, MAIN: main };
    const { status, stderr } = spawnSync('bash', args, { cwd: place.folder, env, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^ntkc: cannot write to stdout: ENOSPC[^\n]*\n$/);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends with %i and leaves no temporary file and the earlier result', async (signal, expected) => {
    // Minutes of work on two threads, into a small file: the signal cannot come too late.
    const convolutions = Array.from({ length: 8 }, () => [{ op: 'conv', kernel: [3] }, { op: 'relu' }]).flat();
    const [n, positions] = [600, 256];
    place.write({
      'k.npy': 'earlier',
      'slow.json': { ntkc: 1, input: { shape: [positions, 1] }, layers: [...convolutions, { op: 'globalAvgPool' }] },
      'long.json': Array.from({ length: n }, (_, i) =>
        Array.from({ length: positions }, (_, j) => [Math.sin(i + j * j)]),
      ),
    });
    const args = ['gram', 'slow.json', '--x1', 'long.json', '--threads', '2', '-o', 'k.npy'];
    const child = spawn(process.execPath, [main, ...args], { cwd: place.folder });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const temporary = () => readdirSync(place.folder).filter((name) => name.startsWith('.'));
    try {
      while (temporary().length === 0 && child.exitCode === null) await pause(5);
      await pause(100); // into the computation
      child.kill(signal);
      expect(await ended).toBe(expected);
    } finally {
      child.kill('SIGKILL');
    }
    expect(temporary()).toEqual([]);
    expect(place.read('k.npy')).toBe('earlier');
  });

  // Each says on stderr that it starts; what follows keeps the thread to itself for a minute or more.
  it.each([
    ['derive', 'deep.json', '--kernel', 'k6', '--max-terms', '1000000000', '-o', 'k.txt'],
    ['hierarchy', 'net.json', '--x', 'x.json', '--tuples', 'many.json', '--parameters', 'wide.json', '-o', 'k.npy'],
  ])('a signal ends %s at once, which leaves the earlier result', async (...args) => {
    const output = args.at(-1)!;
    place.write({
      [output]: 'earlier',
      'deep.json': {
        ...reluNetwork,
        layers: [...Array.from({ length: 3 }, () => [{ op: 'dense' }, { op: 'gelu' }]).flat(), { op: 'dense' }],
      },
      'many.json': Array.from({ length: 10000 }, () => [0, 1, 0, 1, 0, 1, 0, 1]),
      'wide.json': [
        { W: Array.from({ length: 512 }, () => [1, 1]), b: Array.from({ length: 512 }, () => 1) },
        { W: [Array.from({ length: 512 }, () => 1)] },
      ],
    });
    const child = spawn(process.execPath, [main, ...args], { cwd: place.folder });
    const ended = new Promise((resolve) => child.on('exit', (status, signal) => resolve({ status, signal })));
    try {
      await new Promise((resolve) => child.stderr.once('data', resolve));
      await pause(100); // into the computation
      child.kill('SIGINT');
      expect(await ended).toEqual({ status: null, signal: 'SIGINT' }); // 130 to a shell
    } finally {
      child.kill('SIGKILL');
    }
    expect(readdirSync(place.folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(place.read(output)).toBe('earlier');
  });
});
