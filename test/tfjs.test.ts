/** Emitted tfjs modules, run as a user runs them: written to a file, imported, called on every backend there is. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { generateTfjs } from '../src/codegen/targets/tfjs/index.ts';
import { derive } from '../src/derive/index.ts';
import type { Network, NetworkInput } from '../src/ir/arch/index.ts';
import { hermiteCoefficients } from '../src/ir/gaussian/hermite.ts';
import type { KernelName } from '../src/ir/program/index.ts';
import { compileScalar, parseScalar } from '../src/ir/scalar/index.ts';
import { conv, dense, elementwise, globalAvgPool, network, relu } from '../src/ops/vocabulary.ts';
import { loadReference } from '../src/runtime/backends/reference.ts';
import { gram } from '../src/runtime/gram.ts';
import { repoRoot } from './support/cli.ts';
import { tfBackends } from './support/tfBackends.ts';

type Matrix = readonly (readonly number[])[];
/** An input of any shape. */
type Nested = number | readonly Nested[];
interface Golden {
  readonly network: NetworkInput;
  readonly x1: readonly Nested[];
  readonly x2: readonly Nested[];
  readonly pattern1?: readonly (readonly (readonly number[])[])[];
  readonly pattern2?: Golden['pattern1'];
  readonly x1x1: Readonly<Record<'nngp' | 'ntk', Matrix>>;
  readonly x1x2: Readonly<Record<'nngp' | 'ntk', Matrix>>;
}
type Kernel = (x1: Tf.Tensor2D, x2?: Tf.Tensor2D, weights?: readonly number[]) => Tf.Tensor2D;
interface Graphs {
  readonly x: Tf.Tensor2D;
  readonly pattern: Tf.Tensor3D;
}
interface Module {
  readonly nngp: Kernel;
  readonly ntk: Kernel;
  readonly wntk: Kernel;
  readonly layerwise: (x1: Tf.Tensor2D, x2?: Tf.Tensor2D) => Readonly<Record<string, Tf.Tensor2D>>;
  readonly truncationBound: (x: Tf.Tensor2D) => number;
}

const outFolder = join(repoRoot, '.out', 'tfjs-run');
mkdirSync(outFolder, { recursive: true });

/** Modules by name and kernel: each is emitted once for all backends. */
const modules = new Map<string, Promise<Module>>();

function emitted(net: Network, kernel: KernelName): Promise<Module> {
  const key = `${net.name}.${kernel}`;
  const made = modules.get(key) ?? loaded(key, generateTfjs(derive(net, kernel).program, []));
  modules.set(key, made);
  return made;
}

function loaded(name: string, text: string): Promise<Module> {
  const file = join(outFolder, `${name}.ts`);
  writeFileSync(file, text);
  return import(/* @vite-ignore */ file) as Promise<Module>;
}

const oracle = join(import.meta.dirname, 'oracle/kernels');
const goldens = readdirSync(oracle).flatMap((file) => {
  const golden = JSON.parse(readFileSync(join(oracle, file), 'utf8')) as Golden;
  try {
    return [{ golden, net: network(golden.network) }];
  } catch {
    return []; // an op of a later issue: oracle.test.ts keeps the list of these
  }
});

const rowOf = (x: Nested): readonly number[] => (typeof x === 'number' ? [x] : x.flatMap(rowOf));
const rowsOf = (x: readonly Nested[]): Matrix => x.map(rowOf);

/**
 * Relative bounds on an entry in float32. 1e-5: rounding of some fifty operations at 6e-8 each. Formulas 3e-4: the
 * oracle's own quadrature is off by 2e-4 (tanh, see oracle.test.ts), the series' tail by 5e-5. Equal or opposite inputs
 * 1e-3: the angle between them is √(qq' − k²), the root of a rounding error. With positions 3e-4: patches of one input, or of
 * two, may be nearly equal, as at zero padding, and a kernel that is a mean over positions has some of that error.
 */
const boundOf = ({ network }: Golden, equalOrOpposite: boolean) => {
  if (equalOrOpposite) return 1e-3;
  const isFormula = JSON.stringify(network).includes('elementwise');
  return isFormula || network.input.shape.length > 1 ? 3e-4 : 1e-5;
};

const mlp = (name: string, depth: number): Network =>
  network({
    name,
    input: { shape: [7] },
    layers: [...Array.from({ length: depth }, () => [dense({ wStd: 1.5, bStd: 0.1 }), relu()]).flat(), dense()],
  });
const rows = rowsOf((goldens.find(({ net }) => net.name === 'mlp-relu') as { readonly golden: Golden }).golden.x1);
const asTensor = (tf: typeof Tf, x: Matrix): Tf.Tensor2D => tf.tensor2d(x.map((row) => [...row]));

/** Runs f and disposes of its inputs and result; any other tensor left behind fails the test. */
function values(
  tf: typeof Tf,
  inputs: readonly Matrix[],
  f: (x1: Tf.Tensor2D, x2?: Tf.Tensor2D) => Tf.Tensor2D,
): readonly number[] {
  const before = tf.memory().numTensors;
  const tensors = inputs.map((x) => asTensor(tf, x));
  const [x1, x2] = tensors as [Tf.Tensor2D, Tf.Tensor2D?];
  const result = f(x1, x2);
  const data = [...result.dataSync()];
  tf.dispose([result, ...tensors]);
  expect(tf.memory().numTensors).toBe(before);
  return data;
}

/** Largest relative error against golden values; fails at the entry that exceeds its bound. */
function expectGolden(ours: readonly number[], want: Matrix, bound: (i: number, j: number) => number): void {
  want.forEach((row, i) => {
    row.forEach((w, j) => {
      const error = Math.abs((ours[i * row.length + j] as number) - w) / Math.abs(w);
      expect(error, `entry [${i}, ${j}]`).toBeLessThanOrEqual(bound(i, j));
    });
  });
}

const cases = goldens.flatMap(({ golden, net }) =>
  (['nngp', 'ntk'] as const).map((kernel) => ({ golden, net, kernel, name: net.name })),
);

for (const backend of await tfBackends()) {
  describe(`emitted modules on ${backend.label}`, () => {
    it('free the matrices of each of the layers that repeat', async (context) => {
      const tf = await backend.use(context);
      const peakBytes = async (depth: number) => {
        const run = (await emitted(mlp(`flat-${depth}`, depth), 'ntk')).ntk;
        const x = tf.randomNormal<Tf.Rank.R2>([100, 7], 0, 1, 'float32', 1);
        const { peakBytes: peak } = await tf.profile(() => run(x).dispose());
        x.dispose();
        return peak;
      };
      // 16 more layers would keep 32 matrices; values of one sample are small beside one.
      expect((await peakBytes(20)) - (await peakBytes(4))).toBeLessThan(4 * 4 * 100 * 100);
    });

    // Statements of the nngp with positions are among those of the ntk: one backend has both.
    const own = cases.filter((c) => backend.name === 'wasm' || c.kernel === 'ntk' || c.net.input.shape.length === 1);
    it.for(own)('$name, $kernel: golden values, no tensor left behind', async ({ golden, net, kernel }, context) => {
      const tf = await backend.use(context);
      const run = (await emitted(net, kernel))[kernel];
      const [x1, x2] = [rowsOf(golden.x1), rowsOf(golden.x2)];
      const equalOrOpposite = (i: number, j: number) => (i === 1 && j === 0) || (i === 2 && j === 1);
      // Patterns belong to the test, not to the tensors that are counted.
      const [g1, g2] = [golden.pattern1, golden.pattern2].map((g) => g && tf.tensor3d(g as number[][][]));
      const ofGram = values(tf, [x1], (a) => run(withPattern(a, g1)));
      expectGolden(ofGram, golden.x1x1[kernel], () => boundOf(golden, false));
      const cross = values(tf, [x1, x2], (a, b) => run(withPattern(a, g1), b && withPattern(b, g2)));
      expectGolden(cross, golden.x1x2[kernel], (i, j) => boundOf(golden, equalOrOpposite(i, j)));
      tf.dispose([g1, g2].filter((g) => g !== undefined));
    });

    it('weights layers: all ones are the NTK, and each weight scales its own layer', async (context) => {
      const tf = await backend.use(context);
      const net = mlp('weights', 2);
      const [{ ntk }, { wntk }, { layerwise }] = [
        await emitted(net, 'ntk'),
        await emitted(net, 'wntk'),
        await emitted(net, 'layerwise'),
      ];
      const weights = [0.5, -2, 3];
      const layers = weights.map((_, l) => values(tf, [rows], (x) => pick(tf, layerwise(x), `ntk${l + 1}`)));
      const sum = (mu: readonly number[]) =>
        (layers[0] as readonly number[]).map((_, at) => mu.reduce((s, w, l) => s + w * (layers[l]?.[at] as number), 0));
      const scale = Math.max(...values(tf, [rows], (x) => ntk(x)));
      const close = (a: readonly number[], b: readonly number[]) =>
        a.every((v, i) => Math.abs(v - (b[i] as number)) <= 1e-5 * scale);
      expect(
        close(
          values(tf, [rows], (x) => wntk(x)),
          values(tf, [rows], (x) => ntk(x)),
        ),
      ).toBe(true);
      expect(
        close(
          sum([1, 1, 1]),
          values(tf, [rows], (x) => ntk(x)),
        ),
      ).toBe(true);
      expect(
        close(
          sum(weights),
          values(tf, [rows], (x) => wntk(x, undefined, weights)),
        ),
      ).toBe(true);
      expect(
        close(
          sum([0.5, -2, 3.1]),
          values(tf, [rows], (x) => wntk(x, undefined, weights)),
        ),
      ).toBe(false);
    });

    it('gives the same block by block of pairs, also layer by layer', async (context) => {
      const tf = await backend.use(context);
      const layers = [conv({ kernel: [3, 3], bStd: 0.1 }), relu(), globalAvgPool(), dense()];
      const net = network({ name: 'blocks', input: { shape: [3, 3, 2] }, layers });
      const x = Array.from({ length: 5 }, (_, i) => Array.from({ length: 18 }, (_, d) => Math.sin(31 * i + d * d)));
      for (const kernel of ['ntk', 'layerwise'] as const) {
        const text = generateTfjs(derive(net, kernel).program, []);
        const pairBytes = Number(/pairBytes = (\d+)/.exec(text)?.[1]);
        const small = text.replace(/blockBytes = 2 \*\* \d+/, `blockBytes = ${4 * pairBytes}`);
        expect(small).not.toBe(text);
        const [whole, cut] = [await emitted(net, kernel), await loaded(`blocks-cut.${kernel}`, small)];
        const results = [whole, cut].map(({ ntk, layerwise }) =>
          [[x], [x, x.slice(1)]].map((inputs) =>
            values(tf, inputs, (a, b) => (kernel === 'ntk' ? ntk(a, b) : pick(tf, layerwise(a, b), 'ntk2'))),
          ),
        );
        // 1e-6: sums of blocks of other sizes are taken in another order.
        results[0]?.forEach((block, i) => {
          const error = block.map((v, at) => Math.abs(v / (results[1]?.[i]?.[at] as number) - 1));
          expect(Math.max(...error)).toBeLessThanOrEqual(1e-6);
        });
      }
    });

    it('holds no more than it says: samples that are prepared, and a block of pairs', async (context) => {
      const tf = await backend.use(context);
      const names = ['cnn-flatten', 'cnn-global-avg-pool', 'nt-attention-residual', 'nt-conv-3d'];
      const some = goldens.filter(({ net }) => names.includes(net.name));
      expect(some).toHaveLength(names.length);
      for (const { golden, net } of some) {
        const text = generateTfjs(derive(net, 'ntk').program, []);
        const number = (name: string) => Number(new RegExp(`${name} = (\\d+);`).exec(text)?.[1]);
        const x = rowsOf(golden.x1);
        const { ntk } = await emitted(net, 'ntk');
        const { peakBytes } = await tf.profile(() => tf.tidy(() => ntk(asTensor(tf, x))));
        const n = x.length;
        const inputs = 2 * 4 * n * (x[0] as readonly number[]).length;
        expect(peakBytes, net.name).toBeLessThanOrEqual(
          inputs + 2 * n * number('sampleBytes') + n * n * number('pairBytes'),
        );
      }
    });

    it('says what is wrong with inputs and weights', async (context) => {
      const tf = await backend.use(context);
      const { wntk } = await emitted(mlp('errors', 1), 'wntk');
      const x = asTensor(tf, rows);
      const narrow = tf.zeros<Tf.Rank.R2>([3, 6]);
      expect(() => wntk(narrow)).toThrow('x1 has shape [3, 6], expected [n, 7]');
      expect(() => wntk(x, narrow)).toThrow('x2 has shape [3, 6], expected [n, 7]');
      expect(() => wntk(x, undefined, [1])).toThrow('weights are [1], expected 2 finite numbers');
      expect(() => wntk(x, undefined, [1, Number.NaN])).toThrow('expected 2 finite numbers');
      tf.dispose([x, narrow]);
    });

    it('says what is wrong with the pattern that comes with inputs', async (context) => {
      const tf = await backend.use(context);
      const layers = [dense(), { op: 'aggregate' }, globalAvgPool(), dense()];
      const { ntk } = await emitted(network({ name: 'graph', input: { shape: [3, 2] }, layers }), 'ntk');
      const [x, pattern] = [tf.zeros<Tf.Rank.R2>([4, 6]), tf.zeros<Tf.Rank.R3>([4, 3, 2])];
      expect(() => ntk(withPattern(x, pattern))).toThrow('x1.pattern has shape [4, 3, 2], expected [4, 3, 3]');
      expect(() => ntk(x)).toThrow('x1.x is missing: x1 is { x, pattern }');
      const bare = { x } as unknown as Tf.Tensor2D;
      expect(() => ntk(bare)).toThrow('x1.pattern is missing: x1 is { x, pattern }');
      tf.dispose([x, pattern]);
    });

    it('takes the diagonal from the self values, also where a pair at equal inputs would lose digits', async (context) => {
      const tf = await backend.use(context);
      const net = mlp('diagonal', 5);
      const { ntk } = await emitted(net, 'ntk');
      const x = Array.from({ length: 20 }, (_, i) =>
        Array.from({ length: 7 }, (_, d) => Math.sin(31 * i + 7 * d * d + 1)),
      );
      const exact = await gram(loadReference(derive(net, 'ntk').program), x);
      const gramValues = values(tf, [x], (x1) => ntk(x1));
      const cross = values(tf, [x, x], (x1, x2) => ntk(x1, x2));
      const error = (found: readonly number[]) =>
        Math.max(...x.map((_, i) => Math.abs((found[21 * i] as number) / (exact[21 * i] as number) - 1)));
      expect(error(gramValues)).toBeLessThanOrEqual(1e-6);
      expect(error(cross)).toBeGreaterThan(1e-6); // what the self values save
      expect(error(cross)).toBeLessThanOrEqual(1e-3);
    });

    it.for(['tanh(x)', 'min(max(x, -1), 1)', 'max(x, 0.5) - sign(x)'])(
      '%s: the truncation bound holds, near-duplicates included',
      async (formula, context) => {
        const tf = await backend.use(context);
        const net = network({
          name: `bound-${formula.length}`,
          input: { shape: [7] },
          layers: [dense({ wStd: 1.5 }), elementwise(formula), dense({ bStd: 0.3 })],
        });
        const { nngp, truncationBound } = await emitted(net, 'nngp');
        const x = [...rows, ...rows.map((row) => row.map((v, d) => v + 0.01 * Math.cos(d)))];
        const exact = await gram(loadReference(derive(net, 'nngp').program), x);
        const bound = values(tf, [x], (x1) => tf.tensor2d([[truncationBound(x1)]]))[0] as number;
        const scaled = (found: readonly number[]) =>
          found.map((v, at) => {
            const [i, j] = [Math.floor(at / 8), at % 8];
            return Math.abs(v - (exact[at] as number)) / Math.sqrt((exact[9 * i] as number) * (exact[9 * j] as number));
          });
        // The bound is on truncation; 2e-6 more for float32.
        expect(Math.max(...scaled(values(tf, [x], (x1) => nngp(x1))))).toBeLessThanOrEqual(bound + 2e-6);
        const tails = x.map((row) => tailOf(formula, (1.5 ** 2 * row.reduce((s, v) => s + v * v, 0)) / 7));
        expect(Math.abs(bound - Math.max(...tails))).toBeLessThanOrEqual(2e-6 + 2e-3 * bound);
      },
    );
  });
}

/** Σ_{p≥64} a_p² / E φ², in float64 on other nodes. */
function tailOf(formula: string, q: number): number {
  const phi = compileScalar(parseScalar(formula, ['x']), ['x']);
  const { tail, second } = hermiteCoefficients(phi, [-1, 0, 0.5, 1], q, { tolerance: 0, maxDegree: 64 });
  return tail / second;
}

/** Inputs as the kernel of a network takes them, whose patterns come with them if it has any. */
const withPattern = (x: Tf.Tensor2D, pattern: Tf.Tensor3D | undefined): Tf.Tensor2D =>
  pattern === undefined ? x : ({ x, pattern } satisfies Graphs as unknown as Tf.Tensor2D);

/** One of several results, the others disposed of. */
function pick(tf: typeof Tf, all: Readonly<Record<string, Tf.Tensor2D>>, name: string): Tf.Tensor2D {
  tf.dispose(Object.entries(all).flatMap(([key, t]) => (key === name ? [] : [t])));
  return all[name] as Tf.Tensor2D;
}
