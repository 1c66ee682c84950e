/** What a WebAssembly module of ours is made of, before it is bytes or text. */
import type { OpName } from './opcodes.ts';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/**
 * One instruction and its immediates, structured control as in the text format: 'loop' ... 'end'.
 * - index (local, function, label), lane: one whole number
 * - memory: a byte offset
 * - block: nothing, or the type of its result
 * - i32.const, f64.const: one number; i64.const: one bigint; v128.const: the bits of its two halves
 * - i8x16.shuffle: sixteen byte indices
 *
 * ';;' is a comment of one line, in the text only.
 */
export type Instruction =
  | readonly [op: OpName, ...immediates: readonly (number | bigint | ValueType)[]]
  | readonly [op: ';;', comment: string];

/** Lists of instructions one after another; long ones are several times slower to spread than to join. */
export const joined = (...parts: readonly (readonly Instruction[])[]): readonly Instruction[] =>
  ([] as readonly Instruction[]).concat(...parts);

export interface Variable {
  readonly name: string;
  readonly type: ValueType;
}

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly Variable[];
  readonly results: readonly ValueType[];
  readonly locals: readonly Variable[];
  readonly body: readonly Instruction[];
}

/** A module with one imported memory ("ntkc" "memory"); every function is exported under its name. */
export interface WasmModule {
  /** Comment at the head of the text. */
  readonly head: readonly string[];
  readonly memory: { readonly minimumPages: number; readonly maximumPages: number; readonly shared: boolean };
  readonly functions: readonly WasmFunction[];
  /** Bytes put into memory when the module is instantiated. */
  readonly data?: { readonly offset: number; readonly bytes: Uint8Array };
}

/** Module and field name of the imported memory. */
export const memoryImport = ['ntkc', 'memory'] as const;
