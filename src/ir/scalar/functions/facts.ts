import type { Expr } from '../expr.ts';

/**
 * All that is true of one scalar function. A new function is one entry in one file of this folder, listed in index.ts.
 * Spellings are templates over argument strings; a target whose runtime lacks the function gets `jsHelper`.
 */
export interface ScalarFunction {
  readonly name: string;
  readonly arity: number;
  readonly value: (...args: number[]) => number;
  /** ∂f/∂args[i] for each i (almost everywhere). */
  readonly derivative: (args: readonly Expr[]) => readonly Expr[];
  readonly js: (args: readonly string[]) => string;
  /** Source of a standalone helper that `js` calls. */
  readonly jsHelper?: string;
  readonly tfjs: (args: readonly string[]) => string;
  readonly tex: (args: readonly string[]) => string;
  /** Expressions whose zeros are points where the function is not smooth. */
  readonly kinks?: (args: readonly Expr[]) => readonly Expr[];
  /** Exact rewriting of a callNode, e.g. max(x, x) → x. */
  readonly fold?: (args: readonly Expr[]) => Expr | undefined;
  /** Where the function is defined, for error messages, e.g. "x > 0". Absent: everywhere. */
  readonly domain?: string;
}

export const jsMath =
  (name: string) =>
  (args: readonly string[]): string =>
    `Math.${name}(${args.join(', ')})`;
export const tfOp =
  (name: string) =>
  (args: readonly string[]): string =>
    `tf.${name}(${args.join(', ')})`;
export const texOp =
  (command: string) =>
  (args: readonly string[]): string =>
    `${command}\\left(${args.join(', ')}\\right)`;
