/** Kernels by Monte Carlo through the command line: networks without a kernel in closed form. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadArray } from '../../src/index.ts';
import { newWorkspace, type Workspace } from './workspace.ts';

const net = {
  input: { shape: [4, 2] },
  layers: [{ op: 'conv', kernel: [2] }, { op: 'maxPool', window: [2] }, { op: 'flatten' }, { op: 'dense' }],
};
const inputs = [0, 1, 2].map((i) => [0, 1, 2, 3].map((p) => [Math.sin(i + p), Math.cos(i * p)]));

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  place.write({ 'net.json': net, 'x.json': inputs });
});
afterAll(() => place.remove());

describe('ntkc gram --samples', () => {
  it('writes means and standard errors, and says that they are estimates', async () => {
    const run = await place.ntkc(
      'gram',
      'net.json',
      '--x1',
      'x.json',
      '--samples',
      '6',
      '--width',
      '16',
      '-o',
      'k.npy',
    );
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/Monte Carlo: mean of 6 networks of width 16, not the limit/);
    expect(run.stderr).toMatch(/standard errors in k\.se\.npy/);
    const [k, error] = [loadArray(`${place.folder}/k.npy`), loadArray(`${place.folder}/k.se.npy`)];
    expect([k.shape, error.shape]).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(Array.from(error.data).every((v) => v > 0)).toBe(true);
  });

  it('of inputs that are zero has standard errors of 0 %', async () => {
    place.write({ 'zero.json': [inputs[0]?.map(() => [0, 0])] });
    const run = await place.ntkc('gram', 'net.json', '--x1', 'zero.json', '--samples', '2', '--width', '4');
    expect(run.stderr).toMatch(/at most 0\.0 % of the largest entry/);
  });

  it.each([
    [['--x1', 'x.json'], /maxPool has no kernel rule.*--samples/],
    [['--x1', 'x.json', '--samples', '1'], /--samples/],
    [['--x1', 'x.json', '--width', '8'], /--width and --seed are for --samples/],
    [['--x1', 'x.json', '--samples', '4', '-o', 'k.zarr'], /not written tile by tile/],
  ])('refuses %j in one line', async (options, message) => {
    const run = await place.ntkc('gram', 'net.json', ...options);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stderr.trim()).not.toContain('\n');
  });

  it('check says what such a network has', async () => {
    const run = await place.ntkc('check', 'net.json');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/2 parameter layers/);
    expect(run.stdout).toMatch(/^nngp +no: maxPool has no kernel rule.*Expected any op but maxPool\. /m);
    expect(run.stdout).toMatch(/^ntk +no, as nngp\nwntk +no, as nngp\nlayerwise +no, as nngp\nverify +no, as nngp$/m);
  });
});
