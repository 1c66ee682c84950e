/** What `ntkc generate --target wasm` writes: a module that stands alone, and its text. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { driverFile, driverText } from '../scripts/engine.ts';
import {
  dense,
  derive,
  elementwise,
  erf,
  gelu,
  generate,
  type KernelName,
  type LayerInput,
  network,
  relu,
} from '../src/index.ts';
import { vocabulary } from '../src/ops/vocabulary.ts';
import { type EmittedKernel, emittedModules } from './support/emitted.ts';

interface Emitted extends EmittedKernel {
  readonly outputs: readonly string[];
  prepare(x: Float64Array, n: number, weights?: readonly number[]): object;
  tile(
    a: object,
    i0: number,
    i1: number,
    b: object,
    j0: number,
    j1: number,
    symmetric: boolean,
    out: readonly Float64Array[],
  ): readonly Float64Array[];
}

const { folder, load } = emittedModules<Emitted>();

const block = (activation: LayerInput) =>
  network({
    name: 'has */ and \n a line break',
    input: { shape: [5] },
    layers: [dense({ wStd: 1.3, bStd: 0.2 }), activation, dense({ wStd: 1.1 }), activation, dense({ bStd: 0.1 })],
  });
const sourceOf = (net: ReturnType<typeof block>, kernel: KernelName, wasmFormat: 'js' | 'wat' = 'js') =>
  generate(derive(net, kernel), 'wasm', { wasmFormat });
const both = async (net: ReturnType<typeof block>, kernel: KernelName) =>
  [await load(await sourceOf(net, kernel)), await load(await generate(derive(net, kernel), 'reference'))] as const;

const inputs = (n: number, seed: number) => Float64Array.from({ length: 5 * n }, (_, i) => Math.sin(seed + i * i));
const matrices = (gram: ReturnType<Emitted['gram']>): readonly Float64Array[] => [gram].flat() as Float64Array[];

const browser = '/usr/bin/chromium';

/** Opens the page / in a browser, and gives what it posts to /told. */
async function toldByBrowser(files: Readonly<Record<string, string>>): Promise<string> {
  let child: ChildProcess | undefined;
  const server = createServer();
  try {
    return await new Promise<string>((resolve, reject) => {
      server.on('request', (request, response) => {
        const path = request.url ?? '';
        if (path === '/told') text(request).then(resolve, reject);
        response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
        response.end(files[path] ?? '');
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'profile')}`];
        child = spawn(browser, [...flags, `http://127.0.0.1:${port}/`], { stdio: 'ignore' });
        child.on('error', reject).on('exit', (status) => reject(new Error(`${browser} ended with ${status}`)));
      });
    });
  } finally {
    const ended = child?.exitCode === null && once(child, 'exit');
    child?.kill('SIGKILL');
    await ended;
    server.closeAllConnections();
    server.close();
  }
}

/** Largest |a − b| relative to the largest |b|. */
function difference(got: ReturnType<Emitted['gram']>, want: ReturnType<Emitted['gram']>): number {
  const [all, wanted] = [matrices(got), matrices(want)];
  expect(all.map((k) => k.length)).toEqual(wanted.map((k) => k.length));
  return Math.max(
    ...all.map((k, o) => {
      const other = wanted[o] as Float64Array;
      const scale = other.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      return k.reduce((most, v, i) => {
        const apart = Math.abs(v - (other[i] as number)) / scale;
        return apart <= most ? most : apart;
      }, 0);
    }),
  );
}

/** Closed forms differ by roundings; formulas keep 1e-10 of √(K_ii K_jj) on either side. */
const cases: readonly (readonly [string, LayerInput, number])[] = [
  ['relu', relu(), 1e-12],
  ['erf', erf(), 1e-12],
  ['gelu', gelu(), 1e-12],
  ['tanh(x)', elementwise('tanh(x)'), 4e-10],
  ['x*erf(x)', elementwise('x*erf(x)'), 4e-10],
  ['min(max(x, -1), 1)', elementwise('min(max(x, -1), 1)'), 4e-10],
];

describe.each(cases)('the emitted module of %s', (_name, activation, bound) => {
  it.each<KernelName>(['nngp', 'wntk', 'layerwise'])('%s is what the reference module gives', async (kernel) => {
    const [wasm, reference] = await both(block(activation), kernel);
    expect(Object.keys(wasm).sort()).toEqual(Object.keys(reference).sort());
    const [x, y] = [inputs(21, 1), inputs(10, 5)];
    expect(difference(wasm.gram(x, 21), reference.gram(x, 21))).toBeLessThan(bound);
    const weights = wasm.layerWeights.map((_, i) => 0.5 + i);
    expect(difference(wasm.gram(x, 21, y, 10, weights), reference.gram(x, 21, y, 10, weights))).toBeLessThan(bound);
  });

  it('is as good at equal, opposite and zero inputs: the plain loop takes the pairs that the tile leaves out', async () => {
    const one = inputs(1, 3);
    const near = one.map((v) => v * (1 + 1e-9));
    const rows = [one, one, one.map((v) => -v), one.map((v) => 2 * v), near, new Float64Array(5), new Float64Array(5)];
    const x = Float64Array.from(rows.flatMap((row) => [...row]));
    const y = x.slice(10);
    for (const net of [block(activation), network({ input: { shape: [5] }, layers: [dense(), activation, dense()] })]) {
      const [wasm, reference] = await both(net, 'ntk');
      // An angle near 0 loses half its digits.
      expect(difference(wasm.gram(x, 7), reference.gram(x, 7))).toBeLessThan(1e-7);
      expect(difference(wasm.gram(x, 7, y, 5), reference.gram(x, 7, y, 5))).toBeLessThan(1e-7);
    }
  });
});

describe('the emitted module', () => {
  it('gives tiles as the reference module does, of few rows and of many', async () => {
    const [wasm, reference] = await both(block(relu()), 'ntk');
    const n = 150;
    const tilesOf = (module: Emitted) => {
      const a = module.prepare(inputs(n, 1), n);
      return [
        [0, n, 0, n, true],
        [3, 70, 1, 149, true],
        [70, 75, 3, 9, true],
        [5, 8, 7, 7, false],
        [0, 9, 6, 150, false],
      ].map(
        ([i0, i1, j0, j1, symmetric]) =>
          module.tile(a, Number(i0), Number(i1), a, Number(j0), Number(j1), symmetric === true, [
            new Float64Array((Number(i1) - Number(i0)) * (Number(j1) - Number(j0))).fill(7),
          ])[0] as Float64Array,
      );
    };
    const wanted = tilesOf(reference);
    tilesOf(wasm).forEach((tile, t) => {
      const other = wanted[t] as Float64Array;
      // Off-diagonal duplicates of non-symmetric tiles hold the pair value at equal inputs.
      tile.forEach((v, i) => void expect(Math.abs(v - (other[i] as number)), `${t} ${i}`).toBeLessThan(1e-7));
    });
  });

  it('reads the first n rows of a longer array, and refuses a shorter one', async () => {
    const [wasm, reference] = await both(block(relu()), 'ntk');
    expect(difference(wasm.gram(inputs(20, 1), 4), reference.gram(inputs(4, 1), 4))).toBeLessThan(1e-12);
    expect(() => wasm.gram(inputs(3, 1), 4)).toThrow('x holds fewer than 4 x 5 numbers');
  });

  it('runs in a browser', async (context) => {
    if (!existsSync(browser)) return context.skip(`no ${browser}`);
    const net = block(gelu());
    const page = `<script type="module">
      const tell = (text) => fetch('/told', { method: 'POST', body: text });
      import('/kernel.js').then(
        ({ gram }) => tell(JSON.stringify([...gram(Float64Array.of(${[...inputs(4, 1)]}), 4)])),
        (error) => tell(error.message),
      );
    </script>`;
    const text = await toldByBrowser({ '/': page, '/kernel.js': await sourceOf(net, 'ntk') });
    expect(text).toMatch(/^\[[-\d.,e]+\]$/);
    const reference = await load(await generate(derive(net, 'ntk'), 'reference'));
    expect(difference(Float64Array.from(JSON.parse(text)), reference.gram(inputs(4, 1), 4))).toBeLessThan(1e-12);
  });
});

describe('the text', () => {
  const vectorOps = [...vocabulary.values()].filter((op) => op.exampleInput === undefined);
  const every = vectorOps.map((op): readonly [string, LayerInput] => [
    op.name,
    { op: op.name, ...op.examples[0] } as LayerInput,
  ]);
  it.each(every)('of %s assembles to the bytes that the module carries', async (_name, layer) => {
    const { parseWat } = await wabt();
    const net = network({ name: 'x', input: { shape: [3] }, layers: [dense(), layer, dense()] });
    for (const kernel of ['nngp', 'layerwise'] as const) {
      const parsed = parseWat('kernel.wat', await sourceOf(net, kernel, 'wat'), { simd: true });
      const { buffer } = parsed.toBinary({});
      parsed.destroy();
      const carried = /const plain = `([^`]*)`/.exec(await sourceOf(net, kernel))?.[1] ?? '';
      expect(Buffer.compare(Buffer.from(buffer), Buffer.from(carried, 'base64'))).toBe(0);
    }
  });

  it('names what the tile reads, and no name can break out of its comment', async () => {
    const text = await sourceOf(block(relu()), 'wntk', 'wat');
    expect(text).toContain('weighted NTK of "has */ and');
    expect(text).toMatch(/;; {3}\$xr {2}v = \d {2}mu1\n/);
    expect(text).toBe(await sourceOf(block(relu()), 'wntk', 'wat'));
    // Under the names of the derivation, in its order, each row; what is only a factor of the next value is drawn into it.
    const names = ['sigma1', 'theta1', 's1', 'sigma2', 'theta2', 's2'];
    const found = [...text.matchAll(/^ +;; ((?:sigma|theta|s|angle|dotSigma)\w*)$/gm)].map(([, name]) => name);
    expect([...new Set(found)].slice(0, names.length)).toEqual(names);
    expect(text).toContain(';; q1 of the column');
    expect(text).toContain(';; to out: wntk');
  });
});

it('the driver in it is that of the runtime (npm run engine)', async () => {
  expect(readFileSync(driverFile, 'utf8')).toBe(await driverText());
});
