import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from './heap.ts';

it('blocks that are in use never meet, and gaps are filled again', () => {
  const action = fc.oneof(
    fc.record({ take: fc.integer({ min: 0, max: 500 }) }),
    fc.record({ free: fc.nat(1000) }),
    fc.record({ release: fc.nat(1000) }),
  );
  const property = fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    let reached = 0;
    const heap = new Heap(70, (end) => {
      reached = Math.max(reached, end);
    });
    let used: { at: number; bytes: number; mark: number }[] = [];
    for (const act of actions) {
      if ('take' in act) {
        const mark = heap.mark();
        const at = heap.take(act.take);
        expect(at % 64).toBe(0);
        expect(at).toBeGreaterThanOrEqual(70);
        expect(at + act.take).toBeLessThanOrEqual(reached);
        for (const other of used) expect(at >= other.at + other.bytes || at + act.take <= other.at).toBe(true);
        used.push({ at, bytes: Math.max(1, act.take), mark });
      } else if (used.length > 0) {
        const { at, mark } = used[('free' in act ? act.free : act.release) % used.length]!;
        if ('free' in act) heap.free(at);
        else heap.release(mark);
        used = used.filter((other) => ('free' in act ? other.at !== at : other.mark < mark));
      }
      expect(heap.top).toBe(Math.max(128, ...used.map((block) => 64 * Math.ceil((block.at + block.bytes) / 64))));
    }
  });
  fc.assert(property, { numRuns: 200 });
});
