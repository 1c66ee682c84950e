import { expect, it } from 'vitest';
import { LaneBuilder } from '../../../ir/loop/index.ts';
import { isUniform, segmentsOf } from './segments.ts';

/** `layers` times a long chain on two values, the second of which waits. */
function layered(layers: number) {
  const b = new LaneBuilder();
  let [x, y] = [b.input('pair', 'x'), b.input('pair', 'y')];
  for (let layer = 0; layer < layers; layer++) {
    let power = x;
    for (let i = 0; i < 8; i++) power = b.of('madd', power, x, b.constant(i));
    // Many values at once: no place to cut.
    const parts = [1, 2, 3, 4, 5].map((i) => b.of('mul', power, b.constant(i)));
    const sum = parts.reduce((a, c) => b.of('add', a, c));
    [x, y] = [b.of('sqrt', sum), b.of('add', y, sum)];
  }
  return b.finish([x, y]);
}

it('segments follow one another, and begin where few values are live', () => {
  const program = layered(6);
  const segments = segmentsOf(program);
  expect(segments[0]?.from).toBe(0);
  expect(segments.at(-1)?.to).toBe(program.lanes.length);
  segments.slice(1).forEach(({ from, live }, i) => {
    expect(from).toBe(segments[i]?.to);
    // x, y and what has been made of x; never between the parts of the sum.
    expect(live).toBeLessThanOrEqual(3);
  });
  for (const { from, to } of segments.slice(0, -1)) {
    const operations = program.lanes.slice(from, to).filter((lane) => !isUniform(lane)).length;
    expect(operations).toBeGreaterThanOrEqual(15);
    expect(operations).toBeLessThanOrEqual(27);
  }
});

it('a short program is one segment', () => {
  expect(segmentsOf(layered(1))).toHaveLength(1);
});
