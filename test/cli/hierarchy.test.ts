/** `ntkc hierarchy`: golden values of finite networks and of their expectation, and formats. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, saveArray } from '../../src/runtime/io/index.ts';
import { args, files, finite, folder, type Golden, readGolden, tanh } from './hierarchyFiles.ts';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
});
afterAll(() => place.remove());

describe('hierarchy --parameters', () => {
  it.each(finite)('%s: K2 to K5, widths from the parameters', async (name) => {
    expect(finite).toHaveLength(6);
    const golden = readGolden(name);
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
    const relu = readGolden('two-layer-relu.json');
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
