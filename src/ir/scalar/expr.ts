/**
 * Scalar expressions, hash-consed: equal expressions are the same object, so `===` is structural equality.
 *
 * Canonical form (kept by the constructors `add`, `mul`, `pow`, and `call` of call.ts):
 * - a sum is a constant plus coefficient·term, terms neither numbers nor sums, like terms merged, sorted;
 * - a product is a list of base^exponent, bases neither numbers nor products of exponent 1, sorted; its numeric
 *   coefficient lives in the sum around it.
 * The sort is structural, never by age, so that the same input prints the same bytes.
 *
 * Convention: a fractional power means its base is not negative (targets clamp rounding errors below zero to zero).
 */
export interface Num {
  readonly kind: 'num';
  readonly value: number;
}
export interface Sym {
  readonly kind: 'sym';
  readonly name: string;
}
export interface Term {
  readonly coefficient: number;
  readonly term: Expr;
}
export interface Add {
  readonly kind: 'add';
  readonly constant: number;
  readonly terms: readonly Term[];
}
export interface Factor {
  readonly base: Expr;
  readonly exponent: number;
}
export interface Mul {
  readonly kind: 'mul';
  readonly factors: readonly Factor[];
}
export interface Call {
  readonly kind: 'call';
  readonly fn: string;
  readonly args: readonly Expr[];
}
export type Expr = Num | Sym | Add | Mul | Call;

const table = new Map<string, Expr>();
const ids = new WeakMap<Expr, number>();
let nextId = 0;

function intern<E extends Expr>(key: string, make: () => E): E {
  const known = table.get(key);
  if (known !== undefined) return known as E;
  const fresh: E = make();
  Object.freeze(fresh);
  table.set(key, fresh);
  ids.set(fresh, nextId++);
  return fresh;
}
const id = (e: Expr) => ids.get(e) as number;

export function num(value: number): Num {
  const v = value === 0 ? 0 : value; // one zero
  return intern(`#${v}`, () => ({ kind: 'num', value: v }));
}

export function sym(name: string): Sym {
  return intern(`$${name}`, () => ({ kind: 'sym', name }));
}

export const pi = sym('pi');

/** A call as it stands; `call` in call.ts also folds numbers and checks the name. */
export function callNode(fn: string, ...args: readonly Expr[]): Expr {
  return intern(`${fn}(${args.map(id)})`, () => ({ kind: 'call', fn, args: Object.freeze([...args]) }));
}

/** Sum of expressions or numbers. */
export function add(...parts: readonly (Expr | number)[]): Expr {
  let constant = 0;
  const merged = new Map<Expr, number>();
  const put = (e: Expr, c: number) => {
    if (e.kind === 'num') constant += c * e.value;
    else if (e.kind === 'add') {
      constant += c * e.constant;
      for (const t of e.terms) merged.set(t.term, (merged.get(t.term) ?? 0) + c * t.coefficient);
    } else merged.set(e, (merged.get(e) ?? 0) + c);
  };
  for (const p of parts) {
    if (typeof p === 'number') constant += p;
    else put(p, 1);
  }
  const terms: Term[] = [];
  for (const [term, coefficient] of merged) if (coefficient !== 0) terms.push({ coefficient, term });
  if (terms.length > 1) terms.sort((a, b) => compare(a.term, b.term));
  return makeSum(constant, terms);
}

/** A sum of terms that are in order and whose coefficients are not 0. */
export function makeSum(constant: number, terms: readonly Term[]): Expr {
  if (terms.length === 0) return num(constant);
  const only = terms[0] as Term;
  if (terms.length === 1 && constant === 0 && only.coefficient === 1) return only.term;
  let key = `+${constant};`;
  for (const t of terms) key += `${t.coefficient}*${id(t.term)},`;
  return intern(key, () => ({ kind: 'add', constant, terms: Object.freeze(terms.map((t) => Object.freeze(t))) }));
}

const scale = (e: Expr, c: number): Expr => {
  if (c === 1) return e;
  if (c === 0) return num(0);
  if (e.kind === 'num') return num(c * e.value);
  if (e.kind !== 'add') return makeSum(0, [{ coefficient: c, term: e }]);
  const terms = e.terms.map((t) => ({ coefficient: c * t.coefficient, term: t.term }));
  return makeSum(
    c * e.constant,
    terms.filter((t) => t.coefficient !== 0),
  );
};

/** Product of expressions or numbers. Numbers distribute over a lone sum; sums are not multiplied out. */
export function mul(...parts: readonly (Expr | number)[]): Expr {
  const [first, second] = parts;
  if (parts.length === 2 && typeof first === 'number' && typeof second === 'object') return scale(second, first);
  return product(parts);
}

function product(parts: readonly (Expr | number)[]): Expr {
  let coefficient = 1;
  const merged = new Map<Expr, number>();
  const put = (base: Expr, exponent: number) => merged.set(base, (merged.get(base) ?? 0) + exponent);
  for (const part of parts) {
    if (typeof part === 'number') {
      coefficient *= part;
      continue;
    }
    const { factor, rest } = splitCoefficient(part);
    coefficient *= factor;
    if (rest === undefined) continue;
    if (rest.kind === 'mul') for (const f of rest.factors) put(f.base, f.exponent);
    else put(rest, 1);
  }
  if (coefficient === 0) return num(0);
  for (const [base, exponent] of merged) if (exponent === 0) merged.delete(base);
  const [only] = merged;
  return merged.size === 1 && only?.[1] === 1 ? scale(only[0], coefficient) : makeProduct(coefficient, merged);
}

function makeProduct(coefficient: number, powers: Iterable<readonly [Expr, number]>): Expr {
  let c = coefficient;
  const merged = new Map<Expr, number>();
  for (const [base, exponent] of powers) {
    const content = integerContent(base);
    c *= content ** exponent;
    const primitive = scale(base, 1 / content);
    merged.set(primitive, (merged.get(primitive) ?? 0) + exponent);
  }
  const factors: Factor[] = [];
  let isSplit = true;
  for (const [base, exponent] of merged) {
    if (exponent === 0) continue;
    factors.push({ base, exponent });
    isSplit &&= !Number.isInteger(exponent) || !isProduct(base);
  }
  // Roots of a product that make a whole power, which is that of its factors.
  if (!isSplit) return mul(c, ...factors.map(({ base, exponent }) => pow(base, exponent)));
  if (factors.length === 0) return num(c);
  const only = factors[0] as Factor;
  if (factors.length === 1 && only.exponent === 1) return scale(only.base, c);
  if (factors.length > 1) factors.sort((a, b) => compare(a.base, b.base) || a.exponent - b.exponent);
  return scale(productNode(factors), c);
}

const isProduct = (e: Expr): boolean => e.kind === 'mul' || loneTerm(e) !== undefined;

/** A product of factors that are in order. */
export function productNode(factors: readonly Factor[]): Expr {
  let key = '*';
  for (const f of factors) key += `${id(f.base)}^${f.exponent},`;
  return intern(key, (): Mul => ({ kind: 'mul', factors: Object.freeze(factors.map((f) => Object.freeze(f))) }));
}

/** c·e with e free of a numeric factor; `rest` is absent when the expression is a number. */
function splitCoefficient(e: Expr): { readonly factor: number; readonly rest?: Expr } {
  if (e.kind === 'num') return { factor: e.value };
  const t = loneTerm(e);
  return t === undefined ? { factor: 1, rest: e } : { factor: t.coefficient, rest: t.term };
}

/** The term of a sum that is a number times an expression. */
const loneTerm = (e: Expr): Term | undefined =>
  e.kind === 'add' && e.constant === 0 && e.terms.length === 1 ? e.terms[0] : undefined;

/** The common integer factor of a sum's coefficients (2 of 2 + 4q), so that proportional sums cancel; else 1. */
function integerContent(e: Expr): number {
  if (e.kind !== 'add') return 1;
  if (!isSmallInteger(e.constant) || !e.terms.every((t) => isSmallInteger(t.coefficient))) return 1;
  return e.terms.reduce((common, t) => gcd(common, Math.abs(t.coefficient)), Math.abs(e.constant));
}
const isSmallInteger = (c: number): boolean => Number.isInteger(c) && Math.abs(c) <= 2 ** 31;
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** base^exponent for a numeric exponent. */
export function pow(base: Expr, exponent: number): Expr {
  if (exponent === 0) return num(1);
  if (exponent === 1) return base;
  if (base.kind === 'num') return num(base.value ** exponent);
  const { factor, rest } = splitCoefficient(base);
  const integer = Number.isInteger(exponent);
  if (rest !== undefined && factor !== 1 && (integer || factor > 0))
    return mul(num(factor ** exponent), pow(rest, exponent));
  if (base.kind !== 'mul') return makeProduct(1, [[base, exponent]]);
  // (b^f)^e = b^(fe) where e is an integer, or where b^f already says that b is not negative.
  const [only] = base.factors;
  const merges = integer || (base.factors.length === 1 && only !== undefined && !Number.isInteger(only.exponent));
  if (merges)
    return makeProduct(
      1,
      base.factors.map((f) => [f.base, f.exponent * exponent]),
    );
  return makeProduct(1, [[base, exponent]]);
}

export const neg = (e: Expr): Expr => scale(e, -1);
export const sub = (a: Expr | number, b: Expr): Expr => add(a, neg(b));
export const div = (a: Expr | number, b: Expr): Expr => mul(a, pow(b, -1));
export const sqrt = (e: Expr): Expr => pow(e, 0.5);

const order = { num: 0, sym: 1, mul: 2, call: 3, add: 4 } as const;

/** A total order by structure alone. */
export function compare(a: Expr, b: Expr): number {
  if (a === b) return 0;
  if (a.kind !== b.kind) return order[a.kind] - order[b.kind];
  return compareLists(parts(a), parts(b));
}

const parts = (e: Expr): readonly (number | string | Expr)[] => {
  switch (e.kind) {
    case 'num':
      return [e.value];
    case 'sym':
      return [e.name];
    case 'mul':
      return e.factors.flatMap((f) => [f.base, -f.exponent]);
    case 'call':
      return [e.fn, ...e.args];
    case 'add':
      return [e.constant, ...e.terms.flatMap((t) => [t.term, t.coefficient])];
  }
};

function compareLists(a: readonly (number | string | Expr)[], b: readonly (number | string | Expr)[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i] as number | string | Expr;
    const y = b[i] as number | string | Expr;
    const c = typeof x === 'object' && typeof y === 'object' ? compare(x, y) : comparePlain(x, y);
    if (c !== 0) return c;
  }
  return a.length - b.length;
}

function comparePlain(a: number | string | Expr, b: number | string | Expr): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareNames(a, b);
  return a < b ? -1 : 1;
}

/** By their text, but numbers in it by their value: q9 before q10, so that sums of any two layers have one order. */
function compareNames(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const [left, right] = [digitsAt(a, i), digitsAt(b, i)];
  const isInNumber = (left > 0 && right > 0) || (i > 0 && digitsAt(a, i - 1) > 0);
  if (isInNumber && left !== right) return left - right;
  return a < b ? -1 : 1;
}

function digitsAt(name: string, start: number): number {
  let end = start;
  while (name.charCodeAt(end) >= 48 && name.charCodeAt(end) <= 57) end++;
  return end - start;
}
