/** Named locals and the few phrases that the functions here are written in. */
import type { Instruction, ValueType, Variable } from '../targets/wasm/assembler/index.ts';

export class Frame<Name extends string> {
  readonly #variables: readonly Variable[];

  constructor(variables: readonly { readonly name: Name; readonly type: ValueType }[]) {
    this.#variables = variables;
  }
  #index(name: Name): number {
    return this.#variables.findIndex((v) => v.name === name);
  }
  get(name: Name): Instruction {
    return ['local.get', this.#index(name)];
  }
  set(name: Name): Instruction {
    return ['local.set', this.#index(name)];
  }
  /** Leaves name + bytes on the stack. */
  plus(name: Name, bytes: number): readonly Instruction[] {
    return [this.get(name), ['i32.const', bytes], ['i32.add']];
  }
  /** Leaves base + index · bytes on the stack. */
  indexed(base: Name, index: Name, bytes: number): readonly Instruction[] {
    return [this.get(base), this.get(index), ['i32.const', bytes], ['i32.mul'], ['i32.add']];
  }
  /** The body, then name += step, again and again while name < end; at least once. */
  repeat(name: Name, step: number, end: Name, body: readonly Instruction[]): readonly Instruction[] {
    return [
      ['loop'],
      ...body,
      ...this.plus(name, step),
      ['local.tee', this.#index(name)],
      this.get(end),
      ['i32.lt_u'],
      ['br_if', 0],
      ['end'],
    ];
  }
}

export const integers = <Name extends string>(names: readonly Name[]) =>
  names.map((name) => ({ name, type: 'i32' as const }));
export const vectors = <Name extends string>(names: readonly Name[]) =>
  names.map((name) => ({ name, type: 'v128' as const }));

/** Whole numbers from 0 below a count, each spelled out. */
export const each = <T>(count: number, f: (index: number) => readonly T[]): readonly T[] =>
  Array.from({ length: count }, (_, i) => f(i)).flat();

/** Leaves sum − a·b on the stack, in one rounding where the machine has relaxed SIMD. */
export function subtractProduct(
  [sum, a, b]: readonly [sum: readonly Instruction[], a: readonly Instruction[], b: readonly Instruction[]],
  relaxed: boolean,
): readonly Instruction[] {
  return relaxed ? [...a, ...b, ...sum, ['f64x2.relaxed_nmadd']] : [...sum, ...a, ...b, ['f64x2.mul'], ['f64x2.sub']];
}
