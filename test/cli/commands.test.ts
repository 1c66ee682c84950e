/** Each command as a user meets it: what is printed, what is written, what a machine reads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../src/runtime/io/index.ts';
import { repoRoot } from '../support/cli.ts';
import { newWorkspace, reluNetwork, type Workspace } from './workspace.ts';

interface Golden {
  readonly network: unknown;
  readonly x1: readonly (readonly number[])[];
  readonly x2: readonly (readonly number[])[];
  readonly x1x1: { readonly nngp: number[][]; readonly ntk: number[][] };
  readonly x1x2: { readonly nngp: number[][]; readonly ntk: number[][] };
}
const golden: Golden = JSON.parse(readFileSync(join(repoRoot, 'test/oracle/kernels/mlp-relu.json'), 'utf8'));

/** Two classes in two features, apart by the sign of a - b; 40 rows. */
const table = [
  'a,b,kind',
  ...Array.from({ length: 40 }, (_, i) => {
    const [a, b] = [Math.sin(7 * i), Math.cos(11 * i)];
    return `${a},${b},${a > b ? 'up' : 'down'}`;
  }),
].join('\n');

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  place.write({
    'net.json': reluNetwork,
    'golden.json': golden.network,
    'x1.json': golden.x1,
    'x2.json': golden.x2,
    'data.csv': table,
  });
});
afterAll(() => place.remove());

/** Largest difference relative to the largest entry. */
function difference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const scale = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((v, i) => Math.abs(v - (b[i] ?? Number.NaN)))) / scale;
}

/** ReLU angles meet 0 and π in these inputs, where the golden values' own arccos loses half the digits. */
const goldenTolerance = 1e-7;
/** One rounding to float32 of values computed in float64. */
const float32Tolerance = 2 ** -23;

/** What issue 3 asks of tfjs in float32. */
const tfjsTolerance = 3e-4;

describe('check', () => {
  it('prints layers with shapes and weights, kernels, targets', async () => {
    const { status, stdout, stderr } = await place.ntkc('check', 'net.json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'relu-mlp: 3 layers, input [2], 2 parameter layers',
        '',
        'layer      op     shape       weight  fields',
        'layers[0]  dense  [2] -> [∞]  μ1 = 1  wStd 1.5, bStd 0.2',
        'layers[1]  relu   [∞] -> [∞]',
        'layers[2]  dense  [∞] -> [∞]  μ2 = 1',
        '',
        'nngp       yes',
        'ntk        yes',
        'wntk       yes',
        'layerwise  yes',
        'verify     yes',
        'targets    reference (float64), wasm (float64, float32), tfjs (float32)',
        '',
      ].join('\n'),
    );
  });

  it('counts the copies of a repeated layer and shows identity branches', async () => {
    const dense = { op: 'dense' };
    const block = { op: 'sum', branches: [[], [{ ...dense, ntkWeight: 0.5 }]] };
    place.write({
      'deep.json': { input: { shape: [2] }, layers: [dense, { op: 'repeat', times: 3, layers: [block] }] },
    });
    const { stdout } = await place.ntkc('check', 'deep.json');
    expect(stdout).toContain('4 parameter layers');
    expect(stdout).toMatch(/layers\[1\]\.layers\[0\]\.branches\[1\]\[0\] +dense .* μ2, μ3, μ4 = 0\.5/);
    expect(stdout).toMatch(/branches\[0\] +\(identity\)/);
    const { stdout: json } = await place.ntkc('check', 'deep.json', '--json');
    expect(JSON.parse(json)).toMatchObject({
      layerWeights: [1, 0.5, 0.5, 0.5],
      kernels: { wntk: { supported: true } },
    });
  });

  it('says why a kernel is not supported', async () => {
    place.write({ 'fixed.json': { input: { shape: [2] }, layers: [{ op: 'identity' }] } });
    const { status, stdout } = await place.ntkc('check', 'fixed.json');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^nngp +yes$/m);
    expect(stdout).toMatch(/^ntk +no: .*no parameters/m);
  });
});

describe('derive and generate', () => {
  it('print text by default, and the format of --format or of the ending of -o', async () => {
    expect((await place.ntkc('derive', 'net.json', '--kernel', 'wntk')).stdout).toContain("Θ²(x,x')");
    expect((await place.ntkc('derive', 'net.json', '--format', 'latex')).stdout).toContain('\\dot');
    expect(JSON.parse((await place.ntkc('derive', 'net.json', '--json')).stdout)).toMatchObject({ kernel: 'ntk' });
    for (const [name, format, begin] of [
      ['d.txt', 'text', 'NTK of'],
      ['d.tex', 'latex', '\\documentclass'],
      ['d.json', 'json', '{'],
      ['d.html', 'html', '<!'],
    ] as const) {
      const stderr = `${name}: ntk of relu-mlp, ${format}\n`;
      expect(await place.ntkc('derive', 'net.json', '-o', name)).toEqual({ status: 0, stdout: '', stderr });
      expect(place.read(name).slice(0, 400)).toContain(begin);
    }
  });

  it('print kernels of the hierarchy as terms, after their number', async () => {
    const text = await place.ntkc('derive', 'net.json', '--kernel', 'k3');
    expect(text.stderr).toMatch(/^K3 .* at most \d+ terms of \d+ factors .* about 1 s\n$/);
    expect(text.stdout).toContain('K3(x_α, x_β, x_γ) =');
    const latex = await place.ntkc('derive', 'net.json', '--kernel', 'k2', '-o', 'k2.tex');
    expect(latex).toMatchObject({ status: 0, stderr: expect.stringMatching(/\nk2\.tex: k2 of relu-mlp, latex\n$/) });
    expect(place.read('k2.tex')).toContain('\\begin{align*}');
    expect((await place.ntkc('derive', 'net.json', '--kernel', 'k3', '-o', 'k3.html')).status).toBe(0);
    expect(place.read('k3.html')).toMatch(/^<!doctype html>.*<math/s);
    expect(JSON.parse((await place.ntkc('derive', 'net.json', '--kernel', 'k4', '--json')).stdout)).toMatchObject({
      order: 4,
    });
  });

  it('write a module for each target', async () => {
    const tfjs = await place.ntkc('generate', 'net.json', '--kernel', 'wntk', '-o', 'kernel.ts');
    expect(tfjs).toEqual({ status: 0, stdout: '', stderr: 'kernel.ts: module of target tfjs\n' });
    const wat = await place.ntkc('generate', 'net.json', '--target', 'wasm', '-o', 'kernel.wat');
    expect(wat).toEqual({ status: 0, stdout: '', stderr: 'kernel.wat: text of target wasm\n' });
    expect(place.read('kernel.ts')).toContain("from '@tensorflow/tfjs-core'");
    const { stdout } = await place.ntkc('generate', 'net.json', '--target', 'reference');
    const { gram } = await import(`data:text/javascript,${encodeURIComponent(stdout)}`);
    const { stdout: printed } = await place.ntkc('gram', 'golden.json', '--x1', 'x1.json', '--kernel', 'nngp');
    expect(JSON.parse(printed)).toHaveLength(4);
    expect(gram(Float64Array.of(1, 2), 1)).toHaveLength(1);
  });
});

describe('gram', () => {
  it.each(['nngp', 'ntk'] as const)('gives the golden %s, as .json, .npy and on stdout', async (kernel) => {
    const run = (...more: readonly string[]) => place.ntkc('gram', 'golden.json', '--kernel', kernel, ...more);
    const { stdout } = await run('--x1', 'x1.json');
    expect(difference((JSON.parse(stdout) as number[][]).flat(), golden.x1x1[kernel].flat())).toBeLessThan(
      goldenTolerance,
    );
    await run('--x1', 'x1.json', '--x2', 'x2.json', '-o', 'k.json');
    const crossed = (JSON.parse(place.read('k.json')) as number[][]).flat();
    expect(difference(crossed, golden.x1x2[kernel].flat())).toBeLessThan(goldenTolerance);
    const { stderr } = await run('--x1', 'x1.json', '--x2', 'x2.json', '-o', 'k.npy');
    expect(stderr).toMatch(/^k\.npy: .* \[4, 3\], wasm, float64, [\d.]+ s\n$/);
    const { shape, data } = readNpy(join(place.folder, 'k.npy'));
    expect([shape, [...data]]).toEqual([[4, 3], crossed]);
  });

  it('takes layer weights, and the same through .npy inputs', async () => {
    const ntk = await place.ntkc('gram', 'net.json', '--x1', await saved('x.npy'));
    const wntk = (weights: string) =>
      place.ntkc('gram', 'net.json', '--x1', 'x.npy', '--kernel', 'wntk', '--layer-weights', weights);
    expect((await wntk('1,1')).stdout).toBe(ntk.stdout);
    expect((await wntk('0,2')).stdout).not.toBe(ntk.stdout);
    expect((await wntk('-1,1')).status).toBe(0);
  });

  it('stores float32 on request', async () => {
    await place.ntkc('gram', 'golden.json', '--x1', 'x1.json', '--dtype', 'float32', '-o', 'k32.npy');
    const { dtype, data } = readNpy(join(place.folder, 'k32.npy'));
    expect(dtype).toBe('float32');
    const { stdout } = await place.ntkc('gram', 'golden.json', '--x1', 'x1.json');
    expect(difference([...data], (JSON.parse(stdout) as number[][]).flat())).toBeLessThan(float32Tolerance);
  });

  it('tells a machine what it did', async () => {
    const { stdout } = await place.ntkc('gram', 'golden.json', '--x1', 'x1.json', '-o', 'k.npy', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ kernel: 'ntk', dtype: 'float64', shape: [4, 4], output: 'k.npy' });
  });

  it('notes the threads it does not use', async () => {
    const { stderr } = await place.ntkc(
      'gram',
      'golden.json',
      '--x1',
      'x1.json',
      '--threads',
      '4',
      '--target',
      'reference',
    );
    expect(stderr).toContain('note: reference runs on one thread\n');
  });

  it('runs on wasm, on any number of threads', async () => {
    const gram = ['gram', 'golden.json', '--x1', 'x1.json'];
    const here = await place.ntkc(...gram, '--target', 'reference');
    const there = [
      await place.ntkc(...gram, '--target', 'wasm'),
      await place.ntkc(...gram, '--target', 'wasm', '--threads', '2', '--memory-limit', '400'),
    ];
    const numbers = (stdout: string) => (JSON.parse(stdout) as number[][]).flat();
    for (const { stdout, stderr } of there) {
      expect(difference(numbers(stdout), numbers(here.stdout))).toBeLessThan(1e-7); // equal inputs are among them
      expect(stderr).toMatch(/, wasm, float64, [\d.]+ s\n$/);
    }
    expect(there[0]?.stdout).toBe(there[1]?.stdout);
  });

  it('runs on tfjs, and notes the backend and the truncation of formulas', async () => {
    const layers = [{ op: 'dense' }, { op: 'elementwise', expr: 'tanh(x)' }, { op: 'dense' }];
    place.write({ 'tanh.json': { input: { shape: [7] }, layers } });
    const gram = ['gram', 'tanh.json', '--x1', 'x1.json', '--json'];
    const tfjs = await place.ntkc(...gram, '--target', 'tfjs', '--tfjs-backend', 'cpu');
    expect(tfjs.stderr).toMatch(/^note: .*cpu/);
    expect(tfjs.stderr).toMatch(/formula activations: each leaves out at most \d\S* of its kernel\n$/);
    const [there, here] = [tfjs, await place.ntkc(...gram)].map(({ stdout }) => JSON.parse(stdout));
    expect(there).toMatchObject({ target: 'tfjs (cpu)', dtype: 'float32', shape: [4, 4] });
    expect(difference(there.matrix.flat(), here.matrix.flat())).toBeLessThan(tfjsTolerance);
  });

  /** Two rows as .npy, by way of the command itself: a Gram matrix of 2 inputs is [2, 2]. */
  async function saved(name: string): Promise<string> {
    place.write({ 'two.json': [[1, 2], [0.5, -1]] }); // biome-ignore format: two rows
    await place.ntkc('gram', 'net.json', '--x1', 'two.json', '-o', name);
    return name;
  }
});

describe('fit and predict', () => {
  it('cross-validates, saves a model and predicts with it', async () => {
    const { status, stdout, stderr } = await place.ntkc(
      ...['fit', 'net.json', '--data', 'data.csv', '--label', 'kind', '--save', 'model.json'],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'model.json: model fitted on all 40 rows\n' });
    expect(stdout).toMatch(/data\.csv: 40 rows, 2 features, 2 classes; predicting kind/);
    expect(stdout).toMatch(/^accuracy +\d+\.\d\d % ± \d/m);
    expect(stdout.match(/^ +\d +32 +8 /gm)).toHaveLength(5);
    const predicted = await place.ntkc('predict', 'model.json', '--data', 'data.csv', '-o', 'p.csv');
    expect(predicted).toMatchObject({ status: 0, stdout: '' });
    expect(predicted.stderr).toMatch(/^p\.csv: 40 predictions\nnote: .*\n$/);
    const truth = table.split('\n').map((line) => line.split(',').at(-1));
    const answers = place.read('p.csv').trimEnd().split('\n');
    expect(answers[0]).toBe('kind');
    // Separable classes, fitted on these very rows with a small ridge: nearly all must come back.
    expect(answers.filter((answer, i) => answer === truth[i]).length).toBeGreaterThan(36);
    expect(predicted.stderr).toMatch(/\d\d of 40 rows agree with the column kind/);
    const { stdout: json } = await place.ntkc('predict', 'model.json', '--data', 'data.csv', '--json');
    expect(JSON.parse(json)).toMatchObject({ classes: ['down', 'up'], predictions: answers.slice(1) });
  });

  it('keeps the layer weights in the model', async () => {
    const fit = ['fit', 'net.json', '--data', 'data.csv', '--label', 'kind', '--kernel', 'wntk'];
    await place.ntkc(...fit, '--layer-weights', '0,2', '--save', 'w.json');
    expect(JSON.parse(place.read('w.json'))).toMatchObject({ kernel: 'wntk', layerWeights: [0, 2] });
    expect((await place.ntkc('predict', 'w.json', '--data', 'data.csv')).status).toBe(0);
  });

  it('gives the same scores for the same seed, others for another, and regression on request', async () => {
    const fit = (...more: readonly string[]) =>
      place.ntkc('fit', 'net.json', '--data', 'numbers.csv', '--label', 'y', '--json', ...more);
    const lines = Array.from({ length: 30 }, (_, i) => `${i / 10},${(i * 7) % 5},${i % 3}`);
    place.write({ 'numbers.csv': ['a,b,y', ...lines].join('\n') });
    const first = JSON.parse((await fit('--ridge', 'relative:0.1')).stdout);
    expect(first).toMatchObject({ task: 'classification', ridge: { kind: 'relative', value: 0.1 }, majority: 1 / 3 });
    expect(JSON.parse((await fit('--ridge', 'relative:0.1')).stdout)).toEqual(first);
    expect(JSON.parse((await fit('--ridge', 'relative:0.1', '--seed', '1')).stdout).folds).not.toEqual(first.folds);
    const { rmse, r2 } = JSON.parse((await fit('--task', 'regression', '--folds', '3')).stdout);
    expect([rmse.mean > 0, r2.mean < 1]).toEqual([true, true]);
  });
});

describe('help', () => {
  it.each(['check', 'derive', 'generate', 'gram', 'fit', 'predict', 'verify'])('of %s has an example', async (name) => {
    const { status, stdout, stderr } = await place.ntkc(name, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  \\$ ntkc ${name} `));
    expect(stdout).toContain('--json');
  });

  it('lists the commands, also without arguments', async () => {
    const { status, stdout } = await place.ntkc('--help');
    expect(status).toBe(0);
    expect(await place.ntkc()).toEqual({ status: 0, stdout, stderr: '' });
    expect((await place.ntkc('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
