/** Laws over random networks, inputs and weights. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.ts';
import {
  derive,
  gram,
  type Network,
  NtkcError,
  networkFromJson,
  networkToJson,
  parseProgram,
  printProgram,
} from '../src/index.ts';
import { evaluateProgram, type KernelName, kernelNames } from '../src/ir/program/index.ts';
import { formulaLayers, inputPairs, moderate, networks } from '../src/testing/index.ts';

const anyKernel = fc.constantFrom(...kernelNames);
/** Close relative to the diagonal, the natural scale of a kernel value. */
const near = (a: number, b: number, scale: number, tolerance: number) =>
  Math.abs(a - b) <= tolerance * Math.max(scale, Math.abs(b));

/**
 * What the pair path may lose near equal inputs: K is known to ε; a sinusoid or erf at variance q turns that into ε·q in
 * 1 − ρ, and an angle of 0 into its root.
 */
const nearEqualLoss = (...inputs: readonly (readonly number[])[]) =>
  3e-7 * Math.sqrt(1 + 4 * Math.max(...inputs.flat().map((v) => v * v)));

const any = networks({ ops: 'all' });
const withPair = (net: Network) => fc.tuple(fc.constant(net), inputPairs(net.input.shape[0] as number));
const networkAndPair = any.chain(withPair);

describe('data types print and parse back', () => {
  it('networks', () => {
    fc.assert(
      fc.property(networks({ ops: 'noisy' }), (net) => void expect(networkFromJson(networkToJson(net))).toEqual(net)),
    );
  });

  it('kernel programs', () => {
    const anyNetwork = fc.oneof(networks({ ops: 'noisy' }), networks({ activations: formulaLayers, maxBlocks: 2 }));
    fc.assert(
      fc.property(anyNetwork, anyKernel, (net, kernel) => {
        const { program } = derive(net, kernel);
        expect(parseProgram(printProgram(program))).toEqual(program);
      }),
    );
  });

  it('derivation is deterministic', () => {
    fc.assert(
      fc.property(any, anyKernel, (net, kernel) => {
        expect(printProgram(derive(networkFromJson(networkToJson(net)), kernel).program)).toBe(
          printProgram(derive(net, kernel).program),
        );
      }),
    );
  });
});

describe('the reference target', () => {
  it('computes what walking the program statement by statement gives', async () => {
    const noisyAndPair = networks({ ops: 'noisy' }).chain(withPair);
    await fc.assert(
      fc.asyncProperty(noisyAndPair, anyKernel, async ([net, [x, y]], kernel) => {
        const compiled = await compile(net, { kernel });
        const walked = evaluateProgram(compiled.program, x, y);
        const [dx, dy] = [evaluateProgram(compiled.program, x), evaluateProgram(compiled.program, y)];
        for (const [k, o] of compiled.program.outputs.entries()) {
          const scale = Math.sqrt(Math.abs((dx.get(o.name) as number) * (dy.get(o.name) as number)));
          const cross = await gram(compiled, [x], [y], { output: k });
          // Same formulas in another order of rounding.
          expect(near(cross[0] as number, walked.get(o.name) as number, scale, nearEqualLoss(x, y))).toBe(true);
          const own = await gram(compiled, [x], undefined, { output: k });
          expect(near(own[0] as number, dx.get(o.name) as number, scale, 1e-12)).toBe(true);
        }
      }),
    );
  });

  it('gives equal inputs on the pair path what the diagonal path gives', async () => {
    await fc.assert(
      fc.asyncProperty(networkAndPair, anyKernel, async ([net, [x]], kernel) => {
        const compiled = await compile(net, { kernel });
        const [pair, own] = [await gram(compiled, [x], [x]), await gram(compiled, [x])];
        expect(near(pair[0] as number, own[0] as number, Math.abs(own[0] as number), nearEqualLoss(x))).toBe(true);
      }),
    );
  });

  it('is symmetric, and bounded by its diagonal (Cauchy–Schwarz) for the NNGP and the NTK', async () => {
    await fc.assert(
      fc.asyncProperty(networkAndPair, fc.constantFrom<KernelName>('nngp', 'ntk'), async ([net, [x, y]], kernel) => {
        const compiled = await compile(net, { kernel });
        const k = await gram(compiled, [x, y]);
        const [xx, xy, yx, yy] = k as unknown as [number, number, number, number];
        expect(xy).toBe(yx);
        expect(Math.abs(xy)).toBeLessThanOrEqual(Math.sqrt(xx * yy) * (1 + nearEqualLoss(x, y)));
        expect(near((await gram(compiled, [y], [x]))[0] as number, xy, Math.sqrt(xx * yy), nearEqualLoss(x, y))).toBe(
          true,
        );
      }),
    );
  });
});

describe('the weighted NTK', () => {
  const weights = fc.array(moderate(-2, 3), { minLength: 20, maxLength: 20 });
  it('is Σ_l μ_l Θ_l with the layer-wise kernels, for any weights set at run time', async () => {
    await fc.assert(
      fc.asyncProperty(networkAndPair, weights, async ([net, [x, y]], all) => {
        const count = derive(net, 'wntk').program.weights.length;
        const mu = all.slice(0, count);
        const weighted = await gram(await compile(net, { kernel: 'wntk', layerWeights: mu }), [x, y]);
        const layerwise = await compile(net, { kernel: 'layerwise' });
        const sum = new Float64Array(4);
        const scale = new Float64Array(4);
        for (let l = 0; l < count; l++) {
          (await gram(layerwise, [x, y], undefined, { output: l })).forEach((v, i) => {
            sum[i] = (sum[i] as number) + (mu[l] as number) * v;
            scale[i] = (scale[i] as number) + Math.abs((mu[l] as number) * v);
          });
        }
        weighted.forEach((v, i) => void expect(near(v, sum[i] as number, scale[i] as number, 1e-12)).toBe(true));
      }),
    );
  });

  it('with weights 1 is the NTK', async () => {
    await fc.assert(
      fc.asyncProperty(networkAndPair, async ([net, [x, y]]) => {
        const ntk = await gram(await compile(net, { kernel: 'ntk' }), [x, y]);
        const wntk = await gram(await compile(net, { kernel: 'wntk' }), [x, y]);
        // On the diagonal to rounding; beside it two ways to compute the same, each with its loss near equal inputs.
        const tolerances = [1e-12, nearEqualLoss(x, y), nearEqualLoss(x, y), 1e-12];
        for (const [i, tolerance] of tolerances.entries())
          expect(near(wntk[i] as number, ntk[i] as number, Math.abs(ntk[0] as number), tolerance)).toBe(true);
      }),
    );
  });
});

describe('ReLU networks without bias are homogeneous', () => {
  it('K(cx, c x′) = c² K(x, x′)', async () => {
    const layers = [
      { op: 'dense', wStd: 1.4 },
      { op: 'relu' },
      { op: 'dense' },
      { op: 'abRelu', a: -0.3, b: 1.1 },
      { op: 'dense' },
    ];
    const json = JSON.stringify({ input: { shape: [3] }, layers });
    await fc.assert(
      fc.asyncProperty(inputPairs(3), fc.constantFrom(1e-60, 1e-9, 7, 1e9, 1e60), async ([x, y], c) => {
        const kernel = await compile(networkFromJson(json));
        const once = await gram(kernel, [x, y]);
        const scaled = await gram(kernel, [x.map((v) => c * v), y.map((v) => c * v)]);
        scaled.forEach((v, i) => {
          const scale = Math.sqrt((once[0] as number) * (once[3] as number));
          expect(near(v / c / c, once[i] as number, scale, 1e-7)).toBe(true);
        });
      }),
    );
  });

  it('a norm beyond float64 is refused by name, not returned as NaN', async () => {
    const net = networkFromJson(
      JSON.stringify({ input: { shape: [1] }, layers: [{ op: 'dense' }, { op: 'relu' }, { op: 'dense' }] }),
    );
    const kernel = await compile(net);
    await expect(gram(kernel, [[1], [1e200]])).rejects.toThrow(NtkcError);
    await expect(gram(kernel, [[1], [1e200]])).rejects.toThrow('samples');
  });
});
