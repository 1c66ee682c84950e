import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonical,
  contractDeltas,
  contractionEvaluator,
  contractionTable,
  delta,
  dummiesOf,
  type EinsumScope,
  evaluateByLoops,
  type Factor,
  headKey,
  isDummy,
  mergeLikeTerms,
  PARAMETER,
  parseFactors,
  printFactor,
  renamed,
  termOf,
} from './index.ts';

/** All dummies and the free index −1 run over a space of this size. */
const size = 3;

const index = fc.integer({ min: -1, max: 3 });
const factor: fc.Arbitrary<Factor> = fc.oneof(
  fc.record({
    tensor: fc.constantFrom('s1', 's2'),
    derivative: fc.nat(2),
    sample: fc.nat(2),
    indices: fc.tuple(index),
  }),
  fc.record({
    tensor: fc.constantFrom('W2', 'W3'),
    derivative: fc.constant(0),
    sample: fc.constant(PARAMETER),
    indices: fc.tuple(index, index),
  }),
  fc.tuple(index, index).map(([i, j]) => delta(i, j)),
);
const product = fc.array(factor, { minLength: 1, maxLength: 7 });

/** Random tensors; the values depend on the head of the factor alone. */
const scope: EinsumScope = {
  tensor: (f) => {
    const shape = f.indices.map(() => size);
    const data = new Float64Array(size ** shape.length);
    for (let k = 0; k < data.length; k++)
      data[k] = f.tensor === 'delta' ? Number(k % (size + 1) === 0) : Math.sin(1 + k * 1.7 + hash(headKey(f)));
    return { shape, data };
  },
  free: () => 1,
};
const hash = (text: string): number => [...text].reduce((h, letter) => (h * 31 + letter.codePointAt(0)!) % 1009, 7);

/** Sums of at most 3⁴ products of 7 sines: rounding stays below this, relative to the largest. */
const tolerance = 1e-13 * 81;

describe('canonical form', () => {
  it('does not depend on the order of factors or the names of dummies', () => {
    fc.assert(
      fc.property(
        product,
        fc.infiniteStream(fc.nat(1000)),
        fc.shuffledSubarray([10, 11, 12, 13], { minLength: 4 }),
        (p, stream, names) => {
          const shuffled = p.map((f) => ({ f, at: stream.next().value as number })).sort((a, b) => a.at - b.at);
          const other = renamed(
            shuffled.map(({ f }) => f),
            new Map(names.map((name, k) => [k, name])),
          );
          expect(canonical(other)).toEqual(canonical(p));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(product, (p) => {
        expect(canonical(canonical(p).factors)).toEqual(canonical(p));
      }),
    );
  });

  it('keeps the value', () => {
    fc.assert(
      fc.property(product, (p) => {
        expect(Math.abs(evaluateByLoops(canonical(p).factors, scope) - evaluateByLoops(p, scope))).toBeLessThan(
          tolerance,
        );
      }),
    );
  });

  it('tells apart what colours alone cannot: a cycle of six from two of three', () => {
    const cycle = (...corners: readonly number[]) =>
      corners.map((i, k) => ({ ...delta(i, corners[(k + 1) % corners.length]!), tensor: 'W2' }));
    const [six, threes] = [cycle(0, 1, 2, 3, 4, 5), [...cycle(0, 1, 2), ...cycle(3, 4, 5)]];
    expect(canonical(six).key).not.toBe(canonical(threes).key);
    expect(canonical(cycle(5, 3, 1, 0, 2, 4)).key).toBe(canonical(six).key);
    expect(canonical([...threes].reverse()).key).toBe(canonical(threes).key);
    // Together: all dummies have one colour, but it matters which of them is named first.
    const both = [...six, ...renamed(threes, new Map([0, 1, 2, 3, 4, 5].map((i) => [i, i + 6])))];
    const names = new Map(Array.from({ length: 12 }, (_, i) => [i, 20 + ((i * 5 + 7) % 12)]));
    expect(canonical(renamed(both, names).toReversed())).toEqual(canonical(both));
  });

  it('prints what it reads', () => {
    fc.assert(
      fc.property(product, (p) => {
        expect(parseFactors(p.map(printFactor).join(' '))).toEqual(p);
      }),
    );
  });
});

describe('contraction', () => {
  it('of δ keeps the value and leaves no δ that can go', () => {
    fc.assert(
      fc.property(product, (p) => {
        const contracted = contractDeltas(p);
        // A dummy that only δ held disappears with it where it met a free index; the value is the same.
        expect(Math.abs(evaluateByLoops(contracted, scope) - evaluateByLoops(p, scope))).toBeLessThan(tolerance);
        const left = contracted.filter(({ tensor }) => tensor === 'delta');
        expect(left.every(({ indices: [i, j] }) => i === j && isDummy(i!))).toBe(true);
      }),
    );
  });

  it('is the product of its connected parts, each summed on its own', () => {
    fc.assert(
      fc.property(product, (p) => {
        const evaluate = contractionEvaluator(scope);
        const parts = contractionTable().split(p);
        const value = parts.reduce((product, { factors }) => product * evaluate(factors), 1);
        expect(Math.abs(value - evaluateByLoops(p, scope))).toBeLessThan(tolerance);
        for (const { factors } of parts) expect(contractionTable().split(factors)).toHaveLength(1);
      }),
    );
  });

  it('counts a factor as often as it stands there, also where it is one object', () => {
    const [a, b] = parseFactors('W2.0.-1[-1 0] s1.1.0[0]') as [Factor, Factor];
    const [contraction] = contractionTable().split([a, a, b, b, b]);
    expect(contraction!.factors).toHaveLength(5);
  });

  it('agrees with plain loops when it reuses intermediate results', () => {
    const evaluate = contractionEvaluator(scope);
    fc.assert(
      fc.property(product, (p) => {
        expect(Math.abs(evaluate(p) - evaluateByLoops(p, scope))).toBeLessThan(tolerance);
      }),
      { numRuns: 500 },
    );
  });
});

describe('like terms', () => {
  it('are merged by structure, and cancel', () => {
    const table = contractionTable();
    const a = table.split(parseFactors('W2.0.-1[-1 4] s1.1.0[4] s1.0.1[4] s1.0.2[7]'));
    const b = table.split(parseFactors('s1.0.2[0] s1.0.1[9] s1.1.0[9] W2.0.-1[-1 9]'));
    const c = table.split(parseFactors('s1.0.1[0] s1.0.2[9] s1.1.0[9] W2.0.-1[-1 9]'));
    expect(dummiesOf(a[0]!.factors)).toEqual([0]);
    const merged = mergeLikeTerms([
      termOf(1, [2], a),
      termOf(2, [2], b.toReversed()),
      termOf(1, [3], b),
      termOf(1, [2], c),
    ]);
    expect(merged.map(({ coefficient }) => coefficient)).toEqual([3, 1, 1]);
    expect(mergeLikeTerms([termOf(1, [2], a), termOf(-1, [2], b)])).toEqual([]);
  });
});
