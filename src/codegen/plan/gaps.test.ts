import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { evaluateLanes } from '../../ir/loop/index.ts';
import { abs, dense, elementwise, erf, network, relu } from '../../ops/vocabulary.ts';
import { planTile, type TilePlan } from './index.ts';

const planOf = (layers: Parameters<typeof network>[0]['layers']) =>
  planTile(derive(network({ input: { shape: [2] }, layers }), 'nngp').program);

/** The careful lanes for inputs of length 1 (features 2, so that q0 is 1/2) at an angle. */
function carefulAt({ careful, row, column }: TilePlan, angle: number, selfs: Readonly<Record<string, number>>): number {
  const half = Math.sin(angle / 2) ** 2;
  const pairs: Readonly<Record<string, number>> = {
    inner: Math.cos(angle),
    gapBelow: 2 * half,
    gapAbove: 2 - 2 * half,
  };
  const value = (name: string) => selfs[name] ?? Number.NaN;
  expect([...row, ...column].filter(({ name }) => !(name in selfs)).map(({ name }) => name)).toEqual([]);
  const [k] = evaluateLanes(careful?.lanes ?? { lanes: [], results: [] }, {
    row: value,
    column: value,
    pair: (name) => pairs[name] as number,
  });
  return k as number;
}

describe('gaps', () => {
  it('are carried through affine layers and relu', () => {
    const plan = planOf([dense({ wStd: 2, bStd: 1 }), relu(), dense({ wStd: 2 }), relu(), dense({ wStd: 1 })]);
    const [q1, q2] = [4 * 0.5 + 1, 2 * (4 * 0.5 + 1)];
    const selfs = { q0: 0.5, q1, qHat1: q1 / 2, q2, 'q1^(-0.5)': q1 ** -0.5, 'q2^(-0.5)': q2 ** -0.5 };
    const all = { ...selfs, '1.4142135623730951*sqrt(q0)': 1 };
    const relu1 = (q: number, angle: number) =>
      (q * (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle))) / (2 * Math.PI);
    for (const angle of [3, 1, 0.1]) {
      const first = Math.acos((4 * 0.5 * Math.cos(angle) + 1) / q1);
      const second = Math.acos((4 * relu1(q1, first)) / q2);
      expect(carefulAt(plan, angle, all)).toBeCloseTo(relu1(q2, second), 12);
    }
    for (const angle of [1e-10, 0]) expect(carefulAt(plan, angle, all)).toBeCloseTo(q2 / 2, 14);
  });

  it('are asked for where the angle of two inputs is, and a rule is known', () => {
    expect(planOf([dense(), relu(), dense()]).careful).toBeDefined();
    expect(planOf([dense(), abs(), dense()]).careful).toBeDefined();
    expect(planOf([dense(), erf(), dense()]).careful).toBeUndefined();
    expect(planOf([dense(), elementwise('tanh(x)'), dense()]).careful).toBeUndefined();
  });

  it('of a second layer need a rule for the first', () => {
    const squares = (plan: TilePlan) => plan.careful?.lanes.lanes.filter(({ op }) => op === 'nmadd').length ?? 0;
    const two = (first: Parameters<typeof network>[0]['layers'][number]) =>
      planOf([dense(), relu(), dense(), first, dense(), relu(), dense()]);
    // Whoever hands a gap on does it by two of these; erf has none to hand.
    for (const layer of [relu(), abs()]) expect(squares(two(layer))).toBeGreaterThanOrEqual(4);
    expect(squares(two(erf()))).toBe(0);
  });
});
