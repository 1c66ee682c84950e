/**
 * Equal, nearly equal and opposite inputs. The values of test/oracle/nearParallel.json are the recursion of
 * ntk-survey-golikov2022 (85) in 60 digits (mpmath 1.3.0), from the exact values of the float64 inputs: K(x, y)/√(K(x, x)K(y, y))
 * of dense, [abRelu, dense] · depth.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.ts';
import { type CompiledKernel, gram, type LayerInput, type Network, network } from '../src/index.ts';
import { tolerances } from '../src/verify/tolerances.ts';

const { x, rows } = JSON.parse(readFileSync(join(import.meta.dirname, 'oracle/nearParallel.json'), 'utf8')) as {
  readonly x: readonly number[];
  readonly rows: readonly (readonly number[])[];
};

const stack = (features: number, depth: number, dense: LayerInput, activation: LayerInput): Network => {
  const layers = [dense, ...Array.from({ length: depth }, () => [activation, dense]).flat()];
  return network({ input: { shape: [features] }, layers });
};

async function normalised(kernel: CompiledKernel, a: readonly number[], b: readonly number[]): Promise<number> {
  const [k, [kaa], [kbb]] = await Promise.all([gram(kernel, [a], [b]), gram(kernel, [a]), gram(kernel, [b])]);
  return (k[0] as number) / Math.sqrt((kaa as number) * (kbb as number));
}

const names = [...new Set(rows.map(([depth, , bStd, a]) => `${depth} layers, bStd ${bStd}, a ${a}`))];

it('there are cases', () => expect([names.length, rows.length]).toEqual([8, 56]));

describe.each(names)('%s', (name) => {
  const mine = rows.filter(([depth, , bStd, a]) => name === `${depth} layers, bStd ${bStd}, a ${a}`);
  const [depth, wStd, bStd, a, b] = mine[0] as [number, number, number, number, number];
  const net = stack(3, depth, { op: 'dense', wStd, bStd }, { op: 'abRelu', a, b });
  // float64: an angle that the plain formula still computes is within 1e-13 (src/codegen/targets/wasm/delicate.ts), 20 layers add up.
  it.each([
    ['float64', 1e-11],
    ['float32', tolerances.wasmFloat32.bound],
  ] as const)('%s', async (dtype, bound) => {
    for (const kernel of ['nngp', 'ntk'] as const) {
      const compiled = await compile(net, { kernel, target: 'wasm', dtype });
      for (const row of mine) {
        const want = row[kernel === 'nngp' ? 9 : 10] as number;
        const got = await normalised(compiled, x, row.slice(6, 9));
        expect(Math.abs(got - want), `${kernel} at angle ${row[5]}`).toBeLessThanOrEqual(bound);
      }
    }
  });
});

const stacks = [
  ...[1, 5, 20].map((depth) => [{ op: 'relu' }, depth] as const),
  [{ op: 'abRelu', a: 0.3, b: 1.2 }, 5],
  [{ op: 'abs' }, 3],
  [{ op: 'erf' }, 5],
  [{ op: 'gelu' }, 3],
  [{ op: 'sin' }, 3],
  [{ op: 'elementwise', expr: 'tanh(x)' }, 2],
  [{ op: 'sign' }, 2],
  // Deep enough to tell near duplicates apart: rounding grows as they do.
  [{ op: 'erf' }, 15],
  [{ op: 'cos' }, 8],
] as const;

const features = 5;
const direction = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: features, maxLength: features })
  .map((drawn) => drawn.map((v, i) => v + (i === 0 ? 2 : 0)));

/** Inputs at angles from 1e-8 to π − 1e-8 from the first, of three sizes. So many that float32 is not left out. */
const batches = fc
  .record({
    u: direction,
    size: fc.double({ min: -1, max: 1, noNaN: true }),
    others: fc.array(
      fc.record({
        exponent: fc.double({ min: -8, max: 0.4, noNaN: true }),
        fromPi: fc.boolean(),
        ratio: fc.constantFrom(1, 1, 1.7, 0.3),
      }),
      { minLength: 23, maxLength: 23 },
    ),
  })
  .map(({ u, size, others }) => {
    const v = u.map((_, i) => (i === 1 ? (u[0] as number) : i === 0 ? -(u[1] as number) : 0));
    const [scale, across] = [10 ** size / Math.hypot(...u), Math.hypot(...u) / Math.hypot(...v)];
    const at = (angle: number, ratio: number) =>
      u.map((c, i) => ratio * scale * (Math.cos(angle) * c + Math.sin(angle) * across * (v[i] as number)));
    return [
      at(0, 1),
      ...others.map(({ exponent, fromPi, ratio }) => at(fromPi ? Math.PI - 10 ** exponent : 10 ** exponent, ratio)),
    ];
  });

const kernels = new Map<string, readonly [narrow: CompiledKernel, wide: CompiledKernel]>();
async function compiled(net: Network, kernel: 'nngp' | 'ntk') {
  const key = `${kernel} ${JSON.stringify(net)}`;
  const of = (dtype: 'float32' | 'float64') => compile(net, { kernel, target: 'wasm', dtype });
  const found = kernels.get(key) ?? ([await of('float32'), await of('float64')] as const);
  kernels.set(key, found);
  return found;
}

it('float32 stays within its bound of float64 at angles down to 1e-8', async () => {
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.constantFrom(...stacks),
      fc.constantFrom([Math.SQRT2, 0] as const, [1, 0.2] as const, [2, 0.1] as const),
      fc.constantFrom('nngp' as const, 'ntk' as const),
      async (points, [activation, depth], [wStd, bStd], kernel) => {
        const [narrow, wide] = await compiled(stack(features, depth, { op: 'dense', wStd, bStd }, activation), kernel);
        const [got, want] = [await gram(narrow, points), await gram(wide, points)];
        const n = points.length;
        got.forEach((v, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          const scale = Math.sqrt((want[i * n + i] as number) * (want[j * n + j] as number));
          const error = Math.abs(v - (want[at] as number)) / scale;
          expect(error, `${i}, ${j}`).toBeLessThanOrEqual(tolerances.wasmFloat32.bound);
        });
      },
    ),
    { numRuns: 40 },
  );
});
