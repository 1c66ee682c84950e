import { describe, expect, it } from 'vitest';
import { finiteNetwork } from './derive/index.ts';
import { generateHierarchy } from './generate.ts';
import { dense, elementwise, erf, network } from './ops/vocabulary.ts';
import { hierarchyAt } from './runtime/empirical/hierarchy/index.ts';
import { initialise, normals } from './runtime/empirical/index.ts';

const net = network({
  name: 'has */ and \n a line break',
  input: { shape: [3] },
  layers: [dense({ bStd: 0.2 }), erf(), dense(), elementwise('tanh(x)'), dense()],
});

interface Emitted {
  prepare(parameters: unknown, x: Float64Array, n: number, output?: number): object;
  one(prepared: object, tuple: readonly number[]): number;
  all(prepared: object): Float64Array;
  contracted(prepared: object, weights: Float64Array): Float64Array;
}

/** JavaScript without dependencies. */
const standalone = ['reference', 'wasm'] as const;

describe('the source of a kernel of the hierarchy', () => {
  it.each(standalone)('for %s stands alone: one tuple, all tuples, contracted', async (target) => {
    const source = await generateHierarchy(net, 3, target, { width: 4, samples: 3 });
    const module: Emitted = await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`);
    const finite = finiteNetwork(net, { width: 4, outputs: 1 });
    const parameters = initialise(finite, 5);
    const x = normals(9, 1, 6);
    const tuples = Array.from({ length: 27 }, (_, k) => [Math.floor(k / 9), Math.floor(k / 3) % 3, k % 3]);
    const jets = hierarchyAt(finite, parameters, x, 3, tuples);
    const prepared = module.prepare(parameters, x, 3);
    const all = module.all(prepared);
    // Float64 on both sides, a few hundred operations.
    jets.forEach((value, k) => {
      expect(all[k]).toBeCloseTo(value, 13);
      expect(module.one(prepared, tuples[k]!)).toBeCloseTo(value, 13);
    });
    const v = module.contracted(prepared, Float64Array.of(0, 0, 1));
    expect([...v]).toEqual(Array.from({ length: 9 }, (_, ab) => expect.closeTo(jets[ab * 3 + 2]!, 13)));
  });

  it.each(standalone)('for %s refuses lengths that would end in NaN or belong to another network', async (target) => {
    const source = await generateHierarchy(net, 3, target, { width: 4, samples: 3 });
    const module: Emitted = await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`);
    const parameters = initialise(finiteNetwork(net, { width: 4, outputs: 1 }), 5);
    const wider = initialise(finiteNetwork(net, { width: 5, outputs: 1 }), 5);
    const x = normals(9, 1, 6);
    expect(() => module.prepare(wider, x, 3)).toThrow('parameters[0].W: 15 numbers instead of 12');
    expect(() => module.prepare(parameters.slice(0, 2), x, 3)).toThrow('parameters[2].W: no numbers instead of 4');
    expect(() => module.prepare(parameters, x, 4)).toThrow('x: 9 numbers instead of 12');
    const prepared = module.prepare(parameters, x, 3);
    expect(() => module.contracted(prepared, Float64Array.of(1, 2))).toThrow('weights: 2 numbers instead of 3');
  });

  it('of a kernel that is 0 says so', async () => {
    const linear = network({ name: 'linear', input: { shape: [2] }, layers: [dense()] });
    expect(await generateHierarchy(linear, 3, 'reference')).toMatch(/the loop over n\^3 tuples: 0 flop, as K is 0\n/);
  });

  it.each(['reference', 'tfjs', 'wasm'] as const)(
    'for %s is the same each time, and says what it costs',
    async (target) => {
      const source = await generateHierarchy(net, 3, target, { width: 8, samples: 50 });
      expect(await generateHierarchy(net, 3, target, { width: 8, samples: 50 })).toBe(source);
      expect(source).toMatch(/contracted, n = 50: .*flop, intermediate results at most .*B\n/);
      expect(source).toMatch(/the loop over n\^3 tuples: .* times as many/);
      expect(source).toContain('⟨x̃_α, x̃_β⟩');
    },
  );

  it('is refused for an order, a size or a target that is none', async () => {
    await expect(generateHierarchy(net, 9)).rejects.toThrow(/order 9/);
    await expect(generateHierarchy(net, 4, 'reference', { maxTerms: 10 })).rejects.toThrow(/too large/);
    await expect(generateHierarchy(net, 3, 'wgsl' as 'tfjs')).rejects.toThrow(
      /unknown target "wgsl". Expected one of tfjs, reference, wasm/,
    );
  });
});
