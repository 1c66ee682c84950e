import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeModule } from './encode.ts';
import type { Instruction, ValueType, WasmFunction } from './module.ts';
import type { OpName } from './opcodes.ts';
import { moduleOf, pairs, run, special } from './run.fixture.ts';
import { printModule } from './text.ts';

describe('whole numbers', () => {
  const integer: Readonly<Record<string, (a: number, b: number) => number>> = {
    'i32.add': (a, b) => (a + b) | 0,
    'i32.sub': (a, b) => (a - b) | 0,
    'i32.mul': Math.imul,
    'i32.and': (a, b) => a & b,
    'i32.shl': (a, b) => a << (b & 31),
    'i32.shr_s': (a, b) => a >> (b & 31),
    'i32.eq': (a, b) => Number(a === b),
    'i32.lt_s': (a, b) => Number(a < b),
    'i32.lt_u': (a, b) => Number(a >>> 0 < b >>> 0),
    'i32.gt_s': (a, b) => Number(a > b),
    'i32.ge_s': (a, b) => Number(a >= b),
  };
  it.each(Object.keys(integer))('%s', (op) => {
    const { f } = run([['local.get', 0], ['local.get', 1], [op as OpName]], ['i32', 'i32'], 'i32');
    fc.assert(fc.property(fc.integer(), fc.integer(), (a, b) => void expect(f(a, b)).toBe(integer[op]!(a, b))));
  });
});

describe('scalars, memory and control', () => {
  it('constants of every size come back', () => {
    for (const v of [0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, -(2 ** 31)])
      expect(run([['i32.const', v]], [], 'i32').f()).toBe(v);
    for (const v of [0n, -1n, 2n ** 62n, -(2n ** 63n), 0x3ff0000000000000n])
      expect(run([['i64.const', v]], [], 'i64').f()).toBe(v);
    for (const v of special) expect(run([['f64.const', v]], [], 'f64').f()).toBe(v);
    for (const v of special) expect(run([['f32.const', v]], [], 'f32').f()).toBe(Math.fround(v));
  });

  it('float64 arithmetic', () => {
    const of = (op: OpName) => run([['local.get', 0], ['local.get', 1], [op]], ['f64', 'f64'], 'f64').f;
    for (const [a, b] of pairs) {
      expect(of('f64.add')(a, b)).toBe(a + b);
      expect(of('f64.sub')(a, b)).toBe(a - b);
      expect(of('f64.mul')(a, b)).toBe(a * b);
      expect(of('f64.div')(a, b)).toBe(a / b);
      expect(of('f64.max')(a, b)).toBe(Math.max(a, b));
    }
    const truncated = run([['local.get', 0], ['i32.trunc_sat_f64_s']], ['f64'], 'i32').f;
    expect([1.9, -1.9, 1e300, Number.NaN].map((v) => truncated(v))).toEqual([1, -1, 2 ** 31 - 1, 0]);
    expect(run([['local.get', 0], ['f64.sqrt']], ['f64'], 'f64').f(2)).toBe(Math.SQRT2);
    expect(run([['local.get', 0], ['f64.abs']], ['f64'], 'f64').f(-2)).toBe(2);
  });

  it('loads, stores and splats at offsets beyond one byte', () => {
    const copy = (load: OpName, store: OpName, type: ValueType) => {
      const { f, memory } = run(
        [
          ['i32.const', 0],
          ['i32.const', 8],
          [load, 1000],
          [store, 2000],
          ['i32.const', 1],
        ],
        [],
        'i32',
      );
      const bytes = new Uint8Array(memory.buffer);
      for (let i = 0; i < 16; i++) bytes[1008 + i] = i + 1;
      f();
      expect(bytes[2000], type).toBe(1);
      return [...bytes.slice(2000, 2016)];
    };
    expect(copy('i32.load', 'i32.store', 'i32').slice(0, 5)).toEqual([1, 2, 3, 4, 0]);
    expect(copy('f32.load', 'f32.store', 'f32').slice(0, 5)).toEqual([1, 2, 3, 4, 0]);
    expect(copy('f64.load', 'f64.store', 'f64').slice(0, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0]);
    expect(copy('v128.load', 'v128.store', 'v128')[15]).toBe(16);
    expect(copy('v128.load64_splat', 'v128.store', 'v128').slice(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(copy('v128.load32_splat', 'v128.store', 'v128').slice(12)).toEqual([1, 2, 3, 4]);
  });

  it('splat and extract', () => {
    expect(run([['local.get', 0], ['f64x2.splat'], ['f64x2.extract_lane', 1]], ['f64'], 'f64').f(0.1)).toBe(0.1);
    expect(run([['local.get', 0], ['f32x4.splat'], ['f32x4.extract_lane', 3]], ['f32'], 'f32').f(0.5)).toBe(0.5);
  });

  it('a loop, a branch and a call', () => {
    const i = { name: 'i', type: 'i32' } as const;
    const sum = { name: 'sum', type: 'i32' } as const;
    const addOne: WasmFunction = {
      name: 'addOne',
      parameters: [i],
      results: ['i32'],
      locals: [],
      body: [['local.get', 0], ['i32.const', 1], ['i32.add'], ['return']],
    };
    const triangle: WasmFunction = {
      name: 'triangle',
      parameters: [{ name: 'n', type: 'i32' }],
      results: ['i32'],
      locals: [i, sum],
      body: [
        ['block'],
        ['loop'],
        ['local.get', 1],
        ['local.get', 0],
        ['i32.ge_s'],
        ['br_if', 1],
        ['local.get', 1],
        ['call', 0],
        ['local.tee', 1],
        ['local.get', 2],
        ['i32.add'],
        ['local.set', 2],
        ['br', 0],
        ['end'],
        ['end'],
        ['local.get', 2],
        ['i32.eqz'],
        ['if', 'i32'],
        ['i32.const', -1],
        ['else'],
        ['local.get', 2],
        ['i32.const', 7],
        ['drop'],
        ['end'],
      ],
    };
    const module = moduleOf([addOne, triangle]);
    const bytes = encodeModule(module);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { ntkc: { memory } });
    const f = exports.triangle as (n: number) => number;
    expect([0, 1, 2, 10].map(f)).toEqual([-1, 1, 3, 55]);
    expect(printModule(module)).toContain(
      '    loop\n        local.get $i\n        local.get $n\n        i32.ge_s\n        br_if 1\n',
    );
  });

  it('select and unreachable', () => {
    const { f } = run([['f64.const', 1], ['f64.const', 2], ['local.get', 0], ['select']], ['i32'], 'f64');
    expect([f(1), f(0)]).toEqual([1, 2]);
    expect(() => run([['unreachable']], [], 'i32').f()).toThrow(WebAssembly.RuntimeError);
  });

  it('atomics on shared memory', () => {
    const body: Instruction[] = [
      ['i32.const', 0],
      ['i32.const', 40],
      ['i32.atomic.store', 8],
      ['i32.const', 0],
      ['local.get', 0],
      ['i32.atomic.rmw.add', 8],
      ['drop'],
      ['i32.const', 0],
      ['i32.atomic.load', 8],
    ];
    expect(run(body, ['i32'], 'i32', true).f(2)).toBe(42);
  });
});

it('data is in memory from the start, in bytes and in text', () => {
  const body: Instruction[] = [
    ['i32.const', 0],
    ['i32.load', 300],
  ];
  const load: WasmFunction = { name: 'f', parameters: [], results: ['i32'], locals: [], body };
  const module = { ...moduleOf([load]), data: { offset: 300, bytes: Uint8Array.of(1, 255, 0, 0) } };
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const wasm = new WebAssembly.Module(encodeModule(module));
  const { exports } = new WebAssembly.Instance(wasm, { ntkc: { memory } });
  expect((exports.f as () => number)()).toBe(0xff01);
  expect(printModule(module)).toContain('(data (i32.const 300) "\\01\\ff\\00\\00")');
});

describe('text', () => {
  it('prints constants without loss', () => {
    const body: Instruction[] = [
      ['v128.const', 0x3ff8000000000000n, 0xbff0000000000000n],
      ['v128.const', 0x7fffffffffffffffn, 0x7fffffffffffffffn],
      ['f64.const', -0],
    ];
    const text = printModule(moduleOf([{ name: 'f', parameters: [], results: [], locals: [], body }]));
    expect(text).toContain('v128.const f64x2 1.5 -1\n');
    expect(text).toContain('v128.const i64x2 0x7fffffffffffffff 0x7fffffffffffffff\n');
    expect(text).toContain('f64.const -0\n');
  });
});
