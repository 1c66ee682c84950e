import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { parseProgram } from '../../ir/program/index.ts';
import { gram } from '../gram.ts';
import { loadReference } from './reference.ts';
import { backendNames, loadTfjs, pickBackend } from './tfjs.ts';

const relu = parseProgram(`
program "relu" wntk features 3
weight mu1 = 1 at layers[0]
weight mu2 = 0.5 at layers[2]
self q0 = inner 0.25
pair sigma0 = inner 0.25
self q1 = map 2*q0 + 0.1
pair sigma1 = map 2*sigma0 + 0.1
pair s1 = map sqrt(q1_x*q1_y - sigma1^2)
pair angle1 = map atan2(s1, sigma1)
pair sigmaHat1 = map 0.5*pi^(-1)*(s1 + sigma1*(-angle1 + pi))
pair dotSigma1 = map -0.5*angle1*pi^(-1) + 0.5
self t2 = map 0.5*mu1*q1 + 0.5*mu2*q1
pair theta2 = map mu1*dotSigma1*sigma1 + mu2*sigmaHat1
output wntk = theta2 diagonal t2
`);
const formula = parseProgram(`
program "formula" nngp features 3
self q0 = inner 0.25
pair sigma0 = inner 0.25
self hermite1 = expand q0 phi max(x, 0.2) dphi step(x - 0.2) kinks [0.2] tolerance 1e-10 degree 128
self qHat1 = dual hermite1 q0 order 0
pair sigmaHat1 = dual hermite1 sigma0 order 0
output nngp = sigmaHat1 diagonal qHat1
`);
const x = Array.from({ length: 11 }, (_, i) => [Math.sin(i), Math.cos(3 * i + 1), Math.sin(7 * i + 2)]);
const x2 = x.slice(0, 4).map((row) => row.map((v) => v + 0.3));

const largestError = (a: Float64Array, b: Float64Array) => {
  const scale = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((v, i) => Math.abs(v - (b[i] as number)))) / scale;
};
const available = async (name: string) => (await pickBackend(name).catch(() => undefined)) !== undefined;

describe('loadTfjs', () => {
  for (const backend of ['cpu', 'wasm', 'tensorflow']) {
    it(`agrees with the reference on ${backend}, whole and in tiles`, async (context) => {
      if (!(await available(backend))) context.skip(`no tfjs backend ${backend} here`);
      const kernel = await loadTfjs(relu, { backend });
      const reference = loadReference(relu);
      expect(kernel.dtype).toBe('float32');
      expect(kernel.note).toContain(kernel.target.slice('tfjs ('.length, -1));
      // 2e-6: some twenty float32 operations at 6e-8 each.
      expect(largestError(await gram(kernel, x), await gram(reference, x))).toBeLessThanOrEqual(2e-6);
      expect(largestError(await gram(kernel, x, x2), await gram(reference, x, x2))).toBeLessThanOrEqual(2e-6);
      expect(
        largestError(await gram(kernel, x, undefined, { tileRows: 4 }), await gram(reference, x)),
      ).toBeLessThanOrEqual(2e-6);
      expect(
        largestError(
          await gram(kernel, x),
          (await gram(reference, x)).map((v) => v * 1.001),
        ),
      ).toBeGreaterThan(2e-6);
    });
  }

  it('takes layer weights, and refuses a wrong number of them', async () => {
    const weights = { layerWeights: [0, 2] };
    const kernel = await loadTfjs(relu, { backend: 'wasm', ...weights });
    expect(largestError(await gram(kernel, x), await gram(loadReference(relu, weights), x))).toBeLessThanOrEqual(2e-6);
    await expect(loadTfjs(relu, { layerWeights: [1] })).rejects.toThrow(NtkcError);
  });

  it('lets kernels on several backends take turns', async () => {
    const kernels = await Promise.all(['cpu', 'wasm'].map((backend) => loadTfjs(relu, { backend })));
    const all = await Promise.all([...kernels, ...kernels].map((k) => gram(k, x, undefined, { tileRows: 3 })));
    const exact = await gram(loadReference(relu), x);
    for (const found of all) expect(largestError(found, exact)).toBeLessThanOrEqual(2e-6);
  });

  it('reports the truncation of formulas for the inputs prepared', async () => {
    const kernel = await loadTfjs(formula, { backend: 'wasm' });
    const bound =
      kernel.truncationBound?.(await kernel.prepare({ n: x.length, data: Float64Array.from(x.flat()) })) ?? 0;
    expect(bound).toBeGreaterThan(1e-6);
    expect(largestError(await gram(kernel, x), await gram(loadReference(formula), x))).toBeLessThanOrEqual(
      bound + 2e-6,
    );
    expect((await loadTfjs(relu, { backend: 'wasm' })).truncationBound).toBeUndefined();
  });

  it('leaves no tensor behind', async () => {
    const kernel = await loadTfjs(formula, { backend: 'wasm' });
    const { tf } = await pickBackend('wasm');
    const before = tf.memory().numTensors;
    await gram(kernel, x, x2, { tileRows: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('pickBackend', () => {
  it('takes the first that runs here, and says why not those before it', async () => {
    const { name, note } = await pickBackend();
    const before = backendNames.slice(0, backendNames.indexOf(name));
    expect(note.startsWith(`tfjs backend ${name}`)).toBe(true);
    for (const other of before) expect(note).toContain(`not ${other}: `);
  });

  it('refuses a name that is none, in one line that lists them', async () => {
    const error = await pickBackend('webgl2').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NtkcError);
    expect((error as NtkcError).message).toBe(
      'unknown tfjs backend "webgl2". Expected one of tfjs-node-gpu, tfjs-node, wasm, cpu, tensorflow.',
    );
  });

  it('says what to install for one that does not run here', async (context) => {
    if (await available('tfjs-node')) context.skip('tfjs-node runs here');
    const error = (await pickBackend('tfjs-node').catch((e: unknown) => e)) as NtkcError;
    expect(error).toBeInstanceOf(NtkcError);
    expect(error.message).toContain('npm install @tensorflow/tfjs-node');
  });
});
