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
import { dense, elementwise, network, relu } from '../src/ops/vocabulary.ts';
import { loadReference } from '../src/runtime/backends/reference.ts';
import { gram } from '../src/runtime/gram.ts';
import { repoRoot } from './support/cli.ts';
import { tfBackends } from './support/tfBackends.ts';

type Matrix = readonly (readonly number[])[];
interface Golden {
  readonly network: NetworkInput;
  readonly x1: Matrix;
  readonly x2: Matrix;
  readonly x1x1: Readonly<Record<'nngp' | 'ntk', Matrix>>;
  readonly x1x2: Readonly<Record<'nngp' | 'ntk', Matrix>>;
}
type Kernel = (x1: Tf.Tensor2D, x2?: Tf.Tensor2D, weights?: readonly number[]) => Tf.Tensor2D;
interface Module {
  readonly nngp: Kernel;
  readonly ntk: Kernel;
  readonly wntk: Kernel;
  readonly layerwise: (x1: Tf.Tensor2D, x2?: Tf.Tensor2D) => Readonly<Record<string, Tf.Tensor2D>>;
  readonly truncationBound: (x: Tf.Tensor2D) => number;
}

const outFolder = join(repoRoot, '.out', 'tfjs-run');
mkdirSync(outFolder, { recursive: true });

async function emitted(net: Network, kernel: KernelName): Promise<Module> {
  const file = join(outFolder, `${net.name}.${kernel}.ts`);
  writeFileSync(file, generateTfjs(derive(net, kernel).program, []));
  return (await import(/* @vite-ignore */ file)) as Module;
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

/**
 * Relative bounds on an entry in float32. 1e-5: rounding of some fifty operations at 6e-8 each. Formulas 3e-4: the
 * oracle's own quadrature is off by 2e-4 (tanh, see oracle.test.ts), the series' tail by 5e-5. Equal or opposite inputs
 * 1e-3: the angle between them is √(qq' − k²), the root of a rounding error.
 */
const boundOf = (formula: boolean, equalOrOpposite: boolean) => (equalOrOpposite ? 1e-3 : formula ? 3e-4 : 1e-5);

const mlp = (name: string, depth: number): Network =>
  network({
    name,
    input: { shape: [7] },
    layers: [...Array.from({ length: depth }, () => [dense({ wStd: 1.5, bStd: 0.1 }), relu()]).flat(), dense()],
  });
const rows: Matrix = (goldens[0] as { readonly golden: Golden }).golden.x1;
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
    it.for(cases)('$name, $kernel: golden values, no tensor left behind', async ({ golden, net, kernel }, context) => {
      const tf = await backend.use(context);
      const run = (await emitted(net, kernel))[kernel];
      const formula = JSON.stringify(golden.network).includes('elementwise');
      const equalOrOpposite = (i: number, j: number) => (i === 1 && j === 0) || (i === 2 && j === 1);
      const ofGram = values(tf, [golden.x1], (x1) => run(x1));
      expectGolden(ofGram, golden.x1x1[kernel], () => boundOf(formula, false));
      const cross = values(tf, [golden.x1, golden.x2], (x1, x2) => run(x1, x2));
      expectGolden(cross, golden.x1x2[kernel], (i, j) => boundOf(formula, equalOrOpposite(i, j)));
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

/** One of several results, the others disposed of. */
function pick(tf: typeof Tf, all: Readonly<Record<string, Tf.Tensor2D>>, name: string): Tf.Tensor2D {
  tf.dispose(Object.entries(all).flatMap(([key, t]) => (key === name ? [] : [t])));
  return all[name] as Tf.Tensor2D;
}
