/** `ntkc gram -o k.zarr`: killed, interrupted, out of space, and continued. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoRoot } from '../support/cli.ts';
import { newWorkspace, reluNetwork, type Workspace } from './workspace.ts';

const main = join(repoRoot, 'src', 'cli', 'main.ts');
const n = 2600; // 6 x 6 tiles of 512, of 2 MB each

let place: Workspace;
let whole: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  place = newWorkspace();
  place.write({
    'net.json': reluNetwork,
    'other.json': { ...reluNetwork, layers: reluNetwork.layers.slice(2) },
    'x.json': Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(3 * i)]),
    'y.json': Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(4 * i)]),
  });
  expect(await place.ntkc(...gram('whole.zarr'))).toMatchObject({ status: 0, stdout: '' });
  whole = filesOf('whole.zarr');
});
afterAll(() => place.remove());

/** On the target that computes tile by tile, in this thread. */
const gram = (output: string): readonly string[] => [
  ...['gram', 'net.json', '--x1', 'x.json', '-o', output, '--target', 'reference'],
];

/** The SHA-256 of every file, by its path. */
function filesOf(name: string): Readonly<Record<string, string>> {
  const folder = join(place.folder, name);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((file) => statSync(join(folder, file)).isFile());
  return Object.fromEntries(files.map((file) => [file, hash(join(folder, file))]));
}

const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

const chunksIn = (name: string): number => {
  const folder = join(place.folder, name, 'c');
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('/')).length;
};

/** The command, which is sent the signal once it has written so many files, at this step of the next one. */
function signalled(output: string, signal: NodeJS.Signals, files: number, step: 'half' | 'whole') {
  const args = ['--import', pathToFileURL(join(repoRoot, 'test/support/signalledAtFile.ts')).href, main];
  const env = { ...process.env, SIGNALLED_AT: `${signal} ${files} ${step}` };
  const ended = spawnSync(process.execPath, [...args, ...gram(output)], { cwd: place.folder, env });
  return { status: ended.status, signal: ended.signal };
}

const temporariesIn = (name: string): number =>
  readdirSync(join(place.folder, name)).filter((file) => file.startsWith('.')).length;

describe('a matrix of 6 x 6 tiles', () => {
  it('that was killed four times has the bytes of an unbroken run, no tile computed twice', async () => {
    // The first file of the first run is zarr.json.
    const kills = [
      [0, 'half', 0],
      [1 + 5, 'whole', 5],
      [9, 'half', 5 + 9],
      [6, 'whole', 5 + 9 + 6],
    ] as const;
    for (const [files, step, chunks] of kills) {
      const at = `${step} file ${files}`;
      expect(signalled('k.zarr', 'SIGKILL', files, step), at).toEqual({ status: null, signal: 'SIGKILL' });
      expect([chunksIn('k.zarr'), temporariesIn('k.zarr')], at).toEqual([chunks, 1]);
    }
    const { status, stdout, stderr } = await place.ntkc(...gram('k.zarr'), '--json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, tiles: 36, tilesKept: 20, shape: [n, n] });
    expect(stderr).toContain('20 of 36 tiles were there from an earlier run');
    expect(Object.keys(filesOf('k.zarr'))).toEqual(Object.keys(whole));
    expect(filesOf('k.zarr')).toEqual(whole);
  });

  it('that was interrupted keeps finished tiles and no others', () => {
    expect(signalled('i.zarr', 'SIGINT', 1 + 3, 'half')).toEqual({ status: 130, signal: null });
    const files = filesOf('i.zarr');
    expect(Object.keys(files).length).toBeGreaterThan(1 + 3);
    expect(Object.keys(files).length).toBeLessThan(Object.keys(whole).length);
    for (const [name, content] of Object.entries(files)) expect(content === whole[name], name).toBe(true);
  });

  it('is not continued with other inputs, network, kernel or type: status 2, in one line that says which', async () => {
    const refused = async (...args: readonly string[]) => {
      const { status, stdout, stderr } = await place.ntkc(...args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      return stderr;
    };
    const end = ' At whole.zarr. Name another output, or delete the folder.\n';
    const says = (what: string) => `ntkc: this folder holds another Gram matrix: ${what}.${end}`;
    expect(await refused(...gram('whole.zarr'), '--dtype', 'float32')).toBe(says('dtype "float64", not "float32"'));
    expect(await refused(...gram('whole.zarr'), '--kernel', 'nngp')).toBe(says('kernel "ntk", not "nngp"'));
    const [, , , , ...rest] = gram('whole.zarr');
    expect(await refused('gram', 'net.json', '--x1', 'y.json', ...rest)).toBe(says('another x1'));
    expect(await refused('gram', 'other.json', '--x1', 'x.json', ...rest)).toBe(says('another network'));
    expect(filesOf('whole.zarr')).toEqual(whole);
  });
});

/** A file system of 16 MB at this path, where this process may mount one. */
function mountSmallDisk(path: string): boolean {
  mkdirSync(path);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path]).status === 0;
}

it('a full disk is told in one line, what was finished stays, and the run goes on once there is room', async (context) => {
  const disk = join(place.folder, 'disk');
  if (!mountSmallDisk(disk)) return context.skip('needs the right to mount a tmpfs');
  try {
    writeFileSync(join(disk, 'ballast'), new Uint8Array(2 ** 20));
    const { status, stderr } = await place.ntkc(...gram('disk/k.zarr'));
    expect(status).toBe(2);
    expect(stderr).toBe(
      'ntkc: cannot write here: the disk is full. At disk/k.zarr. Free some space and run this again: finished tiles are kept.\n',
    );
    const files = filesOf('disk/k.zarr');
    expect(Object.keys(files).length).toBe(1 + 7); // of 2 MB each in 15 MB
    for (const [name, content] of Object.entries(files)) expect(content === whole[name], name).toBe(true);
    expect(spawnSync('mount', ['-o', 'remount,size=200m', disk]).status).toBe(0);
    expect(await place.ntkc(...gram('disk/k.zarr'))).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('7 of 36'),
    });
    expect(filesOf('disk/k.zarr')).toEqual(whole);
  } finally {
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});
