/** Formulas over positions on the wasm target, against the reference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSpatial, type SpatialPlan } from '../src/codegen/plan/spatial/index.ts';
import { loadableSpatial } from '../src/codegen/targets/wasm/spatial/index.ts';
import { dualActivation } from '../src/ir/gaussian/index.ts';
import type { Program } from '../src/ir/program/index.ts';
import { loadReference } from '../src/runtime/backends/reference.ts';
import { type Sample, SpatialEngine } from '../src/runtime/backends/wasm/spatial/engine.ts';
import { loadWasm } from '../src/runtime/backends/wasm.ts';
import { gram } from '../src/runtime/gram.ts';
import type { Inputs } from '../src/runtime/kernel.ts';
import { conv, dense, flatten, inputs, mean, programOf, relu, samples } from './support/spatialNetworks.ts';

const formula = (expr: string) => ({ op: 'elementwise', expr });
const tanh = formula('tanh(x)');
const silu = formula('x/(1+exp(-x))');
const softplus = formula('log(1+exp(x))');
const mish = formula('x*tanh(log(1+exp(x)))');
const elu = formula('max(x,0) + min(exp(x)-1,0)');
const selu = formula('1.0507*(max(x,0) + 1.6733*min(exp(x)-1,0))');
const hardSwish = formula('x*min(max(x+3,0),6)/6');
const smooth = [tanh, silu, softplus, mish];

/** The bound of both targets on what series leave out. */
const tolerance = 1e-10;

/** The largest difference of two Gram matrices, relative to the root of both diagonal entries. */
function worst(got: Float64Array, want: Float64Array): number {
  const n = Math.sqrt(want.length);
  const size = (i: number) => Math.sqrt(want[i * n + i] as number);
  return want.reduce(
    (most, k, at) => Math.max(most, Math.abs((got[at] as number) - k) / (size(Math.floor(at / n)) * size(at % n))),
    0,
  );
}

async function worstError(program: Program, x: Inputs = samples(program, 3)): Promise<number> {
  expect(planSpatial(program)).toBeDefined();
  const [got, want] = [await gram(loadWasm(program, { threads: 1 }), x), await gram(loadReference(program), x)];
  return worst(got, want);
}

const avgPool = { op: 'avgPool', window: [2, 2], strides: [2, 2] };
const line = { ...conv, kernel: [3] };
const networks: Readonly<Record<string, readonly [shape: readonly number[], layers: readonly object[]]>> = {
  flattened: [
    [4, 3, 2],
    [conv, tanh, conv, tanh, flatten, dense],
  ],
  'lanes that are no whole number of vectors': [
    [3, 13, 2],
    [conv, silu, conv, mish, flatten, dense],
  ],
  pooled: [
    [4, 5, 2],
    [conv, softplus, conv, tanh, mean, dense],
  ],
  'pooled, more than one block of lanes': [
    [2, 11, 2],
    [conv, tanh, conv, relu, conv, silu, mean, dense],
  ],
  'pooling inside': [
    [4, 6, 2],
    [conv, tanh, avgPool, conv, silu, mean, dense],
  ],
  'formulas of numbers after pooling': [
    [4, 5, 2],
    [conv, tanh, mean, dense, tanh, dense, silu, dense],
  ],
  'formulas of numbers after flatten': [
    [4, 5, 2],
    [conv, relu, flatten, dense, silu, dense],
  ],
  'one axis': [
    [9, 2],
    [line, softplus, { ...conv, kernel: [4] }, mish, mean, dense],
  ],
  'three axes': [
    [3, 2, 3, 2],
    [{ ...conv, kernel: [3, 3, 3] }, tanh, { ...conv, kernel: [2, 2, 2] }, silu, mean, dense],
  ],
  attention: [
    [5, 3],
    [line, tanh, { op: 'selfAttention' }, mean, dense],
  ],
  'graph, pooled': [
    [6, 3],
    [{ op: 'aggregate' }, dense, tanh, { op: 'aggregate' }, dense, silu, { op: 'globalSumPool' }, dense],
  ],
  residual: [
    [4, 5, 2],
    [conv, { op: 'sum', branches: [[tanh, conv, silu, conv], []] }, tanh, mean, dense],
  ],
  'circular, with strides': [
    [5, 6, 2],
    [conv, tanh, { ...conv, padding: 'circular', strides: [2, 1] }, silu, mean, dense],
  ],
};

/** What the passes give, before the reference is asked: a pair and an entry of the diagonal. */
function ownNumbers(program: Program): readonly number[] {
  const { bytes, schedule } = loadableSpatial(planSpatial(program) as SpatialPlan);
  const engine = new SpatialEngine(new WebAssembly.Module(bytes), schedule, dualActivation);
  const { data, patterns } = samples(program, 2);
  const [x, y] = [0, 1].map((index) => ({ key: index, index, data, ...(patterns && { pattern: patterns }) })) as [
    Sample,
    Sample,
  ];
  return [...engine.pair(x, y), ...engine.diagonal(x)];
}

describe('formulas over positions on the wasm target', () => {
  it.each(Object.entries(networks))('%s', async (_, [shape, layers]) => {
    const program = programOf(shape, layers);
    expect(ownNumbers(program).every(Number.isFinite)).toBe(true); // none is left to the reference
    expect(await worstError(program)).toBeLessThan(tolerance);
  });

  it.each([
    ['sequence', [7, 2], [line, tanh, line, silu, mean, dense]],
    ['image, flattened', [3, 4, 2], [conv, tanh, conv, softplus, flatten, dense]],
    ['image, pooled', [3, 4, 2], [conv, mish, conv, tanh, mean, dense]],
  ] as const)('masked %s', async (_, shape, layers) => {
    expect(await worstError(programOf(shape, layers, 'ntk', true))).toBeLessThan(tolerance);
  });

  it('a formula of numbers whose series is longer than what is kept of it', async () => {
    const wide = { op: 'dense', wStd: 8 };
    const program = programOf([2, 2], [dense, tanh, mean, wide, formula('x*tanh(x)'), dense], 'nngp');
    for (const near of [0.1, 0.05, 0.02, 0.01]) {
      const data = Float64Array.of(1, 0.5, -0.3, 0.4, 1, 0.5 - near, -0.3, 0.4 + near);
      expect(await worstError(program, { data, n: 2 })).toBeLessThan(tolerance);
    }
  });

  it('reads within its memory where a sample has more coefficients than there is room for yet', async () => {
    const pooled = { op: 'sumPool', window: [3], padding: 'same', strides: [2] };
    const plain = { op: 'dense' };
    const program = programOf([2, 1], [pooled, plain, silu, mean, plain, softplus, plain]);
    for (let seed = 1; seed <= 12; seed++) {
      const data = Float64Array.of(2.5 * Math.sin(1.3 * seed), 2.5 * Math.sin(2.6 * seed));
      expect(await worstError(program, { data, n: 1 })).toBeLessThan(tolerance);
    }
  });

  it('weights of layers that are set when it runs', async () => {
    const program = programOf([3, 4, 2], [conv, tanh, conv, silu, mean, dense], 'wntk');
    const [wasm, reference] = [loadWasm(program), loadReference(program)].map((k) => k.withLayerWeights([0.5, 2, 3]));
    const x = samples(program, 3);
    expect(worst(await gram(wasm as never, x), await gram(reference as never, x))).toBeLessThan(tolerance);
  });

  it('black images without a bias: correlations of a variance of 0 are 0', async () => {
    const unbiased = { ...conv, bStd: 0 };
    for (const [first, end] of [
      [tanh, flatten],
      [softplus, mean],
    ]) {
      const program = programOf([4, 5, 2], [unbiased, first as object, unbiased, tanh, end as object, dense]);
      const data = inputs(program, 3).fill(0, 10, 60);
      expect(await worstError(program, { data, n: 3 })).toBeLessThan(tolerance);
    }
  });

  it('near duplicates', async () => {
    for (const end of [flatten, mean]) {
      const program = programOf([3, 4, 2], [conv, tanh, conv, silu, end, dense]);
      const data = inputs(program, 3);
      data.forEach((v, i) => {
        if (i >= 24) data[i] = (data[i % 24] as number) + (i < 48 ? 1e-8 * v : 0);
      });
      expect(await worstError(program, { data, n: 3 })).toBeLessThan(1e-7);
    }
  });

  it('samples whose tables differ in length: small beside large', async () => {
    for (const end of [flatten, mean]) {
      const program = programOf([3, 4, 2], [conv, tanh, conv, tanh, end, dense]);
      const data = inputs(program, 4).map((v, i) => v * ([0.01, 3, 0.3, 1][Math.floor(i / 24)] as number));
      expect(await worstError(program, { data, n: 4 })).toBeLessThan(tolerance);
    }
  });

  it('formulas with kinks: pairs of positions that no series reaches are done by quadrature', async () => {
    for (const [phi, end] of [
      [elu, flatten],
      [selu, flatten],
      [hardSwish, flatten],
      [elu, mean],
    ]) {
      const program = programOf([2, 2, 2], [conv, phi as object, conv, end as object, dense]);
      expect(ownNumbers(program).every(Number.isFinite)).toBe(true);
      expect(await worstError(program, { ...samples(program, 2) })).toBeLessThan(tolerance);
    }
  });

  const drawn = fc.record({
    extents: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }),
    layers: fc.array(
      fc.record({ phi: fc.constantFrom(...smooth, relu, { op: 'erf' }), padding: fc.constantFrom('same', 'circular') }),
      { minLength: 1, maxLength: 3 },
    ),
    end: fc.constantFrom(flatten, mean),
    isMasked: fc.boolean(),
  });

  it('any of them, with closed forms between', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async ({ extents, layers, end, isMasked }) => {
        const window = { ...conv, kernel: extents.map(() => 3) };
        // A mask and a circular window do not go together.
        const blocks = layers.flatMap(({ phi, padding }) => [{ ...window, padding: isMasked ? 'same' : padding }, phi]);
        const program = programOf([...extents, 2], [...blocks, end, dense], 'ntk', isMasked);
        const { n, data, present } = samples(program, 3);
        // Closed forms lose half the digits where positions are nearly parallel.
        const bound = layers.some(({ phi }) => phi === relu) ? 1e-7 : tolerance;
        expect(await worstError(program, { n, data, ...(present && { present }) })).toBeLessThan(bound);
      }),
      { numRuns: 12 },
    );
  });

  it('any formulas with kinks', async () => {
    const few = fc.record({
      width: fc.integer({ min: 1, max: 3 }),
      phis: fc.array(fc.constantFrom(elu, selu, hardSwish, tanh), { minLength: 1, maxLength: 2 }),
      end: fc.constantFrom(flatten, mean),
    });
    await fc.assert(
      fc.asyncProperty(few, async ({ width, phis, end }) => {
        const program = programOf([width, 2], [...phis.flatMap((phi) => [line, phi]), end, dense]);
        expect(await worstError(program, samples(program, 2))).toBeLessThan(tolerance);
      }),
      { numRuns: 8 },
    );
  });
});

describe('a Gram matrix of formulas over positions', () => {
  it.each([
    ['flattened', [8, 9, 2], flatten, 40],
    ['pooled', [6, 7, 2], mean, 10],
  ] as const)('%s: the same bytes on one thread and on two', async (_, shape, end, n) => {
    const program = programOf(shape, [conv, tanh, conv, silu, end, dense]);
    // Samples of several sizes: tables grow as they come, in another order on each thread.
    const data = inputs(program, n).map((v, i) => v * (0.1 + ((i * n) % 7)));
    const [one, two] = await Promise.all([1, 2].map((threads) => gram(loadWasm(program, { threads }), { data, n })));
    expect(two).toEqual(one);
  });

  it('a formula whose mean square diverges is refused as on the reference', async () => {
    const program = programOf([3, 3, 2], [conv, formula('exp(x^2/8)'), conv, flatten, dense]);
    const x = { data: inputs(program, 2).map((v) => 3 * v), n: 2 };
    const refusal = (kernel: Parameters<typeof gram>[0]) => gram(kernel, x).catch((e: Error) => e.message);
    expect(await refusal(loadWasm(program))).toContain('does not converge at variance');
    expect(await refusal(loadWasm(program))).toBe(await refusal(loadReference(program)));
  });

  it('tables count as memory of the samples', () => {
    const bytes = (phi: object, n: number) => {
      const program = programOf([16, 16, 2], [conv, phi, conv, phi, flatten, dense]);
      return loadWasm(program, { threads: 1 }).workingBytes?.(n) ?? 0;
    };
    // 256 positions, two formulas, φ and φ' of each: 96 coefficients are expected of smooth ones, of tanh every other.
    const table = 8 * 256 * 2 * 2 * 96;
    expect(bytes(silu, 3) - bytes(silu, 2)).toBeGreaterThanOrEqual(table);
    expect(bytes(silu, 3) - bytes(silu, 2)).toBeLessThan(1.1 * table);
    expect(bytes(tanh, 3) - bytes(tanh, 2)).toBeLessThan(0.6 * table);
    expect(bytes(relu, 3) - bytes(relu, 2)).toBeLessThan(0.1 * table);
  });
});
