/** `ntkc hierarchy --contract`: sums over tuples equal the sums of what --tuples gives, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
});
afterAll(() => place.remove());

const x = [
  [1, 0.2, -0.5],
  [0.3, -1.1, 0.4],
  [-0.7, 0.6, 0.9],
  [0.2, 0.8, -0.3],
];
const net = (op: string, hidden = 1) => ({
  ntkc: 1,
  name: op,
  input: { shape: [3] },
  layers: [...Array.from({ length: hidden }, () => [{ op: 'dense', bStd: 0.3 }, { op }]).flat(), { op: 'dense' }],
});
const wave = (k: number) => Math.sin(1 + 2.3 * k);
const parameters = [
  { W: Array.from({ length: 5 }, (_, o) => [0, 1, 2].map((i) => wave(3 * o + i))), b: [0, 1, 2, 3, 4].map(wave) },
  { W: [[0, 1, 2, 3, 4].map((i) => wave(20 + i))] },
];
const indices = [0, 1, 2, 3];
const r = indices.map((i) => wave(40 + i));
const C = indices.map((i) => indices.map((j) => wave(50 + 4 * i + j)));

/** Σ weight · K over the tuples that `ntkc hierarchy --tuples` gives, [4 4]. */
async function summed(level: readonly string[], weights: readonly number[] | readonly (readonly number[])[]) {
  const rests = weights.flatMap((w, g): readonly (readonly [number, readonly number[]])[] =>
    typeof w === 'number' ? [[w, [g]]] : w.map((v, h) => [v, [g, h]] as const),
  );
  const tuples = indices.flatMap((a) => indices.flatMap((b) => rests.map(([, rest]) => [a, b, ...rest])));
  place.write({ 'tuples.json': tuples });
  const { stdout, stderr } = await place.ntkc(
    'hierarchy',
    'net.json',
    '--x',
    'x.json',
    '--tuples',
    'tuples.json',
    ...level,
  );
  expect(stderr).toMatch(/tuples/);
  const values = JSON.parse(stdout) as readonly number[];
  return indices.map((a) =>
    indices.map((b) =>
      rests.reduce((sum, [weight], k) => sum + weight * (values[(4 * a + b) * rests.length + k] as number), 0),
    ),
  );
}

const contract = (...rest: readonly string[]) =>
  place.ntkc('hierarchy', 'net.json', '--x', 'x.json', '--contract', 'weights.json', ...rest);

const close = (found: readonly (readonly number[])[], wanted: readonly (readonly number[])[]) => {
  const scale = Math.max(...wanted.flat().map(Math.abs));
  // Sums of 16 terms: rounding alone.
  for (const a of indices)
    for (const b of indices)
      expect(Math.abs((found[a]?.[b] as number) - (wanted[a]?.[b] as number))).toBeLessThan(1e-12 * scale);
};

describe('hierarchy --contract', () => {
  it.each([
    ['K3', r],
    ['K4', C],
  ] as const)('%s of a finite network is the sum over tuples, and says what the plan saves', async (name, weights) => {
    place.write({ 'net.json': net('erf'), 'x.json': x, 'weights.json': weights, 'p.json': parameters });
    const { status, stdout, stderr } = await contract('--parameters', 'p.json');
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(new RegExp(`loop over n\\^${name.slice(1)} tuples: .* as many\\n${name} contracted over 4`));
    const sums = await summed(['--parameters', 'p.json'], weights);
    close(JSON.parse(stdout), sums);
    const other = JSON.parse((await contract('--parameters', 'p.json', '--target', 'reference', '--json')).stdout);
    expect(other).toMatchObject({ level: 'finite', target: 'reference' });
    close(other.values, sums);
  });

  it('the expectation of K4 is the sum over tuples; excluded ones are counted', async () => {
    place.write({ 'net.json': net('relu'), 'x.json': x, 'weights.json': C });
    const level = ['--expected', '--coincident', 'exclude'];
    const { status, stdout, stderr } = await contract(...level);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/note: \d+ tuples excluded/);
    close(JSON.parse(stdout), await summed(level, C));
  });

  it('the expectation of K3 is zero, and why', async () => {
    place.write({ 'net.json': net('erf'), 'x.json': x, 'weights.json': r });
    const { stdout, stderr } = await contract('--expected');
    expect(JSON.parse(stdout)).toEqual(indices.map(() => [0, 0, 0, 0]));
    expect(stderr).toMatch(/odd/);
  });

  it('a sample mean comes with standard errors, and is near the expectation', async () => {
    place.write({ 'net.json': net('erf'), 'x.json': x, 'weights.json': C });
    const exact = JSON.parse((await contract('--expected')).stdout) as readonly (readonly number[])[];
    const { status, stderr } = await contract(
      ...['--expected', '--samples', '4000', '--seed', '3', '-o', 'mean.json', '--standard-error', 'error.json'],
    );
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/a mean over \d+ neurons; its standard error is [\d.]+ %/);
    const [mean, error] = ['mean.json', 'error.json'].map((file) => JSON.parse(place.read(file)) as number[][]);
    // |z| of 10 different entries beyond 4.5 by chance: 7e-5; the seed is fixed.
    for (const a of indices)
      for (const b of indices)
        expect(Math.abs((mean?.[a]?.[b] as number) - (exact[a]?.[b] as number))).toBeLessThan(
          4.5 * (error?.[a]?.[b] as number),
        );
  });

  it.each([
    [[], /neither --parameters nor --expected/],
    [['--expected', '--tuples', 'weights.json'], /contradict/],
    [['--parameters', 'p.json', '--samples', '10'], /--samples is for --expected/],
    [['--expected', '--target', 'wasm'], /--target is for --parameters with --contract/],
    [['--parameters', 'p.json', '--target', 'gpu'], /--target .*wasm, reference, tfjs/],
    [['--expected', '--seed', '1'], /--seed is for --samples/],
    [['--expected', '--standard-error', 'e.json'], /--standard-error is for --samples/],
    [
      ['--expected', '--samples', '10', '-o', 'k.json', '--standard-error', './k.json'],
      /-o and --standard-error name the same file\. At k\.json/,
    ],
    [['--expected', '--samples', '10', '--coincident', 'exclude'], /--coincident is not for --samples/],
    [['--expected', '-o', 'k.txt'], /k\.txt/],
  ])('refuses %j', async (rest, message) => {
    place.write({ 'net.json': net('erf'), 'x.json': x, 'weights.json': C, 'p.json': parameters });
    expect(await contract(...rest)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it.each([
    ['weights of another size', [1, 2, 3], /weights\.json.*Expected \[4\]/],
    ['weights that are a table', indices.map(() => [1, 2]), /the weights have the shape \[4, 2\]/],
  ])('refuses %s', async (_, weights, message) => {
    place.write({ 'net.json': net('erf'), 'x.json': x, 'weights.json': weights });
    expect(await contract('--expected')).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
  });

  it('refuses the contracted expectation of three layers, and says where to go', async () => {
    place.write({ 'net.json': net('erf', 2), 'x.json': x, 'weights.json': C });
    expect(await contract('--expected')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/two layers.*--tuples/),
    });
  });
});

it('hierarchy --expected of three layers: symmetric in the first two, the NTK for two', async () => {
  place.write({
    'net.json': net('erf', 2),
    'x.json': x,
    'tuples.json': [
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3],
      [1, 0, 2, 3],
    ],
  });
  const { status, stdout, stderr } = await place.ntkc(
    ...['hierarchy', 'net.json', '--x', 'x.json', '--tuples', 'tuples.json', '--expected'],
  );
  expect(status, stderr).toBe(0);
  const [ntk, third, fourth, swapped] = JSON.parse(stdout) as readonly number[];
  expect(third).toBe(0);
  expect(swapped).toBeCloseTo(fourth as number, 12);
  place.write({ 'x1.json': x });
  const gram = await place.ntkc('gram', 'net.json', '--x1', 'x1.json', '--kernel', 'ntk');
  expect(JSON.parse(gram.stdout)[0][1]).toBeCloseTo(ntk as number, 12);
});
