import { describe, expect, it } from 'vitest';
import { evaluateLanes, LaneBuilder, printLanes } from './index.ts';

const none = { row: () => Number.NaN, column: () => Number.NaN, pair: () => Number.NaN };

describe('a lane program', () => {
  it('holds each value once, and nothing that no result needs', () => {
    const b = new LaneBuilder();
    const x = b.input('row', 'q1');
    const sum = b.of('add', x, b.constant(2));
    expect(b.of('add', x, b.constant(2))).toBe(sum);
    expect(b.constant(0)).not.toBe(b.constant(-0));
    b.of('sqrt', sum);
    const program = b.finish([b.of('mul', sum, sum)]);
    expect(printLanes(program)).toBe('%0 = row q1\n%1 = constant 2\n%2 = add %0 %1\n%3 = mul %2 %2\nresults %3\n');
    expect(evaluateLanes(program, { ...none, row: () => 3 })).toEqual([25]);
  });

  it('refuses the wrong number of arguments', () => {
    const b = new LaneBuilder();
    expect(() => b.of('add', b.constant(1))).toThrow('add takes 2 lanes, got 1');
  });

  it('keeps masks as bits, and calls scalar functions', () => {
    const b = new LaneBuilder();
    const [two, three] = [b.constant(2), b.constant(3)];
    const mask = b.of('less', two, three);
    const results = [
      b.of('select', mask, two, three),
      b.of('and', mask, three),
      b.of('andNot', three, mask),
      b.call('max', two, three),
      b.of('nearest', b.constant(2.5)),
      b.of('madd', two, three, two),
      b.of('nmadd', two, three, two),
      b.shift('shiftRight', b.bits(0x7ff0000000000000n), 1),
    ];
    expect(evaluateLanes(b.finish(results), none)).toEqual([2, 3, 0, 3, 2, 8, -4, 1.5]);
  });

  it('sums a series of both coefficients in powers of its argument', () => {
    const b = new LaneBuilder();
    const program = b.finish([b.series('hermite1', b.input('pair', 'rho'))]);
    const series = () => [Float64Array.of(1, 2, 3), Float64Array.of(5, 7)] as const;
    expect(evaluateLanes(program, { ...none, pair: () => 0.5, series })).toEqual([5 + 0.5 * 14]);
    expect(() => evaluateLanes(program, { ...none, pair: () => 0.5 })).toThrow('no coefficients');
  });
});
