/** `ntkc hierarchy`: golden values of finite networks and of their expectation, formats, and what is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, saveArray } from '../../src/runtime/io/index.ts';
import { repoRoot } from '../support/cli.ts';
import { newWorkspace, type Workspace } from './workspace.ts';

interface Golden {
  readonly network: { readonly layers: readonly object[] };
  readonly parameters: readonly { readonly W: readonly (readonly number[])[]; readonly b: readonly number[] }[];
  readonly x: readonly (readonly number[])[];
  readonly values: readonly { readonly indices: readonly number[]; readonly value: number }[];
}
const folder = join(repoRoot, 'test/oracle/hierarchy');
const read = (name: string): Golden => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const finite = readdirSync(folder).filter((name) => !name.startsWith('expected'));

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
});
afterAll(() => place.remove());

const tanh = read('two-layer-tanh.json');
const files = (golden: Golden) => ({
  'net.json': golden.network,
  'x.json': golden.x,
  'tuples.json': golden.values.map(({ indices }) => indices),
  'parameters.json': golden.parameters,
});
const args = ['hierarchy', 'net.json', '--x', 'x.json', '--tuples', 'tuples.json', '--parameters', 'parameters.json'];

describe('hierarchy --parameters', () => {
  it.each(finite)('%s: K2 to K5, widths from the parameters', async (name) => {
    expect(finite).toHaveLength(6);
    const golden = read(name);
    place.write(files(golden));
    const { status, stdout, stderr } = await place.ntkc(...args);
    expect(status, stderr).toBe(0);
    const values = JSON.parse(stdout) as number[];
    expect(values).toHaveLength(golden.values.length);
    golden.values.forEach(({ value }, k) => {
      // What issue 4 asks for.
      expect(Math.abs((values[k] as number) - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value));
    });
  });

  it('writes .json and .npy with the same numbers, and says what it did', async () => {
    place.write(files(tanh));
    const { stdout: printed } = await place.ntkc(...args);
    expect(await place.ntkc(...args, '-o', 'k.json')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^k\.json: K2, K3, K4, K5 at 24 tuples, [\d.]+ s\n$/),
    });
    expect(place.read('k.json')).toBe(printed);
    const { status, stdout } = await place.ntkc(...args, '-o', 'k.npy', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'finite', orders: [2, 3, 4, 5], count: 24, output: 'k.npy' });
    const { data, shape } = readNpy(join(place.folder, 'k.npy'));
    expect(shape).toEqual([24]);
    expect([...data]).toEqual(JSON.parse(printed));
  });

  it('reads tuples of one order from .npy, if they are whole numbers', async () => {
    place.write(files(tanh));
    place.write({
      'three.json': [
        [0, 1, 2],
        [3, 4, 4],
      ],
    });
    saveArray(join(place.folder, 'three.npy'), Float64Array.of(0, 1, 2, 3, 4, 4), [2, 3]);
    const { stdout: wanted } = await place.ntkc(...args.with(5, 'three.json'));
    const { stdout } = await place.ntkc(...args.with(5, 'three.npy'), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ orders: [3], values: JSON.parse(wanted) });
    saveArray(join(place.folder, 'halves.npy'), Float64Array.of(0, 1, 0.5, 1), [2, 2]);
    const { status, stderr } = await place.ntkc(...args.with(5, 'halves.npy'));
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('halves.npy: tuples[1][0]'),
    });
  });

  it('notes pointwise derivatives at kinks, and which output is meant', async () => {
    const relu = read('two-layer-relu.json');
    place.write(files(relu));
    expect((await place.ntkc(...args)).stderr).toContain('not smooth');
    const [first, last] = relu.parameters;
    const twice = { W: [...(last?.W ?? []), ...(last?.W ?? [])], b: [...(last?.b ?? []), ...(last?.b ?? [])] };
    place.write({ 'parameters.json': [first, twice] });
    const { status, stderr } = await place.ntkc(...args);
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('2 outputs; f is the first'),
    });
  });

  it('notes that dropout draws no masks', async () => {
    const [first, ...rest] = tanh.network.layers;
    const dropout = { op: 'dropout', keep: 0.5 };
    place.write({ ...files(tanh), 'net.json': { ...tanh.network, layers: [first, dropout, ...rest] } });
    const dropped = await place.ntkc(...args);
    expect(dropped).toMatchObject({ status: 0, stderr: expect.stringContaining('no dropout: each mask is its mean') });
    place.write(files(tanh));
    expect(await place.ntkc(...args)).toMatchObject({
      stdout: dropped.stdout,
      stderr: expect.not.stringContaining('dropout'),
    });
  });

  it('takes another width for each copy of a repeated layer, and widths inside branches', async () => {
    const dense = { op: 'dense', bStd: 0.5 };
    const tanhLayer = { op: 'elementwise', expr: 'tanh(x)' };
    const residual = { op: 'sum', branches: [[], [tanhLayer, dense]] };
    const net = (...layers: readonly unknown[]) => ({ input: { shape: [4] }, layers: [...layers, tanhLayer, dense] });
    const layer = (width: number, fanIn: number) => ({
      W: Array.from({ length: width }, (_, o) =>
        Array.from({ length: fanIn }, (_, i) => Math.sin(3 * o + 7 * i + width)),
      ),
      b: Array.from({ length: width }, (_, o) => Math.cos(5 * o)),
    });
    place.write(files(tanh));
    place.write({
      'parameters.json': [layer(5, 4), layer(3, 5), layer(3, 3), layer(1, 3)],
      'net.json': net({ op: 'repeat', times: 2, layers: [dense, tanhLayer] }, residual),
      'unrolled.json': net({ ...dense, width: 5 }, tanhLayer, { ...dense, width: 3 }, tanhLayer, {
        op: 'sum',
        branches: [[], [tanhLayer, { ...dense, width: 3 }]],
      }),
    });
    const { status, stdout, stderr } = await place.ntkc(...args);
    expect(status, stderr).toBe(0);
    expect(stdout).toBe((await place.ntkc(...args.with(1, 'unrolled.json'))).stdout);
  });

  it('has help with an example that names its files', async () => {
    const { status, stdout } = await place.ntkc('hierarchy', '--help');
    expect(status).toBe(0);
    for (const option of ['--x', '--tuples', '--parameters', '--expected', '--output', '--json', '$ ntkc hierarchy'])
      expect(stdout).toContain(option);
  });
});

describe('hierarchy --expected', () => {
  const golden = JSON.parse(readFileSync(join(folder, 'expected-k4-relu.json'), 'utf8')) as Pick<
    Golden,
    'x' | 'values'
  >;
  const relu = {
    input: { shape: [8] },
    layers: [{ op: 'dense', wStd: Math.sqrt(8) }, { op: 'relu' }, { op: 'dense' }],
  };
  const expected = [...args.slice(0, 6), '--expected'];
  beforeAll(() => place.write({ ...files({ ...tanh, ...golden }), 'net.json': relu }));

  it('is width times the expectation of K4', async () => {
    const { status, stdout, stderr } = await place.ntkc(...expected, '--json');
    expect(status, stderr).toBe(0);
    const { level, orders, values } = JSON.parse(stdout) as { level: string; orders: number[]; values: number[] };
    expect({ level, orders }).toEqual({ level: 'expected', orders: [4] });
    golden.values.forEach(({ value }, k) => {
      // What issue 4 asks for.
      expect(Math.abs((values[k] as number) - value)).toBeLessThanOrEqual(1e-8 * Math.abs(value));
    });
  });

  it('leaves out coinciding samples, or smooths, where asked', async () => {
    place.write({
      'coincident.json': [
        [0, 1, 0, 2],
        [0, 1, 2, 3],
      ],
    });
    const coincident = expected.with(5, 'coincident.json');
    expect(await place.ntkc(...coincident)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^ntkc: [^\n]*direction[^\n]*coincident\.json[^\n]*\n$/),
    });
    const excluding = await place.ntkc(...coincident, '--coincident', 'exclude');
    expect(excluding.stderr).toContain('note: 1 of 2 tuples excluded');
    expect(JSON.parse((await place.ntkc(...coincident, '--coincident', 'exclude', '--json')).stdout).excluded).toBe(1);
    const left = JSON.parse(excluding.stdout) as number[];
    expect(left[0]).toBe(0);
    expect(left[1]).not.toBe(0);
    const smoothed = JSON.parse((await place.ntkc(...coincident, '--smoothing', '0.1')).stdout) as number[];
    expect(smoothed[0]).not.toBe(0);
    // Smoothing moves a value by about its square.
    expect(Math.abs(smoothed[1]! - left[1]!)).toBeLessThan(0.01);
  });

  it.each([
    ['both --parameters and --expected', [...args, '--expected'], 'contradict'],
    ['--coincident for a finite network', [...args, '--coincident', 'exclude'], '--coincident'],
    ['--smoothing for a finite network', [...args, '--smoothing', '1'], '--smoothing'],
    ['--smoothing 0', [...expected, '--smoothing', '0'], '--smoothing'],
    ['--coincident of another kind', [...expected, '--coincident', 'drop'], 'refuse, exclude'],
  ])('refuses %s', async (_, command, says) => {
    const { status, stdout, stderr } = await place.ntkc(...command);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    expect(stderr).toContain(says);
  });
});

describe('hierarchy refuses', () => {
  const [first, last] = tanh.parameters as [Golden['parameters'][number], Golden['parameters'][number]];
  const parameters = (...content: readonly unknown[]) => ({ 'parameters.json': content });
  const tuples = (...content: readonly unknown[]) => ({ 'tuples.json': content });
  const short = first.W.map((row, o) => (o === 3 ? row.slice(1) : row));
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ['tuples that are no list', { 'tuples.json': { a: 1 } }, ['tuples.json', 'not a list of tuples']],
    ['no tuples', tuples(), ['tuples.json: tuples', 'no tuples']],
    ['a tuple that is a number', tuples([0, 1], 2), ['tuples.json: tuples[1]', 'lists of whole numbers']],
    ['an order below 2', tuples([0]), ['tuples.json: tuples[0]', 'length 1', 'length 2 or more']],
    ['an order too large', tuples([0, 0, 0, 0, 0, 0, 0, 0, 0]), ['tuples[0]', '40320 terms', 'order 8']],
    ['an index out of range', tuples([0, 1], [0, 5]), ['tuples[1][1]', 'no sample 5', '0 to 4']],
    ['a fraction', tuples([0.5, 1]), ['tuples[0][0]', 'a whole number']],
    ['a text', tuples([0, '1']), ['tuples[0][1]', 'a whole number']],
    ['a negative index', tuples([-1, 0]), ['tuples[0][0]', 'no sample -1']],
    ['x of other features', { 'x.json': [[1, 2]] }, ['x.json', 'Expected [n, 4]']],
    ['parameters that are no list', { 'parameters.json': {} }, ['parameters.json', 'not a list']],
    ['too few layers', parameters(first), ['parameters.json', 'for 1 layer only']],
    ['too many layers', parameters(first, last, last), ['parameters.json', 'for 3 layers', 'list of 2']],
    ['no W', parameters(first, { b: [1] }), ['parameters.json: [1].W', 'list of rows']],
    ['a short row', parameters({ ...first, W: short }, last), ['parameters.json: [0].W[3]', '4 numbers']],
    [
      'W that does not fit the one before',
      parameters({ W: first.W.slice(1), b: first.b.slice(1) }, last),
      ['[1].W[0]', '6 numbers'],
    ],
    ['a weight that is null', parameters(first, { ...last, W: [[null, 1, 1, 1, 1, 1, 1]] }), ['[1].W[0][0]', 'finite']],
    [
      'values that overflow',
      parameters(first, { ...last, W: [[1e200, 1, 1, 1, 1, 1, 1]] }),
      ['not finite', 'parameters.json'],
    ],
  ];
  it.each(cases)('%s', async (_, content, says) => {
    place.write({ ...files(tanh), ...content, 'old.json': 'an earlier result' });
    const before = place.snapshot();
    const { status, stdout, stderr } = await place.ntkc(...args, '-o', 'old.json');
    expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    for (const part of says) expect(stderr).toContain(part);
    expect(place.snapshot()).toEqual(before);
  });

  it.each([
    ['widths that contradict the parameters', ['--tuples', 'tuples.json', '--parameters', 'parameters.json'], '[0].W'],
    ['neither parameters nor expectation', ['--tuples', 'tuples.json'], '--parameters'],
    [
      'an output of unknown format',
      ['--tuples', 'tuples.json', '--parameters', 'parameters.json', '-o', 'k.txt'],
      'k.txt',
    ],
    [
      'an output in no folder',
      ['--tuples', 'tuples.json', '--parameters', 'parameters.json', '-o', 'no/k.json'],
      'folder',
    ],
    ['no tuples file', ['--parameters', 'parameters.json'], '--tuples'],
  ])('%s', async (_, more, says) => {
    place.write(files(tanh));
    const { layers } = tanh.network;
    place.write({ 'net.json': { ...tanh.network, layers: [{ ...layers[0], width: 8 }, ...layers.slice(1)] } });
    const { status, stdout, stderr } = await place.ntkc('hierarchy', 'net.json', '--x', 'x.json', ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    expect(stderr).toContain(says);
  });
});

describe('derive --kernel k2 to k8 refuses', () => {
  const mlp = (...layers: readonly unknown[]) => ({ name: 'n', input: { shape: [3] }, layers });
  const dense = { op: 'dense' };
  const cases: readonly (readonly [string, unknown, readonly string[], readonly string[]])[] = [
    ['an order below 2', mlp(dense), ['k1'], ['--kernel k1', 'begins at K2', 'k2, k3']],
    ['an order too large', mlp(dense), ['k9'], ['--kernel k9', '40320 trees', 'k8']],
    ['an order far too large', mlp(dense), ['k99'], ['98! trees']],
    ['no kernel at all', mlp(dense), ['k'], ['--kernel is "k"']],
    [
      'more terms than the limit, telling both',
      mlp({ op: 'repeat', times: 7, layers: [dense, { op: 'erf' }] }, dense),
      ['k5'],
      ['net.json', '5124168 terms', 'at most 500000 terms', '--max-terms', 'tree level'],
    ],
    [
      'an op without a rule, by its name and place',
      mlp(dense, { op: 'layerNorm' }, { op: 'relu' }, dense),
      ['k3'],
      ['layerNorm has no rule', 'net.json: layers[1]', 'ntkc hierarchy'],
    ],
    [
      'one inside a branch',
      mlp(dense, { op: 'sum', branches: [[], [{ op: 'relu' }, { op: 'dropout', keep: 0.5 }, dense]] }, dense),
      ['k4'],
      ['dropout has no rule', 'layers[1].branches[1][1]', 'ntkc hierarchy'],
    ],
    [
      '--max-terms for a kernel of infinite width',
      mlp(dense),
      ['ntk', '--max-terms', '5'],
      ['--max-terms', 'k2 to k8'],
    ],
  ];
  it.each(cases)('%s', async (_, net, [kernel, ...more], says) => {
    place.write({ 'net.json': net });
    const { status, stdout, stderr } = await place.ntkc('derive', 'net.json', '--kernel', kernel!, ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    for (const part of says) expect(stderr).toContain(part);
  });

  it('says what was derived where a derivative is zero almost everywhere', async () => {
    place.write({ 'net.json': mlp(dense, { op: 'relu' }, dense) });
    const { stdout } = await place.ntkc('derive', 'net.json', '--kernel', 'k3');
    expect(stdout).toMatch(/derivatives of max\(x, 0\) from order 2 on are zero almost everywhere/);
  });
});
