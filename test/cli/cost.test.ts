/** `ntkc derive --cost`: what a Gram matrix costs, before it is computed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  const layers = (activation: object) => [{ op: 'dense' }, activation, { op: 'dense' }];
  place.write({
    'relu.json': { ntkc: 1, name: 'one', input: { shape: [10] }, layers: layers({ op: 'relu' }) },
    'cnn.json': {
      ntkc: 1,
      name: 'pixels',
      input: { shape: [4, 5, 3] },
      layers: [{ op: 'conv', kernel: [3, 3] }, { op: 'relu' }, { op: 'globalAvgPool' }, { op: 'dense' }],
    },
    'large.json': {
      ntkc: 1,
      input: { shape: [512, 512, 3] },
      layers: [{ op: 'conv', kernel: [3, 3] }, { op: 'relu' }, { op: 'globalAvgPool' }, { op: 'dense' }],
    },
    'tanh.json': {
      ntkc: 1,
      name: 'two',
      input: { shape: [10] },
      layers: layers({ op: 'elementwise', expr: 'tanh(x)' }),
    },
  });
});
afterAll(() => place.remove());

it('of inputs with positions counts pairs of positions', async () => {
  const { status, stdout } = await place.ntkc('derive', 'cnn.json', '--cost', '--n', '10');
  expect(status).toBe(0);
  expect(stdout).toMatch(/55 pairs: 2400 flops each for the inner product, \d+ after it \(400 of them divisions/);
});

it('refuses positions that a WebAssembly memory does not hold, and says how much they need', async () => {
  const { status, stderr } = await place.ntkc('derive', 'large.json', '--cost');
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /262144 x 262144 positions need [\d.]+ GB of memory.*large\.json.*at most 3 GB.*smaller images, or flatten/,
  );
  expect((await place.ntkc('check', 'large.json')).stdout).toMatch(/^positions .* [\d.]+ TB on reference$/m);
});

it('prints flops, bytes and about how long, n = 1000 unless said otherwise', async () => {
  const { status, stdout, stderr } = await place.ntkc('derive', 'relu.json', '--cost');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    new RegExp(
      [
        '^ntk of "one" on the wasm target, a Gram matrix of n = 1000',
        '500500 pairs: 20 flops each for the inner product, \\d+ after it \\(1 of them divisions and roots\\)',
        '0\\.0\\d+ Gflop in all, 6 values once a sample',
        '7\\.6 MB written, nothing of that size between',
        'about 0\\.01 s on one thread, at 20 Gflop/s and 1 GB/s of output\n$',
      ].join('\n'),
    ),
  );
});

// A hundred times as long from one to the next.
it.each([
  ['100000', /about \d+ s on one thread/],
  ['1000000', /about \d hours on one thread/],
  ['10000000', /about \d+ days on one thread/],
])('says how long in a unit that fits: n = %s', async (n, says) => {
  expect((await place.ntkc('derive', 'relu.json', '--cost', '--n', n)).stdout).toMatch(says);
});

it('counts the coefficients of a series, and says it as JSON', async () => {
  const { stdout } = await place.ntkc('derive', 'tanh.json', '--cost', '--n', '200', '--kernel', 'nngp');
  expect(stdout).toContain('Gflop where each series takes 32 coefficients');
  const { stdout: json } = await place.ntkc('derive', 'tanh.json', '--cost', '--n', '200', '--json');
  const cost = JSON.parse(json);
  expect(cost).toMatchObject({ network: 'two', kernel: 'ntk', target: 'wasm', n: 200, pairs: 20100, bytes: 320000 });
  // E φφ and E φ'φ': two series.
  expect(cost.flopsPerCoefficient).toBe(6);
  expect(cost.flops).toBe(20100 * (cost.innerFlops + cost.fusedFlops + 32 * 6));
});

it.each([
  [['--cost', '--kernel', 'k4'], 'Expected nngp, ntk, wntk, layerwise'],
  [['--cost', '--expected'], '--expected and --cost'],
  [['--cost', '--max-terms', '5'], '--max-terms and --cost'],
  [['--cost', '--format', 'latex'], 'Expected text or json'],
  [['--n', '5'], '--n without --cost'],
  [['--cost', '--n', '0'], '--n'],
])('%j is refused in one line', async (options, says) => {
  const { status, stdout, stderr } = await place.ntkc('derive', 'relu.json', ...options);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(says);
  expect(stderr.trimEnd()).not.toContain('\n');
});
