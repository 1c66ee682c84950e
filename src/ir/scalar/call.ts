import { callNode, type Expr, num } from './expr.ts';
import { scalarFunction } from './functions/index.ts';

/** fn(args): a number where all arguments are numbers, an exact simplification where the function has one. */
export function call(fn: string, ...args: readonly Expr[]): Expr {
  const f = scalarFunction(fn);
  if (args.length !== f.arity) throw new Error(`ntkc bug: ${fn} takes ${f.arity} arguments, got ${args.length}`);
  if (args.every((a) => a.kind === 'num')) return num(f.value(...args.map((a) => a.value)));
  return f.fold?.(args) ?? callNode(fn, ...args);
}
