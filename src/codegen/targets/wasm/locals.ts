import type { ValueType, Variable } from './assembler/index.ts';

/** The locals of a function under construction: parameters first, then what is taken; freed ones are taken again. */
export class Locals {
  readonly parameters: readonly Variable[];
  readonly #declared: Variable[] = [];
  readonly #free: number[] = [];

  constructor(parameters: readonly Variable[]) {
    this.parameters = parameters;
  }
  /** The parameter of that name. */
  parameter(name: string): number {
    return this.parameters.findIndex((p) => p.name === name);
  }
  /** The local of that name, for loops that follow one another. */
  named(name: string, type: ValueType): number {
    const known = this.#declared.findIndex((v) => v.name === name);
    if (known >= 0) return this.parameters.length + known;
    this.#declared.push({ name, type });
    return this.parameters.length + this.#declared.length - 1;
  }
  /** A v128 local that nobody holds. */
  readonly take = (): number => this.#free.pop() ?? this.named(`v${this.#declared.length}`, 'v128');
  readonly free = (local: number): void => void this.#free.push(local);

  get declared(): readonly Variable[] {
    return this.#declared;
  }
}
