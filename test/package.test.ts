import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoRoot } from './support/cli.ts';

/** Bytes of the packed and unpacked package: far above today's size, far below one that ships data or goldens. */
const PACKED_LIMIT_BYTES = 1 << 20;
const UNPACKED_LIMIT_BYTES = 4 << 20;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const NETWORK = {
  ntkc: 1,
  name: 'relu-mlp',
  input: { shape: [7] },
  layers: [{ op: 'dense', wStd: 1.5, bStd: 0.2 }, { op: 'relu' }, { op: 'dense' }],
};

/** Runs a command with this process's Node first on the PATH. */
function run(command: string, args: readonly string[], cwd: string): Ran {
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH, NO_COLOR: '1' };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = run(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited ${status}:\n${stderr}\n${stdout}`);
  return stdout;
}

/** `npm pack --json` prints a list, or from npm 12 on an object by package name. */
function parsePacked(output: string): Packed {
  const parsed: Packed[] | Record<string, Packed> = JSON.parse(output.slice(output.search(/^[[{]/m)));
  const [packed] = Object.values(parsed);
  if (packed === undefined) throw new Error(`npm pack named no tarball: ${output}`);
  return packed;
}

describe('the packed package', () => {
  let folder = '';
  let packed: Packed | undefined;
  const paths = (): readonly string[] => packed?.files.map(({ path }) => path) ?? [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ntkc-package-'));
    packed = parsePacked(must('npm', ['pack', '--json', '--pack-destination', folder], repoRoot));
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    const flags = ['--omit=optional', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    must('npm', ['install', ...flags, `./${packed.filename}`], folder);
    writeFileSync(join(folder, 'net.json'), JSON.stringify(NETWORK));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the build and the papers a user needs, and nothing else', () => {
    const other = paths().filter(
      (path) => !/^(dist\/.*\.(js|d\.ts)|dist\/LICENSE\.zod|[A-Z]+\.md|LICENSE|package\.json)$/.test(path),
    );
    expect(other).toEqual([]);
    expect(paths().filter((path) => /\.test\.|examples|oracle|golden/.test(path))).toEqual([]);
    expect(paths()).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md']));
  });

  it('is small', () => {
    const { size = 0, unpackedSize = 0 } = packed ?? {};
    console.log(`${paths().length} files, ${Math.ceil(size / 1024)} KiB packed, ${Math.ceil(unpackedSize / 1024)} KiB`);
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(PACKED_LIMIT_BYTES);
    expect(unpackedSize).toBeLessThan(UNPACKED_LIMIT_BYTES);
  });

  it('installs an executable command', () => {
    expect(statSync(join(folder, 'node_modules', 'ntkc', 'dist', 'cli', 'main.js')).mode & 0o111).toBe(0o111);
    const help = run('npx', ['--offline', 'ntkc', '--help'], folder);
    expect(help.status).toBe(0);
    for (const command of ['check', 'derive', 'generate', 'gram', 'fit', 'predict', 'verify']) {
      expect(help.stdout).toContain(command);
    }
  });

  it('derives a kernel in an empty folder', () => {
    const derived = run('npx', ['--offline', 'ntkc', 'derive', 'net.json'], folder);
    expect(derived).toMatchObject({ status: 0, stdout: expect.stringContaining('Θ') });
  });

  it('refuses a bad network with status 2 and one line', () => {
    writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...NETWORK, layers: [{ op: 'dens' }] }));
    const refused = run('npx', ['--offline', 'ntkc', 'check', 'bad.json'], folder);
    expect(refused.status).toBe(2);
    expect(
      refused.stderr
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('npm warn')),
    ).toHaveLength(1);
    expect(refused.stderr).toContain('bad.json');
  });

  it('finds the files of its threads, and the package that reads formulas', () => {
    const program = [
      "import { compile, dense, elementwise, fit, gram, gramOf, network, relu } from 'ntkc';",
      'const layers = [dense(), relu(), dense(), elementwise("tanh(x)"), dense()];',
      'const net = network({ input: { shape: [8] }, layers });',
      'const n = 700;',
      'const x = Float64Array.from({ length: 8 * n }, (_, i) => Math.sin(i * i));',
      'const kernels = await Promise.all([1, 2].map((threads) => compile(net, { threads })));',
      'const [one, two] = await Promise.all(kernels.map((k) => gram(k, { data: x, n })));',
      "const answers = { task: 'regression', targets: x.subarray(0, n) };",
      'const ridge = { kind: "absolute", value: 1 };',
      'const { alpha } = await fit({ x, n, d: 8, answers }, { ridge, kernel: gramOf(kernels[1]) });',
      'console.log(one.every((v, i) => v === two[i]), alpha.every(Number.isFinite));',
    ];
    writeFileSync(join(folder, 'threads.js'), program.join('\n'));
    expect(must(process.execPath, ['threads.js'], folder)).toBe('true true\n');
  });

  it('can be imported, with types', () => {
    const program = [
      "import { derive, network } from 'ntkc';",
      '// @ts-expect-error: were the types not found, both would be any, and this no error',
      'const text: string = derive;',
      'console.log(typeof text, typeof network);',
    ];
    writeFileSync(join(folder, 'use.ts'), program.join('\n'));
    expect(must(process.execPath, ['use.ts'], folder)).toBe('function function\n');
    const tsc = join(repoRoot, 'node_modules', '.bin', 'tsc');
    const types = ['--types', 'node', '--typeRoots', join(repoRoot, 'node_modules', '@types')];
    must(tsc, ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', ...types, 'use.ts'], folder);
  });
});
