import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSpatial, type SpatialPlan } from '../src/codegen/plan/spatial/index.ts';
import { randomProgram } from '../src/codegen/targets/reference/spatial/randomProgram.fixture.ts';
import { loadableSpatial } from '../src/codegen/targets/wasm/spatial/index.ts';
import { NtkcError } from '../src/errors.ts';
import { type Program, parseProgram } from '../src/ir/program/index.ts';
import { type Sample, SpatialEngine } from '../src/runtime/backends/wasm/spatial/engine.ts';
import { loadWasm } from '../src/runtime/backends/wasm.ts';
import { conv, dense, flatten, mean, programOf, relu, samples, worstErrors } from './support/spatialNetworks.ts';

const [rounding, halfDigits] = [1e-12, 1e-8];

const networks: Readonly<Record<string, readonly [shape: readonly number[], layers: readonly object[]]>> = {
  flatten: [
    [4, 3, 2],
    [conv, relu, conv, relu, flatten, dense],
  ],
  'lanes that are no whole number of vectors': [
    [3, 13, 2],
    [conv, relu, conv, relu, mean, dense],
  ],
  'global pooling': [
    [4, 5, 2],
    [conv, relu, conv, { op: 'erf' }, mean, dense, relu, dense],
  ],
  strides: [
    [7, 9, 2],
    [conv, relu, { ...conv, strides: [2, 2] }, relu, conv, relu, mean, dense],
  ],
  valid: [
    [6, 7, 2],
    [conv, relu, { ...conv, padding: 'valid' }, relu, flatten, dense],
  ],
  'circular, flattened': [
    [4, 5, 2],
    [{ ...conv, padding: 'circular' }, relu, { ...conv, padding: 'circular' }, flatten, dense],
  ],
  'circular, pooled': [
    [3, 4, 2],
    [{ ...conv, padding: 'circular' }, relu, { ...conv, padding: 'circular' }, relu, mean, dense],
  ],
  'pooling inside': [
    [4, 6, 2],
    [conv, relu, { op: 'avgPool', window: [2, 2], strides: [2, 2] }, conv, relu, flatten, dense],
  ],
  'pooling twice': [
    [4, 4, 2],
    [conv, relu, { op: 'avgPool', window: [2, 2], strides: [1, 1] }, conv, relu, mean, dense],
  ],
  'many channels, flattened': [
    [3, 5, 17],
    [conv, relu, flatten, dense],
  ],
  'many channels, pooled': [
    [5, 40],
    [{ ...conv, kernel: [3] }, relu, mean, dense],
  ],
  'pooling with borders': [
    [5, 4, 2],
    [conv, relu, { op: 'avgPool', window: [3, 3], strides: [2, 1], padding: 'same' }, conv, relu, mean, dense],
  ],
  'pooling three times': [
    [8, 8, 1],
    [conv, relu, ...Array.from({ length: 3 }, () => ({ op: 'avgPool', window: [2, 2] })), flatten, dense],
  ],
  'one axis': [
    [9, 2],
    [{ ...conv, kernel: [3] }, relu, { ...conv, kernel: [4] }, relu, mean, dense],
  ],
  'three axes': [
    [3, 2, 3, 2],
    [{ ...conv, kernel: [3, 3, 3] }, relu, { ...conv, kernel: [2, 2, 2] }, relu, mean, dense],
  ],
  'large windows': [
    [6, 7, 2],
    [{ ...conv, kernel: [5, 5] }, relu, { ...conv, kernel: [5, 4] }, relu, mean, dense],
  ],
  residual: [
    [5, 5, 2],
    [conv, { op: 'sum', branches: [[relu, conv, relu, conv], []] }, relu, mean, dense],
  ],
  'strided residual': [
    [6, 6, 2],
    [
      conv,
      {
        op: 'sum',
        branches: [[relu, { ...conv, strides: [2, 2] }], [{ op: 'conv', kernel: [1, 1], strides: [2, 2] }]],
      },
      relu,
      mean,
      dense,
    ],
  ],
  layerNorm: [
    [4, 5, 2],
    [conv, { op: 'layerNorm' }, relu, conv, relu, flatten, dense],
  ],
  'local, pooled': [
    [4, 5, 2],
    [conv, relu, { ...conv, op: 'convLocal' }, relu, mean, dense],
  ],
  'local, flattened': [
    [4, 5, 2],
    [conv, relu, { ...conv, op: 'convLocal' }, relu, flatten, dense],
  ],
  attention: [
    [5, 3],
    [{ ...conv, kernel: [3] }, relu, { op: 'selfAttention' }, mean, dense],
  ],
  'attention, flattened': [
    [5, 3],
    [{ ...conv, kernel: [3] }, relu, { op: 'selfAttention' }, flatten, dense],
  ],
  graph: [
    [6, 3],
    [{ op: 'aggregate' }, dense, relu, { op: 'aggregate' }, dense, relu, { op: 'globalSumPool' }, dense],
  ],
  'graph, flattened': [
    [9, 3],
    [dense, relu, { op: 'aggregate' }, dense, relu, { op: 'aggregate' }, flatten, dense],
  ],
  transposed: [
    [3, 4, 2],
    [conv, relu, { ...conv, op: 'convTranspose', strides: [2, 2] }, relu, mean, dense],
  ],
};

/** What the passes give, before the reference is asked: a pair and an entry of the diagonal. */
function ownNumbers(program: Program): readonly number[] {
  const { bytes, schedule } = loadableSpatial(planSpatial(program) as SpatialPlan);
  const engine = new SpatialEngine(new WebAssembly.Module(bytes), schedule);
  const { data, patterns } = samples(program, 2);
  const [x, y] = [0, 1].map((index) => ({ key: index, index, data, ...(patterns && { pattern: patterns }) })) as [
    Sample,
    Sample,
  ];
  return [...engine.pair(x, y), ...engine.diagonal(x)];
}

describe('a spatial kernel on the wasm target', () => {
  it.each(Object.entries(networks))('%s', async (_, [shape, layers]) => {
    const program = programOf(shape, layers);
    expect(ownNumbers(program).every(Number.isFinite)).toBe(true); // none is left to the reference
    const { pair, diagonal } = await worstErrors(program);
    expect(Math.max(pair, diagonal)).toBeLessThan(rounding);
  });

  it('noise of a sample, seen by layers after it', async () => {
    const noisy = [conv, { op: 'dropout', keep: 0.7 }, dense, conv, mean, dense];
    const { pair, diagonal } = await worstErrors(programOf([3, 4, 2], noisy));
    expect(Math.max(pair, diagonal)).toBeLessThan(rounding);
  });

  it.each([
    ['sequence', [7, 2], [{ ...conv, kernel: [3] }, relu, { ...conv, kernel: [3] }, relu, mean, dense]],
    ['sequence, flattened', [7, 2], [{ ...conv, kernel: [3] }, relu, flatten, dense]],
    ['image', [3, 4, 2], [conv, relu, conv, relu, mean, dense]],
    ['image, attention', [3, 2, 2], [{ op: 'selfAttention', bStd: 0.3 }, mean, dense]],
    ['image, pooled first', [4, 3, 2], [{ op: 'avgPool', window: [2, 1] }, conv, relu, flatten, dense]],
    ['image, enlarged', [3, 2, 2], [{ ...conv, op: 'convTranspose', strides: [2, 2] }, relu, mean, dense]],
  ] as const)('masked %s', async (_, shape, layers) => {
    const program = programOf(shape, layers, 'ntk', true);
    expect(planSpatial(program)).toBeDefined();
    const { pair, diagonal } = await worstErrors(program);
    expect(Math.max(pair, diagonal)).toBeLessThan(rounding);
  });

  it('NNGP, and weights of layers that are set when it runs', async () => {
    const layers = [conv, relu, conv, relu, mean, dense];
    expect((await worstErrors(programOf([3, 4, 2], layers, 'nngp'))).pair).toBeLessThan(rounding);
    const program = programOf([3, 4, 2], layers, 'wntk');
    const kernel = loadWasm(program);
    expect((await worstErrors(program, kernel)).pair).toBeLessThan(rounding);
    const reweighted = kernel.withLayerWeights([0.5, 2, 3]);
    expect(await worstErrors(program, reweighted)).toEqual({
      pair: expect.closeTo(0, 12),
      diagonal: expect.closeTo(0, 8),
    });
  });

  const axis = fc.record({ kernel: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 1, max: 3 }) });
  const layer = (axes: number) =>
    fc
      .record({
        axes: fc.array(axis, { minLength: axes, maxLength: axes }),
        padding: fc.constantFrom('same', 'valid', 'circular'),
      })
      .map((l) => ({
        op: 'conv',
        kernel: l.axes.map((a) => a.kernel),
        strides: l.axes.map((a) => a.stride),
        padding: l.padding,
        wStd: 1.3,
        bStd: 0.2,
      }));
  const drawn = fc.integer({ min: 1, max: 2 }).chain((axes) =>
    fc.record({
      extents: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: axes, maxLength: axes }),
      layers: fc.array(layer(axes), { minLength: 1, maxLength: 3 }),
      pool: fc.constantFrom(undefined, fc.integer({ min: 1, max: 2 })),
      end: fc.constantFrom(flatten, mean),
    }),
  );

  it('any convolutions', async () => {
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(drawn, async ({ extents, layers, end }) => {
        let program: Program;
        try {
          program = programOf([...extents, 2], [...layers.flatMap((l) => [l, relu]), end, dense]);
        } catch (error) {
          expect(error).toBeInstanceOf(NtkcError); // e.g. a window larger than what is left
          return;
        }
        checked++;
        const { pair, diagonal } = await worstErrors(program);
        expect(pair).toBeLessThan(halfDigits); // few positions may well be nearly parallel
        expect(diagonal).toBeLessThan(halfDigits);
      }),
      { numRuns: 25 },
    );
    expect(checked).toBeGreaterThan(5);
  });
});

it('random programs, with every statement but series and tables without any regularity', async () => {
  await fc.assert(
    fc.asyncProperty(randomProgram, async (program) => {
      expect(planSpatial(program)).toBeDefined();
      const { pair, diagonal } = await worstErrors(program);
      expect(pair).toBeLessThan(1e-11); // the programs are free of cancellation
      expect(diagonal).toBeLessThan(1e-11);
    }),
    { numRuns: 60 },
  );
});

describe('a full value', () => {
  it('takes the self value where p = p', async () => {
    const text = `program "t" nngp features 12 positions 3x2
self q0 [3x2] = inner 0.5
full k0 [3x2] = inner 0.5
pair s0 [3x2 all] = inner 0.5
self a [3x2] = map 7
full b [3x2] = map k0^2 diagonal a
full c [3x2] = shiftSum b scale 1 axes [[[-1,0,1],[0,1,2]],[[0,1]]]
self m = reduce c over all scale 1
pair r = reduce s0 over all scale 1
output nngp = r diagonal m
`;
    const program = parseProgram(text);
    const { diagonal, pair } = await worstErrors(program);
    expect(diagonal).toBeLessThan(rounding);
    expect(pair).toBeLessThan(rounding);
  });
});
