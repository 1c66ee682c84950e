import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateLanes, LaneBuilder, type LaneProgram, printLanes } from '../../../ir/loop/index.ts';
import { simplified } from './simplify.ts';

const lanesOf = (result: (b: LaneBuilder, x: number, y: number, c: (v: number) => number) => number | number[]) => {
  const b = new LaneBuilder();
  const results = result(b, b.input('pair', 'x'), b.input('pair', 'y'), (v) => b.constant(v));
  return b.finish(Array.isArray(results) ? results : [results]);
};
const at = (program: LaneProgram, x: number, y: number) =>
  evaluateLanes(program, { row: () => 0, column: () => 0, pair: (name) => (name === 'x' ? x : y) });
const operations = ({ lanes }: LaneProgram) =>
  lanes.map(({ op }) => op).filter((op) => op !== 'constant' && op !== 'pair');

describe('constants are drawn together', () => {
  it.each([
    ['c − (d − x)', lanesOf((b, x, _, c) => b.of('sub', c(3), b.of('sub', c(2), x))), ['add']],
    ['(d − x)c + e', lanesOf((b, x, _, c) => b.of('madd', b.of('sub', c(2), x), c(5), c(1))), ['madd']],
    ['(xd)c', lanesOf((b, x, _, c) => b.of('mul', b.of('mul', x, c(2)), c(5))), ['mul']],
    ['(xd)c + y', lanesOf((b, x, y, c) => b.of('madd', b.of('mul', x, c(2)), c(5), y)), ['madd']],
    [
      '(x(yd + e))c + x',
      lanesOf((b, x, y, c) => b.of('madd', b.of('mul', x, b.of('madd', y, c(2), c(7))), c(5), x)),
      ['madd', 'madd'],
    ],
    [
      '((yd + e)x)c + x',
      lanesOf((b, x, y, c) => b.of('madd', b.of('mul', b.of('madd', y, c(2), c(7)), x), c(5), x)),
      ['madd', 'madd'],
    ],
    ['(d/x)c', lanesOf((b, x, _, c) => b.of('mul', b.of('div', c(2), x), c(5))), ['div']],
  ])('%s', (_, program, left) => {
    const short = simplified(program);
    expect(operations(short)).toEqual(left);
    // Small whole numbers: nothing is rounded but the quotient, 2/3 and 10/3.
    expect(at(short, 3, 4)[0]).toBeCloseTo(at(program, 3, 4)[0] as number, 14);
  });

  it('not where another lane reads what would change', () => {
    const shared = lanesOf((b, x, y, c) => {
      const product = b.of('mul', x, c(2));
      return [b.of('madd', product, c(5), y), product];
    });
    expect(printLanes(simplified(shared))).toBe(printLanes(shared));
    const sharedFactor = lanesOf((b, x, y, c) => {
      const factor = b.of('madd', y, c(2), c(7));
      return [b.of('madd', b.of('mul', x, factor), c(5), x), factor];
    });
    expect(printLanes(simplified(sharedFactor))).toBe(printLanes(sharedFactor));
  });

  it('not in what a function is spelled as', () => {
    const program = lanesOf((b, x) => b.call('f', x));
    // 1 − (1 − x) is what rounding leaves of x, as compensated sums use it.
    const spelled = simplified(program, (b, lane) => {
      const one = b.constant(1);
      return lane.op === 'call' ? b.of('sub', one, b.of('sub', one, lane.args[0] as number)) : b.put(lane);
    });
    expect(at(spelled, 1e-20, 0)).toEqual([0]);
  });
});

it('the values stay, up to rounding', () => {
  const constant = fc.integer({ min: -4, max: 4 }).filter((v) => v !== 0);
  const step = fc.tuple(fc.constantFrom('add', 'sub', 'mul', 'madd', 'div'), fc.nat(), fc.nat(), fc.nat(), constant);
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const program = lanesOf((b, x, y) => {
        const made = [x, y];
        for (const [op, i, j, k, c] of steps) {
          made.push(b.constant(c));
          const [p, q, r] = [i, j, k].map((n) => made[n % made.length]) as [number, number, number];
          made.push(op === 'madd' ? b.of(op, p, q, r) : b.of(op as 'add', p, q));
        }
        return made.at(-1) as number;
      });
      // Rounding is 1e-16 of each value; what cancels in twenty steps of small numbers leaves the rest.
      const [want, got] = [at(program, 0.5, 2)[0] as number, at(simplified(program), 0.5, 2)[0] as number];
      if (!Number.isFinite(want) || !Number.isFinite(got)) return;
      expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(want)));
    }),
  );
});
