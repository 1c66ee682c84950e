/** The tfjs target with positions: random programs against the meaning of each statement, blocks, and what they hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomProgram, randomSeries } from '../../codegen/targets/reference/spatial/randomProgram.fixture.ts';
import { blockOf } from '../../codegen/targets/tfjs/index.ts';
import { evaluateProgram, type Program, parseProgram, positionsOf, withSpans } from '../../ir/program/index.ts';
import { gram } from '../gram.ts';
import { loadReference } from './reference.ts';
import { loadTfjs, pickBackend } from './tfjs.ts';

const n = 3;
/** Numbers of either sign, the same in every run. */
const wave = (count: number, step: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(step * i * i + i));

const largestError = (ours: Float64Array, theirs: ArrayLike<number>) => {
  const scale = Math.max(...Array.from(theirs, Math.abs));
  return Math.max(...ours.map((v, i) => Math.abs(v - (theirs[i] as number)))) / (scale || 1);
};

/** All pairs of three samples, by the emitted code and statement by statement. */
async function expectAgreement(program: Program, backend: string): Promise<void> {
  const positions = positionsOf(program.extents);
  const patterns = wave(n * positions ** 2, 0.3);
  const present = wave(n * positions, 0.5).map((v, i) => (i % positions === 0 || v > -0.5 ? 1 : 0));
  const channels = program.features / positions;
  const data = wave(n * program.features, 0.7).map((v, i) => v * (present[Math.floor(i / channels)] as number));
  const kernel = await loadTfjs(program, { backend });
  const ours = await gram(kernel, { data, n, patterns, present });
  const of = (i: number, all: Float64Array) => [...all.subarray((i * all.length) / n, ((i + 1) * all.length) / n)];
  const sample = (i: number) => ({ x: of(i, data), pattern: of(i, patterns), present: of(i, present) });
  const theirs = Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return evaluateProgram(program, sample(i), i === j ? undefined : sample(j)).get('nngp') as number;
  });
  // 1e-4: some hundred float32 operations at 6e-8 each; sums of either sign may cancel, equal inputs lose half the digits.
  expect(largestError(ours, theirs)).toBeLessThanOrEqual(1e-4);
}

const available = async (name: string) => (await pickBackend(name).catch(() => undefined)) !== undefined;

describe.each([
  ['wasm', 12],
  ['cpu', 4],
  ['tensorflow', 4],
] as const)('the emitted code gives what the statements mean on %s', (backend, numRuns) => {
  it.for([
    ['at all positions', randomProgram],
    ["where values are kept at p = p' alone", randomProgram.map(withSpans)],
    ['with expansions of formulas', randomSeries],
  ] as const)('%s', async ([, programs], context) => {
    if (!(await available(backend))) context.skip(`no tfjs backend ${backend} here`);
    await fc.assert(
      fc.asyncProperty(programs, (program) => expectAgreement(program, backend)),
      { numRuns: programs === randomSeries ? numRuns / 4 : numRuns },
    );
  });
});

/** A pooled layer of kinked φ on 4 x 4 positions; its weight is settable. */
const kinked = parseProgram(`
program "kinked" wntk features 32 positions 4x4
weight mu1 = 0.5 at layers[0]
self q0 [4x4] = inner 0.5
full f0 [4x4] = inner 0.5
pair k0 [4x4 all] = inner 0.5
self hermite1 [4x4] = expand q0 phi max(x, 0.2) dphi step(x - 0.2) kinks [0.2] tolerance 1e-10 degree 128
self q1 [4x4] = dual hermite1 q0 order 1
full f1 [4x4] = dual hermite1 f0 order 1 diagonal q1
pair k1 [4x4 all] = dual hermite1 k0 order 1
self t1 [4x4] = map mu1*q1*q0
full tf1 [4x4] = map mu1*f1*f0 diagonal t1
pair t1k [4x4 all] = map mu1*k1*k0
self end = reduce tf1 over all scale 0.0625
pair value = reduce t1k over all scale 0.0625
output wntk = value diagonal end
`);

describe('loadTfjs with positions', () => {
  const inputs = { data: wave(5 * 32, 0.7), n: 5 };

  it('takes layer weights and formulas with kinks, and reports their truncation', async () => {
    const kernel = await loadTfjs(kinked, { backend: 'wasm', layerWeights: [3] });
    const ours = await gram(kernel, inputs);
    const theirs = await gram(loadReference(kinked, { layerWeights: [3] }), inputs);
    const bound = kernel.truncationBound?.(await kernel.prepare(inputs)) ?? 0;
    // φ' jumps, so its series falls slowly: at most a tenth is left out, and what is left out is said.
    expect(bound).toBeGreaterThan(1e-3);
    expect(bound).toBeLessThan(0.2);
    expect(largestError(ours, theirs)).toBeLessThanOrEqual(bound + 1e-5);
  });

  it('says what a block takes, and leaves no tensor behind', async () => {
    const { tf } = await pickBackend('wasm');
    const kernel = await loadTfjs(kinked, { backend: 'wasm' });
    const before = tf.memory().numTensors;
    await gram(kernel, inputs);
    expect(tf.memory().numTensors).toBe(before);
    expect(kernel.workingBytes?.(5)).toBe(blockOf(kinked).bytes);
    expect(kernel.tileRows).toBe(2 * blockOf(kinked).samples);
  });
});
