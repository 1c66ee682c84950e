/** Golden values of neural-tangents 0.6.5 (float64), and who is right where we differ from them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.ts';
import { type CompiledKernel, gram, type NetworkInput, network } from '../src/index.ts';
import type { Inputs } from '../src/runtime/kernel.ts';
import type { NestedNumbers } from '../src/runtime/padded.ts';

interface Golden {
  readonly network: NetworkInput;
  readonly x1: readonly NestedNumbers[];
  readonly x2: readonly NestedNumbers[];
  readonly pattern1?: NestedNumbers;
  readonly pattern2?: NestedNumbers;
  readonly present1?: NestedNumbers;
  readonly present2?: NestedNumbers;
  readonly x1x1: Readonly<Record<'nngp' | 'ntk', readonly (readonly number[])[]>>;
  readonly x1x2: Readonly<Record<'nngp' | 'ntk', readonly (readonly number[])[]>>;
}
const goldens = new Map(
  ['kernels', 'masked'].flatMap((folder) => {
    const path = join(import.meta.dirname, 'oracle', folder);
    const read = (file: string) => JSON.parse(readFileSync(join(path, file), 'utf8')) as Golden;
    return readdirSync(path).map((file) => [file.replace('.json', ''), read(file)] as const);
  }),
);
const read = (name: string) => goldens.get(name) as Golden;

/** The oracle's own quadrature is wrong by more than its stated 1e-6: see the last test of this file. */
const quadratureError: Readonly<Record<string, number>> = { 'mlp-tanh': 2e-4 };

const names = [...goldens.keys()];

/** Closed forms agree to 1e-10; 1e-7 where an angle meets 0 or π, since the peer loses digits there; 1e-6 for formulas. */
function boundOf(name: string, golden: Golden, equalOrOpposite: boolean): number {
  const formula = JSON.stringify(golden.network).includes('elementwise');
  return quadratureError[name] ?? (formula ? 1e-6 : equalOrOpposite ? 1e-7 : 1e-10);
}

function inputsOf(x: NestedNumbers, pattern: NestedNumbers | undefined, present: NestedNumbers | undefined): Inputs {
  const flat = (numbers: NestedNumbers) => Float64Array.from([numbers].flat(9) as unknown as number[]);
  const given = { ...(pattern && { patterns: flat(pattern) }), ...(present && { present: flat(present) }) };
  return { data: flat(x), n: x.length, ...given };
}

const blocks = ({ x2, pattern2, present2 }: Golden) =>
  [
    ['x1x1', undefined],
    ['x1x2', inputsOf(x2, pattern2, present2)],
  ] as const;

/** Calls `check` with each entry of both blocks, ours and theirs; x2[0] equals x1[1], x2[1] is −0.7 x1[2]. */
async function eachEntry(
  golden: Golden,
  compiled: CompiledKernel,
  kernel: 'nngp' | 'ntk',
  check: (ours: number, want: number, equalOrOpposite: boolean, place: string) => void,
): Promise<void> {
  for (const [block, x2] of blocks(golden)) {
    const ours = await gram(compiled, inputsOf(golden.x1, golden.pattern1, golden.present1), x2);
    golden[block][kernel].flat().forEach((want, at) => {
      const columns = x2?.n ?? golden.x1.length;
      const [i, j] = [Math.floor(at / columns), at % columns];
      const special = x2 === undefined ? i === j : (i === 1 && j === 0) || (i === 2 && j === 1);
      check(ours[at] as number, want, special, `${block}[${i}][${j}]`);
    });
  }
}

const float64 = (['nngp', 'ntk'] as const).flatMap((kernel) =>
  (['reference', 'wasm'] as const).map((target) => [kernel, target] as const),
);

/** test/tfjs.test.ts has the others. */
const onTfjs = ({ network, present1 }: Golden) => network.input.shape.length === 1 || present1 !== undefined;

describe.each(names)('%s', (name) => {
  const golden = read(name);

  it.each(float64)('%s on the target %s', async (kernel, target) => {
    const compiled = await compile(network(golden.network), { kernel, target });
    const largest = Math.max(...golden.x1x1[kernel].flat(), ...golden.x1x2[kernel].flat());
    await eachEntry(golden, compiled, kernel, (ours, want, special, place) => {
      const scale = name in quadratureError ? largest : Math.abs(want);
      expect(Math.abs(ours - want), place).toBeLessThanOrEqual(boundOf(name, golden, special) * scale);
    });
    compiled.dispose();
  });

  it.each(onTfjs(golden) ? (['nngp', 'ntk'] as const) : [])('%s on tfjs, float32', async (kernel) => {
    const compiled = await compile(network(golden.network), { kernel, target: 'tfjs', tfjsBackend: 'cpu' });
    await eachEntry(golden, compiled, kernel, (ours, want, special, place) => {
      // Angles amplify roundings of 6e-8; at 0 and π, off the diagonal, they are known to the root of one.
      expect(Math.abs(ours - want), place).toBeLessThanOrEqual((special ? 1e-3 : 3e-4) * Math.abs(want));
    });
    compiled.dispose();
  });
});

type Rule = { readonly nodes: readonly number[]; readonly weights: readonly number[] };

/** E f(u)g(v) on a product rule: a second derivation of the kernel, sharing no code with src/. */
function expectation({ nodes, weights }: Rule, f: (x: number) => number, q: number, r: number, k: number): number {
  let sum = 0;
  nodes.forEach((z, a) => {
    const u = f(Math.sqrt(q) * z);
    nodes.forEach((w, b) => {
      const v = f((k / Math.sqrt(q)) * z + Math.sqrt(Math.max(0, r - (k * k) / q)) * w);
      sum += (weights[a] as number) * (weights[b] as number) * u * v;
    });
  });
  return sum;
}

/** NNGP and NTK of the golden tanh network for two inputs, by a rule. */
function tanhNetwork(
  rule: Rule,
  golden: Golden,
  x: readonly number[],
  y: readonly number[],
): { nngp: number; ntk: number } {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((s, v, i) => s + v * (b[i] as number), 0) / a.length;
  let [q, r, k, t] = [dot(x, x), dot(y, y), dot(x, y), 0];
  for (const layer of golden.network.layers as readonly { op: string; wStd: number; bStd: number }[]) {
    if (layer.op === 'dense') {
      const affine = (v: number) => layer.wStd ** 2 * v + layer.bStd ** 2;
      t = affine(k) + layer.wStd ** 2 * t;
      [q, r, k] = [affine(q), affine(r), affine(k)];
    } else {
      t *= expectation(rule, (v) => 1 - Math.tanh(v) ** 2, q, r, k);
      const e = (a: number, b: number, c: number) => expectation(rule, Math.tanh, a, b, c);
      [q, r, k] = [e(q, q, q), e(r, r, r), e(q, r, k)];
    }
  }
  return { nngp: k, ntk: t };
}

/** Trapezoid rule: its error for tanh under these variances is below e^{−2π·0.7/0.08} ≈ 1e-23. */
function trapezoid(): Rule {
  const nodes = Array.from({ length: 251 }, (_, i) => (i - 125) * 0.08);
  return { nodes, weights: nodes.map((z) => (0.08 * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)) };
}

/** Gauss–Hermite nodes for the weight N(0, 1), by Newton from the interlacing bounds of the polynomials before. */
function gaussHermite(n: number): Rule {
  const values = (z: number): [number, number] => {
    let [before, here] = [0, Math.exp((-z * z) / 4)];
    for (let p = 0; p < n; p++) [before, here] = [here, (z * here - Math.sqrt(p) * before) / Math.sqrt(p + 1)];
    return [before, here];
  };
  const reach = 2 * Math.sqrt(n) + 1;
  const grid = Array.from({ length: 200_001 }, (_, i) => -reach + (2 * reach * i) / 200_000);
  const nodes: number[] = [];
  let last = values(grid[0] as number)[1];
  grid.slice(1).forEach((z, i) => {
    const here = values(z)[1];
    if (here * last < 0) {
      let [a, b] = [grid[i] as number, z];
      for (let s = 0; s < 80; s++) {
        const m = (a + b) / 2;
        if (values(a)[1] * values(m)[1] <= 0) b = m;
        else a = m;
      }
      nodes.push((a + b) / 2);
    }
    last = here;
  });
  return { nodes, weights: nodes.map((z) => Math.exp((-z * z) / 2) / (n * values(z)[0] ** 2)) };
}

describe('mlp-tanh: the golden values carry the error of their own quadrature', () => {
  const golden = read('mlp-tanh');
  const pairs = [
    [0, 1],
    [0, 2],
    [2, 3],
    [2, 2],
  ] as const;

  it('a 120-node Gauss–Hermite rule, which its source used, reproduces them', () => {
    const rule = gaussHermite(120);
    expect(rule.nodes).toHaveLength(120);
    for (const [i, j] of pairs) {
      const there = tanhNetwork(rule, golden, golden.x1[i] as number[], golden.x1[j] as number[]);
      expect(there.nngp).toBeCloseTo(golden.x1x1.nngp[i]?.[j] as number, 11);
      expect(there.ntk).toBeCloseTo(golden.x1x1.ntk[i]?.[j] as number, 11);
    }
  });

  it('a converged rule gives ours', async () => {
    const rule = trapezoid();
    for (const kernel of ['nngp', 'ntk'] as const) {
      const ours = await gram(await compile(network(golden.network), { kernel }), golden.x1);
      for (const [i, j] of pairs) {
        const there = tanhNetwork(rule, golden, golden.x1[i] as number[], golden.x1[j] as number[]);
        expect(Math.abs((ours[i * 4 + j] as number) - there[kernel])).toBeLessThan(1e-10);
      }
    }
  });
});
