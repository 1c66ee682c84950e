import { encodeModule } from './encode.ts';
import type { Instruction, ValueType, WasmFunction, WasmModule } from './module.ts';
import type { OpName } from './opcodes.ts';

/** A module of these functions with one page of memory. */
export const moduleOf = (functions: readonly WasmFunction[], shared = false): WasmModule => ({
  head: ['test'],
  memory: { minimumPages: 1, maximumPages: 1, shared },
  functions,
});

/** One function of this body, instantiated. */
export function run(body: readonly Instruction[], types: readonly ValueType[], result: ValueType, shared = false) {
  const parameters = types.map((type, i) => ({ name: `p${i}`, type }));
  const bytes = encodeModule(moduleOf([{ name: 'f', parameters, results: [result], locals: [], body }], shared));
  if (!WebAssembly.validate(bytes)) throw new Error('not a valid module');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { ntkc: { memory } });
  return { f: exports.f as (...values: (number | bigint)[]) => number, memory };
}

/** Applies a vector instruction to operands in memory, 16 bytes each, and gives its 16 bytes. */
export function vector(op: OpName, operands: readonly ArrayBuffer[], immediates: readonly number[] = []): ArrayBuffer {
  const loads = operands.map((_, i): Instruction[] => [
    ['i32.const', 0],
    ['v128.load', 16 + 16 * i],
  ]);
  const body: Instruction[] = [
    ['i32.const', 0],
    ...loads.flat(),
    [op, ...immediates],
    ['v128.store', 0],
    ['i32.const', 1],
  ];
  const { f, memory } = run(body, [], 'i32');
  operands.forEach((bytes, i) => void new Uint8Array(memory.buffer).set(new Uint8Array(bytes), 16 + 16 * i));
  f();
  return memory.buffer.slice(0, 16) as ArrayBuffer;
}

/** Numbers that arithmetic treats specially. */
export const special = [0, -0, 1, -1.5, 2.5, 3.5, 5e-324, -1e308, Number.POSITIVE_INFINITY, Number.NaN, 1e-310, 0.1];
export const pairs = special.flatMap((a) => special.map((b): readonly [number, number] => [a, b]));
