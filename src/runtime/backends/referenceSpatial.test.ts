/** The reference target with positions: random programs against the meaning of each statement. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomProgram, randomSeries } from '../../codegen/targets/reference/spatial/randomProgram.fixture.ts';
import { evaluateProgram, type Program, positionsOf, withSpans } from '../../ir/program/index.ts';
import { loadReference } from './reference.ts';

const n = 3;
/** Numbers of either sign, the same in every run. */
const wave = (count: number, step: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(step * i * i + i));

/** All pairs of three samples, by the emitted code and statement by statement. */
async function expectAgreement(program: Program): Promise<void> {
  const positions = positionsOf(program.extents);
  const [data, patterns] = [wave(n * program.features, 0.7), wave(n * positions ** 2, 0.3)];
  const present = wave(n * positions, 0.5).map((v) => (v > 0 ? 1 : 0));
  const kernel = loadReference(program);
  const prepared = await kernel.prepare({ data, n, patterns, present });
  const tile = { a: prepared, aRows: [0, n], b: prepared, bRows: [0, n], symmetric: true } as const;
  const [ours = new Float64Array()] = await kernel.tile(tile);
  const at = (i: number, all: Float64Array) => [...all.subarray((i * all.length) / n, ((i + 1) * all.length) / n)];
  const sample = (i: number) => ({ x: at(i, data), pattern: at(i, patterns), present: at(i, present) });
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const theirs = evaluateProgram(program, sample(i), i === j ? undefined : sample(j)).get('nngp') as number;
      // Sums in another order: roundings of 1e-16, relative to terms that partly cancel.
      expect(Math.abs((ours[i * n + j] as number) - theirs), `${i}, ${j}`).toBeLessThan(1e-11 * (1 + Math.abs(theirs)));
    }
}

describe('the emitted code gives what the statements mean', () => {
  it('at all positions', async () => {
    await fc.assert(fc.asyncProperty(randomProgram, expectAgreement), { numRuns: 100 });
  });

  it("where values are kept at p = p' alone", async () => {
    await fc.assert(
      fc.asyncProperty(randomProgram, (program) => expectAgreement(withSpans(program))),
      { numRuns: 100 },
    );
  });

  it('with expansions of formulas', async () => {
    await fc.assert(fc.asyncProperty(randomSeries, expectAgreement), { numRuns: 8 });
  });
});
