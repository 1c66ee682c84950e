import { describe, expect, it } from 'vitest';
import type { TupleOutput, TupleProgram, TupleRange } from '../../ir/expectation/index.ts';
import { orthantRemainder } from '../../ir/gaussian/orthant.ts';
import { add, mul, sub, sym } from '../../ir/scalar/index.ts';
import { tupleSource } from './generate.ts';

const n = 6;
/** Small enough to be correlations of any four. */
const random = (k: number) => Math.sin(12.9898 * (k + 1)) * 0.3;
const q = Float64Array.from({ length: n }, (_, i) => 1 + random(i) ** 2);
const [s, g, c] = [1, 2, 3].map((seed) => Float64Array.from({ length: n * n }, (_, k) => random(seed * 100 + k)));
const at = (m: Float64Array, i: number, j: number) => m[i * n + j]!;

/** K(i, j, k, l) = q_i g_kl + P(i, j, k, l) + h_ij, h_ij = s_ij q_j for i < j: values of one, two, three and four slots. */
function program(guards: readonly string[]): TupleProgram {
  const pairs = [
    [0, 1, 2, 3],
    [2, 3, 0, 1],
    [1, 3, 0, 2],
  ] as const;
  const outputs = pairs.map(([i, j, k, l]): TupleOutput => {
    const expr = add(mul(sym(`r${i}`), sym(`g${k}${l}`)), sym('o0123'), sym(`h${i}${j}`), sym('t012'));
    return { row: [i, j], weight: [k, l], expr };
  });
  const of = (expr: ReturnType<typeof add>) => ({ kind: 'map', expr }) as const;
  return {
    slots: 4,
    guards,
    outputs,
    values: [
      ...[0, 1, 2].map((i) => ({ name: `r${i}`, slots: [i], of: of(mul(2, sym(`q${i}`))) })),
      ...pairs.map(([i, j]) => ({ name: `h${i}${j}`, slots: [i, j], of: of(mul(sym(`s${i}${j}`), sym(`q${j}`))) })),
      { name: 'F01', slots: [0, 1], of: of(add(sym('s01'), 0.05)) },
      { name: 't012', slots: [0, 1, 2], of: of(sub(sym('h01'), mul(sym('s12'), sym('q2')))) },
      { name: 'F023', slots: [0, 2, 3], of: of(add(sym('s02'), sym('s03'), sym('s23'), 0.1)) },
      {
        name: 'o0123',
        slots: [0, 1, 2, 3],
        of: { kind: 'remainder', correlations: ['01', '02', '03', '12', '13', '23'].map((ij) => sym(`s${ij}`)) },
      },
    ],
  };
}

/** The same by hand, for inputs in slots. */
function byHand(range: TupleRange, guarded: boolean) {
  const matrix = new Float64Array(n * n);
  let tuples = 0;
  const indices = Array.from({ length: n }, (_, i) => i);
  const all = indices.flatMap((a) => indices.flatMap((b) => indices.flatMap((k) => indices.map((d) => [a, b, k, d]))));
  for (const set of all as [number, number, number, number][]) {
    const [a, b, k, d] = set;
    if (range.kind === 'distinct' && !(a < b && b < k && k < d)) continue;
    if (range.kind === 'repeated' && !(a <= b && b <= k && k <= d)) continue;
    if (range.kind === 'pairs' && !(range.pairs.some(([i, j]) => i === a && j === b) && k < d)) continue;
    if (guarded && !(at(s!, a, b) + 0.05 > 0 && at(s!, a, k) + at(s!, a, d) + at(s!, k, d) + 0.1 > 0)) continue;
    const counts = new Map<number, number>();
    for (const i of set) counts.set(i, (counts.get(i) ?? 0) + 1);
    const orders = [...counts.values()].reduce((product, m) => product * [1, 1, 2, 6, 24][m]!, 1);
    const once = range.kind === 'repeated' ? 1 / orders : range.kind === 'pairs' && a === b ? 0.5 : 1;
    const o = orthantRemainder(at(s!, a, b), at(s!, a, k), at(s!, a, d), at(s!, b, k), at(s!, b, d), at(s!, k, d));
    const t = at(s!, a, b) * q[b]! - at(s!, b, k) * q[k]!;
    for (const [i, j, x, y] of [
      [a, b, k, d],
      [k, d, a, b],
      [b, d, a, k],
    ] as const) {
      const kernel = 2 * q[i]! * at(g!, x, y) + o + at(s!, i, j) * q[j]! + t;
      matrix[i * n + j]! += once * at(c!, x, y) * kernel;
      tuples += (range.kind === 'pairs' && a === b ? 1 : 2) * (Number(at(c!, x, y) !== 0) + Number(at(c!, y, x) !== 0));
    }
  }
  return { matrix, tuples };
}

describe('tupleSource', () => {
  const ranges: readonly TupleRange[] = [
    { kind: 'distinct' },
    { kind: 'repeated' },
    {
      kind: 'pairs',
      pairs: [
        [0, 0],
        [1, 4],
        [3, 3],
      ],
    },
  ];
  c![7] = 0;
  c![21] = 0;
  const counts = c!.map((v, k) => Number(v !== 0) + Number(at(c!, k % n, Math.floor(k / n)) !== 0));
  for (const range of ranges)
    for (const guards of [[], ['F01', 'F023']])
      it(`loops over ${range.kind} inputs${guards.length > 0 ? ' where guards are positive' : ''}`, () => {
        const text = tupleSource(program(guards), range.kind);
        const run = new Function('n', 'q', 's', 'g', 'C', 'N', 'orthantRemainder', text)(
          n,
          q,
          s,
          g,
          c,
          counts,
          orthantRemainder,
        );
        const heads =
          range.kind === 'pairs'
            ? range.pairs.flat()
            : Array.from({ length: n }, (_, a) =>
                Array.from({ length: n }, (_, b) => [a, b]).filter(
                  ([i, j]) => i! < j! || (range.kind === 'repeated' && i === j),
                ),
              ).flat(2);
        const matrix = new Float64Array(n * n);
        const tuples = run(Int32Array.from(heads), 0, heads.length / 2, matrix);
        const expected = byHand(range, guards.length > 0);
        expect(expected.matrix.some((v) => v !== 0)).toBe(true);
        // Sums in another order.
        matrix.forEach((v, k) => {
          expect(Math.abs(v - expected.matrix[k]!)).toBeLessThan(1e-13);
        });
        if (range.kind !== 'repeated') expect(tuples).toBe(expected.tuples);
      });

  it('tabulates a function of two inputs once, whatever its slots', () => {
    const text = tupleSource(program([]), 'distinct');
    expect(text.match(/const Th01 = new/g)).toHaveLength(1);
    expect(text).not.toContain('const Th23 = new');
    expect(text).toContain('const h23 = Th01[c * n + d];');
  });
});
