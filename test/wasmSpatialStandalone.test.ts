/** What `ntkc generate --target wasm` writes for inputs with positions. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { spatialDriverFile, spatialDriverText } from '../scripts/engine.ts';
import { derive, generate, type KernelName, type NetworkInput, network } from '../src/index.ts';
import { type EmittedKernel, emittedModules } from './support/emitted.ts';
import { conv, dense, flatten, mean, relu, stridesThatDisagree } from './support/spatialNetworks.ts';

const { load } = emittedModules<EmittedKernel>();

const networks: Readonly<Record<string, readonly object[]>> = {
  flattened: [conv, relu, { ...conv, strides: [2, 1] }, { op: 'erf' }, flatten, dense],
  pooled: [
    conv,
    relu,
    { op: 'avgPool', window: [2, 2], strides: [2, 2] },
    conv,
    relu,
    mean,
    dense,
    { op: 'erf' },
    dense,
  ],
};
const derived = (name: string, kernel: KernelName) =>
  derive(network({ name, input: { shape: [4, 5, 2] }, layers: networks[name] } as NetworkInput), kernel);
const inputs = (n: number) => Float64Array.from({ length: 40 * n }, (_, i) => Math.sin(1 + i * i));

describe.each(Object.keys(networks))('the emitted module of a %s network', (name) => {
  it.each<KernelName>(['ntk', 'wntk', 'layerwise'])('%s is what the reference module gives', async (kernel) => {
    const derivation = derived(name, kernel);
    const wasm = await load(await generate(derivation, 'wasm', { wasmFormat: 'js' }));
    const reference = await load(await generate(derivation, 'reference'));
    expect(Object.keys(wasm).sort()).toEqual(Object.keys(reference).sort());
    const [x, y] = [inputs(3), inputs(5).subarray(80)];
    const weights = wasm.layerWeights.map((_, i) => 0.5 + i);
    const near = (got: ReturnType<EmittedKernel['gram']>, want: ReturnType<EmittedKernel['gram']>) => {
      const [all, wanted] = [[got].flat(), [want].flat()] as [Float64Array[], Float64Array[]];
      expect(all.map((k) => k.length)).toEqual(wanted.map((k) => k.length));
      // 1e-8 on the diagonal of pooled networks, where an angle of 0 is the root of a rounding error.
      all.forEach((k, o) => {
        k.forEach((v, at) => void expect(v / (wanted[o]?.[at] as number), `${o} ${at}`).toBeCloseTo(1, 8));
      });
    };
    near(wasm.gram(x, 3), reference.gram(x, 3));
    near(wasm.gram(x, 3, y, 3, weights), reference.gram(x, 3, y, 3, weights));
    expect(() => wasm.gram(x.subarray(1), 3)).toThrow('x holds fewer than 3 x 40 numbers');
    // NaN pairs go to the plain loops, which have no value either.
    expect([wasm.gram(x.fill(1e200), 1)].flat()).toEqual([reference.gram(x, 1)].flat());
  });

  it('leaves no ordinary pair to the plain loops', async () => {
    const source = await generate(derived(name, 'ntk'), 'wasm', { wasmFormat: 'js' });
    const alone = source.replace(/function plainPair\(.*\) \{/, "$& throw new Error('plain');");
    expect(alone).not.toBe(source);
    const module = await load(alone);
    expect([...(module.gram(inputs(3), 3) as Float64Array)].every(Number.isFinite)).toBe(true);
    expect(() => module.gram(inputs(3).fill(1e200), 3)).toThrow('plain');
  });

  it('has a text that assembles to the bytes it carries', async () => {
    const { parseWat } = await wabt();
    const derivation = derived(name, 'ntk');
    const text = await generate(derivation, 'wasm', { wasmFormat: 'wat' });
    const parsed = parseWat('kernel.wat', text, { simd: true });
    const { buffer } = parsed.toBinary({});
    parsed.destroy();
    const carried = /const plain = `([^`]*)`/.exec(await generate(derivation, 'wasm', { wasmFormat: 'js' }))?.[1] ?? '';
    expect(Buffer.compare(Buffer.from(buffer), Buffer.from(carried, 'base64'))).toBe(0);
    expect(text).toMatch(/^;; .*pair0/m);
    expect(text).toBe(await generate(derivation, 'wasm', { wasmFormat: 'wat' }));
  });
});

it('formulas are what the reference module gives, by tables and, near kinks, by quadrature', async () => {
  const formula = (expr: string) => ({ op: 'elementwise', expr });
  const [silu, elu] = [formula('x/(1+exp(-x))'), formula('max(x,0)+min(exp(x)-1,0)')];
  for (const layers of [
    [conv, silu, conv, elu, flatten, dense],
    [conv, silu, conv, silu, mean, dense, silu, dense],
  ]) {
    const derivation = derive(network({ input: { shape: [3, 4, 2] }, layers } as NetworkInput), 'ntk');
    const source = await generate(derivation, 'wasm', { wasmFormat: 'js' });
    const wasm = await load(source.replace(/function plainPair\(.*\) \{/, "$& throw new Error('plain');"));
    const reference = await load(await generate(derivation, 'reference'));
    const x = inputs(3).subarray(0, 48);
    const [got, want] = [wasm.gram(x, 2), reference.gram(x, 2)] as [Float64Array, Float64Array];
    // The bound of both on what series leave out.
    got.forEach((k, i) => void expect(Math.abs(k - (want[i] as number))).toBeLessThan(1e-10 * (want[0] as number)));
  }
});

it('a network that has no plan is refused', async () => {
  const input = { input: { shape: [5, 4, 2] }, layers: stridesThatDisagree } as NetworkInput;
  const derivation = derive(network(input), 'ntk');
  for (const wasmFormat of ['js', 'wat'] as const)
    await expect(generate(derivation, 'wasm', { wasmFormat })).rejects.toThrow('Use --target reference.');
});

it('the driver in it is that of the runtime (npm run engine)', async () => {
  expect(readFileSync(spatialDriverFile, 'utf8')).toBe(await spatialDriverText());
});
