import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction } from './module.ts';
import { type OpName, opcodes } from './opcodes.ts';
import { pairs, run, special, vector } from './run.fixture.ts';

const roundEven = (v: number) => {
  const r = Math.round(v);
  const even = Math.abs(v % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
  return even === 0 && (v < 0 || Object.is(v, -0)) ? -0 : even;
};

const unary: Readonly<Record<string, (a: number) => number>> = {
  abs: Math.abs,
  neg: (a) => -a,
  sqrt: Math.sqrt,
  nearest: (a) => (Number.isFinite(a) && Math.abs(a) < 2 ** 52 ? roundEven(a) : a),
};
const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
};
const compared: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

describe.each([['f64x2', Float64Array, BigInt64Array] as const, ['f32x4', Float32Array, Int32Array] as const])(
  '%s',
  (shape, Floats, Integers) => {
    const lanes = 16 / Floats.BYTES_PER_ELEMENT;
    const all = (v: number) => new Floats(lanes).fill(v);
    const check = (op: OpName, values: readonly number[], want: number) => {
      const got = new Floats(
        vector(
          op,
          values.map((v) => all(v).buffer as ArrayBuffer),
        ),
      );
      expect([...got], `${op}(${values})`).toEqual([...all(want)]);
    };

    it.each(Object.keys(unary))('%s', (name) => {
      for (const a of special) check(`${shape}.${name}` as OpName, [a], unary[name]!(all(a)[0]!));
    });

    it.each(Object.keys(binary))('%s', (name) => {
      for (const [a, b] of pairs) check(`${shape}.${name}` as OpName, [a, b], binary[name]!(all(a)[0]!, all(b)[0]!));
    });

    it.each(Object.keys(compared))('%s', (name) => {
      for (const [a, b] of pairs) {
        const op = `${shape}.${name}` as OpName;
        const got = new Integers(vector(op, [all(a).buffer as ArrayBuffer, all(b).buffer as ArrayBuffer]));
        const want = compared[name]!(all(a)[0]!, all(b)[0]!) ? -1 : 0;
        expect([...got].map(Number), `${op}(${a}, ${b})`).toEqual(Array(lanes).fill(want));
      }
    });

    it('relaxed multiply-adds round once or twice', () => {
      const [a, b, c] = [1 + 2 ** -23, 1 - 2 ** -23, -1];
      const got = (op: string) =>
        new Floats(
          vector(
            `${shape}.${op}` as OpName,
            [a, b, c].map((v) => all(v).buffer as ArrayBuffer),
          ),
        )[0]!;
      expect([0, -(2 ** -46)]).toContain(got('relaxed_madd'));
      expect([-2, -2 + 2 ** -46]).toContain(got('relaxed_nmadd'));
      expect(
        new Floats(
          vector(
            `${shape}.relaxed_madd` as OpName,
            [2, 3, 5].map((v) => all(v).buffer as ArrayBuffer),
          ),
        )[0],
      ).toBe(11);
      expect(
        new Floats(
          vector(
            `${shape}.relaxed_nmadd` as OpName,
            [2, 3, 5].map((v) => all(v).buffer as ArrayBuffer),
          ),
        )[0],
      ).toBe(-1);
    });
  },
);

describe('whole numbers and bits', () => {
  const long = (v: bigint) => BigInt64Array.of(v, ~v).buffer;
  const bit: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
    'v128.and': (a, b) => a & b,
    'v128.andnot': (a, b) => a & ~b,
    'v128.or': (a, b) => a | b,
    'v128.xor': (a, b) => a ^ b,
    'i64x2.add': (a, b) => BigInt.asIntN(64, a + b),
    'i64x2.sub': (a, b) => BigInt.asIntN(64, a - b),
  };
  const any64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

  it.each(Object.keys(bit))('%s', (op) => {
    fc.assert(
      fc.property(any64, any64, (a, b) => {
        expect([...new BigInt64Array(vector(op as OpName, [long(a), long(b)]))]).toEqual([
          bit[op]!(a, b),
          bit[op]!(~a, ~b),
        ]);
      }),
      { numRuns: 20 },
    );
  });

  it('not, bitselect, any_true, shuffle', () => {
    const [a, b, m] = [0x0123456789abcdefn, 0x7777000011112222n, 0x00ff00ff00ff00ffn];
    expect(new BigInt64Array(vector('v128.not', [long(a)]))[0]).toBe(~a);
    expect(new BigInt64Array(vector('v128.bitselect', [long(a), long(b), long(m)]))[0]).toBe((a & m) | (b & ~m));
    const shuffled = vector(
      'i8x16.shuffle',
      [long(a), long(b)],
      [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
    );
    expect([...new BigInt64Array(shuffled)]).toEqual([~a, b]);
    for (const bits of [0n, 5n]) {
      const body: Instruction[] = [['v128.const', 0n, bits], ['v128.any_true']];
      expect(run(body, [], 'i32').f()).toBe(bits === 0n ? 0 : 1);
    }
  });

  it('relaxed lane select, where a mask has all bits of a lane or none', () => {
    const [a, b] = [0x0123456789abcdefn, 0x7777000011112222n];
    const mask = BigInt64Array.of(-1n, 0n).buffer;
    expect([...new BigInt64Array(vector('i64x2.relaxed_laneselect', [long(a), long(b), mask]))]).toEqual([a, ~b]);
  });

  it('the same of 32 bits, and float32 as float64', () => {
    const words = (...v: number[]) => Int32Array.of(...v).buffer;
    const [a, b] = [words(1, -2, 0x7fffffff, 4), words(5, 6, 1, -8)];
    expect([...new Int32Array(vector('i32x4.add', [a, b]))]).toEqual([6, 4, -0x80000000, -4]);
    const mask = words(-1, 0, 0, -1);
    expect([...new Int32Array(vector('i32x4.relaxed_laneselect', [a, b, mask]))]).toEqual([1, 6, 1, 4]);
    const numbers = Float32Array.of(1.5, -0.1, 3, 4).buffer;
    const promoted = new Float64Array(vector('f64x2.promote_low_f32x4', [numbers]));
    expect([...promoted]).toEqual([1.5, Math.fround(-0.1)]);
    const shift = (op: OpName) => {
      const body: Instruction[] = [
        ['i32.const', 0],
        ['i32.const', 0],
        ['v128.load', 16],
        ['i32.const', 3],
        [op],
        ['v128.store', 0],
        ['i32.const', 1],
      ];
      const { f, memory } = run(body, [], 'i32');
      new Int32Array(memory.buffer).set([1, -8, 3, 0x40000001], 4);
      f();
      return [...new Int32Array(memory.buffer).slice(0, 4)];
    };
    expect(shift('i32x4.shl')).toEqual([8, -64, 24, 8]);
    expect(shift('i32x4.shr_u')).toEqual([0, 0x1fffffff, 0, 0x08000000]);
  });

  it('shifts by a number on the stack', () => {
    fc.assert(
      fc.property(any64, fc.integer({ min: 0, max: 63 }), (a, by) => {
        const shift = (op: OpName): bigint | undefined => {
          const body: Instruction[] = [
            ['i32.const', 0],
            ['i32.const', 0],
            ['v128.load', 16],
            ['i32.const', by],
            [op],
            ['v128.store', 0],
            ['i32.const', 1],
          ];
          const { f, memory } = run(body, [], 'i32');
          new BigInt64Array(memory.buffer)[2] = a;
          f();
          return new BigInt64Array(memory.buffer)[0];
        };
        expect(shift('i64x2.shl')).toBe(BigInt.asIntN(64, a << BigInt(by)));
        expect(shift('i64x2.shr_u')).toBe(BigInt.asIntN(64, BigInt.asUintN(64, a) >> BigInt(by)));
      }),
      { numRuns: 20 },
    );
  });
});

it('every instruction is used by some test', async () => {
  const { readFileSync } = await import('node:fs');
  const text =
    readFileSync(import.meta.filename, 'utf8') + readFileSync(import.meta.filename.replace('vector', 'scalar'), 'utf8');
  const names = Object.keys(opcodes).filter((op) => !text.includes(`'${op}'`));
  const tested = new Set([
    ...Object.keys(unary),
    ...Object.keys(binary),
    ...Object.keys(compared),
    'relaxed_madd',
    'relaxed_nmadd',
  ]);
  expect(names.filter((op) => !/^f(64x2|32x4)\./.test(op) || !tested.has(op.split('.')[1]!))).toEqual([]);
});
