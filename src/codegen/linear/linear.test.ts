import { describe, expect, it } from 'vitest';
import { encodeModule } from '../targets/wasm/assembler/index.ts';
import { linearModule, panelBytes, panelRows, tileBytes } from './index.ts';

type Kernel = (...addresses: readonly number[]) => void;

/** Entry (r, c) of the tile at an address, in float64: the format written out once more, for want of trust. */
const at = (tile: number, r: number, c: number) => (tile + Math.floor(r / 12) * 12 * 192 * 8) / 8 + c * 12 + (r % 12);

function load(relaxed: boolean) {
  const bytes = encodeModule(linearModule(relaxed, false));
  expect(WebAssembly.validate(bytes)).toBe(true);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * tileBytes) / 65536), maximum: 65536 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { ntkc: { memory } });
  const view = new Float64Array(memory.buffer);
  for (let i = 0; i < view.length; i++) view[i] = Math.sin(i * i);
  return { view, multiply: exports.multiply as Kernel, substitute: exports.substitute as Kernel };
}

describe.each([true, false])('the linear algebra module, relaxed %s', (relaxed) => {
  const [c, a, b] = [0, tileBytes, 2 * tileBytes];

  it.each([
    [12, 1, 1],
    [36, 2, 3],
    [192, 3, 2],
    [192, 16, 16],
  ])(
    'subtracts products of depth %i for %i panels of rows and %i of columns, and touches nothing else',
    (depth, rowPanels, columnPanels) => {
      const { view, multiply } = load(relaxed);
      const before = view.slice();
      multiply(c, a, b, depth, rowPanels, columnPanels);
      let worst = 0;
      for (let i = 0; i < rowPanels * 12; i += 1)
        for (let j = 0; j < columnPanels * 12; j += 1) {
          let sum = before[at(c, i, j)]!;
          for (let k = 0; k < depth; k++) sum -= before[at(a, i, k)]! * before[at(b, j, k)]!;
          worst = Math.max(worst, Math.abs(view[at(c, i, j)]! - sum));
          view[at(c, i, j)] = before[at(c, i, j)]!;
        }
      // One rounding a step instead of two, of sums up to sqrt(192): below 192 · 14 · 2.2e-16 = 6e-13.
      expect(worst).toBeLessThan(6e-13);
      if (!relaxed) expect(worst).toBe(0);
      expect(view).toEqual(before);
    },
  );

  it('solves X Lᵀ = C for some panels in place, and leaves the rest', () => {
    const { view, substitute } = load(relaxed);
    const [l, inverses] = [a, b];
    for (let j = 0; j < panelRows; j++) {
      view[at(l, j, j)] = 2 + j;
      view[inverses / 8 + j] = 1 / (2 + j);
    }
    const before = view.slice();
    substitute(c, l, inverses, 3);
    for (let i = 0; i < 36; i++)
      for (let j = 0; j < panelRows; j++) {
        let sum = 0;
        for (let k = 0; k <= j; k++) sum += view[at(c, i, k)]! * before[at(l, j, k)]!;
        // 12 roundings of sums of at most 12 terms of size 1.
        expect(Math.abs(sum - before[at(c, i, j)]!)).toBeLessThan(2e-14);
      }
    for (let i = 0; i < 36; i++) for (let j = 0; j < panelRows; j++) view[at(c, i, j)] = before[at(c, i, j)]!;
    expect(view).toEqual(before);
    expect(panelBytes).toBe(12 * 192 * 8);
  });
});
