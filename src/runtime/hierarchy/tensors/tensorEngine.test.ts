import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostPages, tensorModule } from '../../../codegen/linear/index.ts';
import { encodeModule } from '../../../codegen/targets/wasm/assembler/index.ts';
import { normals } from '../../empirical/index.ts';
import type { Side } from './contract.ts';
import { controlLength } from './team.ts';
import type { Labelled, Tensor } from './tensor.ts';
import { TensorEngine } from './tensorEngine.ts';

/** On a memory full of NaN: a number that is read before it is written shows. */
function engineOf(relaxed = true): TensorEngine {
  const bytes = encodeModule(tensorModule(relaxed, false));
  const memory = new WebAssembly.Memory({ initial: 200, maximum: mostPages });
  new Float64Array(memory.buffer).fill(Number.NaN);
  const team = { control: new Int32Array(controlLength), thread: 0, threads: 1 };
  const room = { memory, bytes: memory.buffer.byteLength, base: 100 };
  return new TensorEngine(new WebAssembly.Module(bytes), room, team);
}

type Sizes = Readonly<Record<string, number>>;
const shapeOf = (letters: string, sizes: Sizes) => [...letters].map((letter) => sizes[letter]!);

/** Σ over all letters but those of the result of the product of the parts, by counting through all positions. */
function byHand(engine: TensorEngine, letters: string, parts: readonly Labelled[], sizes: Sizes): Float64Array {
  const all = [...new Set([...letters, ...parts.flatMap(([own]) => [...own])])];
  const out = new Float64Array(shapeOf(letters, sizes).reduce((a, b) => a * b, 1));
  const values = parts.map(([, t]) => engine.values(t));
  const total = shapeOf(all.join(''), sizes).reduce((a, b) => a * b, 1);
  for (let k = 0; k < total; k++) {
    const at = new Map<string, number>();
    all.reduceRight((rest, letter) => {
      at.set(letter, rest % sizes[letter]!);
      return Math.floor(rest / sizes[letter]!);
    }, k);
    const flat = (own: string) => [...own].reduce((sum, letter) => sum * sizes[letter]! + at.get(letter)!, 0);
    out[flat(letters)]! += parts.reduce((product, [own], p) => product * values[p]![flat(own)]!, 1);
  }
  return out;
}

/** Sums of at most some thousand products of standard normal numbers, rounded in another order: 1e-16 each, with room. */
const tolerance = 1e-12;

function expectClose(got: Float64Array, expected: Float64Array): void {
  expect(got.length).toBe(expected.length);
  got.forEach((value, k) => {
    if (!(Math.abs(value - expected[k]!) <= tolerance * (1 + Math.abs(expected[k]!))))
      expect([k, value]).toEqual(expected[k]);
  });
}

const labelled = (engine: TensorEngine, letters: string, sizes: Sizes, seed: number): Labelled => {
  const shape = shapeOf(letters, sizes);
  return [
    letters,
    engine.put(
      normals(
        shape.reduce((a, b) => a * b, 1),
        1,
        seed,
      ),
      shape,
    ),
  ];
};

describe.each([true, false])('contractions, relaxed %s', (relaxed) => {
  const engine = engineOf(relaxed);

  it.each([
    ['ij', ['ik'], ['jk'], { i: 5, j: 7, k: 3 }],
    ['ij', ['ki'], ['kj'], { i: 205, j: 17, k: 200 }],
    ['ij', ['ik'], ['jk'], { i: 13, j: 200, k: 193 }],
    ['aij', ['abi'], ['bj'], { a: 5, b: 9, i: 13, j: 21 }],
    ['aib', ['cai'], ['bca'], { a: 4, b: 15, c: 11, i: 17 }],
    ['aij', ['ab', 'bi'], ['bj'], { a: 5, b: 9, i: 13, j: 21 }],
    ['ij', ['ai', 'a'], ['aj', 'aj'], { a: 30, i: 40, j: 50 }],
    ['i', ['ai'], ['ia'], { a: 5, i: 2000 }],
    ['ai', ['bai'], ['bai'], { b: 7, a: 30, i: 50 }],
    ['i', ['ij'], ['j'], { i: 50, j: 3000 }],
    ['', ['i'], ['i'], { i: 500 }],
    ['j', ['i'], ['ij'], { i: 50, j: 70 }],
    ['ia', ['jik'], ['ajk'], { i: 20, j: 10, k: 10, a: 100 }],
    ['abc', ['dab'], ['dac'], { a: 3, b: 1, c: 8, d: 4 }],
  ] as const)('[%s] = Σ %s · %s, sizes %o', (letters, left, right, sizes) => {
    const before = engine.mark();
    const [a, b] = [left, right].map((side, s) => side.map((own, k) => labelled(engine, own, sizes, 10 * s + k)));
    const got = engine.contract(letters, a as unknown as Side, b as unknown as Side);
    expectClose(engine.values(got), byHand(engine, letters, [...a!, ...b!], sizes));
    engine.release(before);
  });

  it('of any sizes and layouts', () => {
    const size = fc.integer({ min: 1, max: 8 });
    const sizes = fc.record({ q: size, r: size, s: size, c: size, k: size, l: size });
    const shuffled = (letters: string) =>
      fc.shuffledSubarray([...letters], { minLength: letters.length }).map((list) => list.join(''));
    const property = fc.property(sizes, shuffled('qrskl'), shuffled('qckl'), fc.boolean(), (all, left, right, two) => {
      const before = engine.mark();
      const a = [labelled(engine, left, all, 1), ...(two ? [labelled(engine, 'kq', all, 2)] : [])];
      const b = [labelled(engine, right, all, 3)];
      const got = engine.contract('qrsc', a as unknown as Side, b as unknown as Side);
      expectClose(engine.values(got), byHand(engine, 'qrsc', [...a, ...b], all));
      engine.release(before);
    });
    fc.assert(property, { numRuns: 40 });
  });
});

describe('entry by entry', () => {
  const engine = engineOf();
  const sizes = { a: 7, i: 130, j: 50 };

  it.each([
    ['aij', 'aij', 'aj'],
    ['aij', 'jia', 'i'],
    ['ij', 'i', 'j'],
    ['i', 'i', 'i'],
    ['aij', 'aij', ''],
  ] as const)('[%s] = %s · %s', (letters, left, right) => {
    const parts = [labelled(engine, left, sizes, 1), labelled(engine, right, sizes, 2)] as const;
    expectClose(engine.values(engine.product(letters, ...parts)), byHand(engine, letters, parts, sizes));
  });

  it('weighted sums of any number of parts', () => {
    const [x, y] = [labelled(engine, 'aij', sizes, 1), labelled(engine, 'ja', sizes, 2)];
    const ones = ['aij', engine.put(new Float64Array(7 * 130 * 50).fill(1), [7, 130, 50])] as const;
    const [wide, flat] = [x, y].map((part) => byHand(engine, 'aij', [part, ones], sizes));
    const got = engine.sum([7, 130, 50], 'aij', [2, ...x], [-0.5, ...y], [1, ...x]);
    expectClose(
      engine.values(got),
      wide!.map((value, k) => 3 * value - 0.5 * flat![k]!),
    );
    expect(engine.values(engine.sum([3, 2], 'ai'))).toEqual(new Float64Array(6));
  });
});

describe('views', () => {
  const engine = engineOf();
  const whole = engine.put(normals(60, 1, 1), [3, 4, 5]);
  const values = engine.values(whole);

  it('rows, columns and blocks are where they were, and are written where they belong', () => {
    expect(engine.values(engine.row(whole, 2))).toEqual(values.slice(40));
    expect(engine.values(engine.column(whole, 3))).toEqual(values.filter((_, k) => k % 5 === 3));
    const block = engine.block(whole, 1, 1, 2);
    const inBlock = (k: number) => Math.floor(k / 5) % 4 === 1 || Math.floor(k / 5) % 4 === 2;
    expect(engine.values(block)).toEqual(values.filter((_, k) => inBlock(k)));
    const copy = engine.sum([3, 4, 5], 'aij');
    engine.copy(engine.block(copy, 1, 1, 2), engine.put(engine.values(block), [3, 2, 5]));
    engine.add(copy, whole);
    expect(engine.values(copy)).toEqual(values.map((value, k) => (inBlock(k) ? 2 * value : value)));
  });

  it('maps and appends a column', () => {
    const row: Tensor = engine.put([1, 4, 9, 16], [2, 2]);
    expect([...engine.values(engine.mapped(row, Math.sqrt))]).toEqual([1, 2, 3, 4]);
    expect([...engine.values(engine.withColumn(row, 7))]).toEqual([1, 4, 7, 9, 16, 7]);
  });

  it('memory grows under tensors that are there', () => {
    const large = engine.sum([3000, 1000], 'ai');
    expect(engine.values(large).every((value) => value === 0)).toBe(true);
    expect(engine.values(whole)).toEqual(values);
    const { at } = large;
    engine.free(large);
    expect(engine.tensor([100]).at).toBe(at);
  });

  it('more than the memory can be is refused', () => {
    const memory = new WebAssembly.Memory({ initial: 30, maximum: 40 });
    const module = new WebAssembly.Module(encodeModule(tensorModule(false, false)));
    const team = { control: new Int32Array(controlLength), thread: 0, threads: 1 };
    const small = new TensorEngine(module, { memory, bytes: memory.buffer.byteLength, base: 0 }, team);
    expect(() => small.tensor([1000, 1000])).toThrow(
      /need 9 MB of WebAssembly memory\. Expected at most 4295 MB.* Lower the memory limit/,
    );
  });
});
