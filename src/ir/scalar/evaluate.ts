import type { Expr } from './expr.ts';
import { scalarFunction } from './functions/index.ts';

export type Scope = Readonly<Record<string, number>>;

/** base^exponent as every target computes it: a fractional power clamps rounding errors below zero to zero. */
export function power(base: number, exponent: number): number {
  if (exponent === 1) return base; // most factors of a product
  if (Number.isInteger(exponent)) return base ** exponent;
  const b = base < 0 ? 0 : base;
  return exponent === 0.5 ? Math.sqrt(b) : exponent === -0.5 ? 1 / Math.sqrt(b) : b ** exponent;
}

/** Compiles an expression to a function of the named variables, in float64, without generating code. */
export function compileScalar(e: Expr, variables: readonly string[]): (...values: number[]) => number {
  const slots: ((v: readonly number[], memo: Float64Array) => number)[] = [];
  const index = new Map<Expr, number>();
  const visit = (x: Expr): number => {
    const known = index.get(x);
    if (known !== undefined) return known;
    const instruction = compileNode(x, variables, visit);
    slots.push(instruction);
    index.set(x, slots.length - 1);
    return slots.length - 1;
  };
  const root = visit(e);
  const memo = new Float64Array(slots.length);
  return (...values) => {
    for (let i = 0; i <= root; i++) memo[i] = (slots[i] as (typeof slots)[number])(values, memo);
    return memo[root] as number;
  };
}

type ExprOf<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;
type Instruction = (v: readonly number[], memo: Float64Array) => number;

function compileNode(e: Expr, variables: readonly string[], visit: (x: Expr) => number): Instruction {
  switch (e.kind) {
    case 'num': {
      const { value } = e;
      return () => value;
    }
    case 'sym': {
      if (e.name === 'pi') return () => Math.PI;
      const at = variables.indexOf(e.name);
      if (at < 0) throw new Error(`ntkc bug: ${e.name} is not among the variables ${variables.join(', ')}`);
      return (v) => v[at] as number;
    }
    case 'add':
      return sumOf(e, visit);
    case 'mul':
      return productOf(e, visit);
    case 'call': {
      const at = e.args.map(visit);
      const { value } = scalarFunction(e.fn);
      const [first, second] = at as [number, number];
      if (at.length === 1) return (_, memo) => value(memo[first]!);
      if (at.length === 2) return (_, memo) => value(memo[first]!, memo[second]!);
      return (_, memo) => value(...at.map((j) => memo[j]!));
    }
  }
}

// One or two operands, as most have, without a loop.

function sumOf({ terms, constant }: ExprOf<'add'>, visit: (x: Expr) => number): Instruction {
  const at = terms.map((t) => visit(t.term));
  const c = terms.map((t) => t.coefficient);
  const [[i, j], [ci, cj]] = [at, c] as [[number, number], [number, number]];
  if (at.length === 1) return (_, memo) => constant + ci * memo[i]!;
  if (at.length === 2) return (_, memo) => constant + ci * memo[i]! + cj * memo[j]!;
  return (_, memo) => {
    let sum = constant;
    for (let k = 0; k < at.length; k++) sum += c[k]! * memo[at[k]!]!;
    return sum;
  };
}

function productOf({ factors }: ExprOf<'mul'>, visit: (x: Expr) => number): Instruction {
  const at = factors.map((f) => visit(f.base));
  const x = factors.map((f) => f.exponent);
  const [[i, j], [xi, xj]] = [at, x] as [[number, number], [number, number]];
  if (at.length === 1) return (_, memo) => power(memo[i]!, xi);
  if (at.length === 2 && xi === 1 && xj === 1) return (_, memo) => memo[i]! * memo[j]!;
  return (_, memo) => {
    let product = 1;
    for (let k = 0; k < at.length; k++) product *= power(memo[at[k]!]!, x[k]!);
    return product;
  };
}

/** The value of an expression in a scope of named numbers. */
export function evaluate(e: Expr, scope: Scope): number {
  const names = Object.keys(scope);
  return compileScalar(e, names)(...names.map((n) => scope[n] as number));
}
