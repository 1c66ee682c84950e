/** `ntkc gram -o k.zarr`: killed, interrupted, out of space, and continued. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** On the slow target, so that there is time to stop it. */
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

/** Runs the command until it has written so many chunks and some milliseconds more, then sends the signal. */
async function stopped(output: string, signal: NodeJS.Signals, chunks: number, milliseconds: number) {
  const child = spawn(process.execPath, [main, ...gram(output)], { cwd: place.folder });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
  while (chunksIn(output) < chunks && child.exitCode === null) await pause(1);
  await pause(milliseconds);
  child.kill(signal);
  return ended;
}

describe('a matrix of 6 x 6 tiles', () => {
  it('that was killed three times has the bytes of an unbroken run, no tile computed twice', async () => {
    const moments = [0, 5, 14].map((chunks) => [chunks, 6 * Math.random()] as const);
    for (const [chunks, milliseconds] of moments) {
      await stopped('k.zarr', 'SIGKILL', chunks, milliseconds);
      expect(chunksIn('k.zarr'), JSON.stringify(moments)).toBeLessThan(36);
    }
    const kept = chunksIn('k.zarr');
    const { status, stdout, stderr } = await place.ntkc(...gram('k.zarr'), '--json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, tiles: 36, tilesKept: kept, shape: [n, n] });
    expect(stderr).toContain(`${kept} of 36 tiles were there from an earlier run`);
    expect(Object.keys(filesOf('k.zarr'))).toEqual(Object.keys(whole));
    expect(filesOf('k.zarr')).toEqual(whole);
  });

  it('that was interrupted keeps finished tiles and no others', async () => {
    expect(await stopped('i.zarr', 'SIGINT', 3, 0)).toBe(130);
    const files = filesOf('i.zarr');
    expect(Object.keys(files).length).toBeGreaterThan(3);
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
