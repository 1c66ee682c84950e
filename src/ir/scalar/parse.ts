/**
 * Formulas from text. mathjs reads the syntax; only the node kinds and functions listed here become expressions, and
 * nothing of mathjs is ever evaluated, so a formula cannot reach the host: no property access, no assignment, no calls
 * beyond the list.
 */
import { createRequire } from 'node:module';
import type { MathNode, parse } from 'mathjs/number';
import { NtkcError } from '../../errors.ts';
import { call } from './call.ts';
import { add, div, type Expr, mul, neg, num, pi, pow, sqrt, sub, sym } from './expr.ts';
import { hasScalarFunction, scalarFunction, scalarFunctions } from './functions/index.ts';

/** Functions that are shorthand for others. */
const shorthands: Readonly<Record<string, { readonly arity: number; readonly make: (...a: Expr[]) => Expr }>> = {
  sqrt: { arity: 1, make: (x) => sqrt(x as Expr) },
  cbrt: { arity: 1, make: (x) => mul(call('sign', x as Expr), pow(call('abs', x as Expr), 1 / 3)) },
  square: { arity: 1, make: (x) => pow(x as Expr, 2) },
  cube: { arity: 1, make: (x) => pow(x as Expr, 3) },
  pow: { arity: 2, make: (a, b) => power(a as Expr, b as Expr) },
  acos: { arity: 1, make: (x) => sub(mul(0.5, pi), call('asin', x as Expr)) },
  log1p: { arity: 1, make: (x) => call('log', add(1, x as Expr)) },
  expm1: { arity: 1, make: (x) => add(call('exp', x as Expr), -1) },
  sigmoid: { arity: 1, make: (x) => div(1, add(1, call('exp', neg(x as Expr)))) },
};
const constants: Readonly<Record<string, Expr>> = { pi, PI: pi, e: num(Math.E), E: num(Math.E) };

const functionNames = [...scalarFunctions.map((f) => f.name), ...Object.keys(shorthands)].sort();

/**
 * Parses a formula in mathjs syntax. `variables` lists the names it may use; absent, any name is a symbol.
 * @throws NtkcError with the text and what is wrong in it
 */
export function parseScalar(text: string, variables?: readonly string[]): Expr {
  try {
    return convert(readFormula(text), text, variables);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack is used up
    throw complaint(text, 'it is nested too deeply', 'a shorter formula');
  }
}

/** TeX of a formula, laid out as its author wrote it. */
export function formulaTex(text: string): string {
  // mathjs writes \cdoterf where a name has no macro of its own; give every name an operator.
  return readFormula(text).toTex({
    parenthesis: 'auto',
    handler: (node: MathNode, options: object) =>
      node.type === 'FunctionNode' && (node as unknown as FunctionLike).fn.name === 'erf'
        ? `\\operatorname{erf}\\left(${(node as unknown as FunctionLike).args.map((a) => a.toTex(options)).join(', ')}\\right)`
        : undefined,
  });
}

function readFormula(text: string): MathNode {
  if (text.length > maxFormulaLength)
    throw complaint(text, `the formula has ${text.length} characters`, `at most ${maxFormulaLength}`);
  if (text.trim() === '') throw complaint(text, 'it is empty', 'a formula such as x*tanh(x)');
  try {
    return mathjsParse()(text);
  } catch (error) {
    throw complaint(text, `syntax error: ${(error as Error).message}`, 'a formula such as x*tanh(x)');
  }
}
const maxFormulaLength = 10_000;

let loadedParse: typeof parse | undefined;
/** Loaded with the first formula: mathjs is half of the modules there are, and most networks have none. */
function mathjsParse(): typeof parse {
  loadedParse ??= (createRequire(import.meta.url)('mathjs/number') as { readonly parse: typeof parse }).parse;
  return loadedParse;
}

interface FunctionLike {
  readonly fn: { readonly name: string };
  readonly args: readonly MathNode[];
}

const complaint = (text: string, problem: string, expected: string) =>
  new NtkcError({ what: `formula "${clipped(text)}": ${problem}`, expected });

const clipped = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

function convert(node: MathNode, text: string, variables: readonly string[] | undefined): Expr {
  const inner = (n: MathNode): Expr => convert(n, text, variables);
  const n = node as unknown as AnyNode;
  switch (node.type) {
    case 'ParenthesisNode':
      return inner(n.content);
    case 'ConstantNode':
      if (typeof n.value === 'number' && Number.isFinite(n.value)) return num(n.value);
      throw complaint(text, `${String(n.value)} is not a finite number`, 'a finite number');
    case 'SymbolNode':
      return symbolOf(n.name, text, variables);
    case 'OperatorNode':
      return operation(n, inner, text);
    case 'ConditionalNode':
      return call('select', condition(n.condition, inner, text), inner(n.trueExpr), inner(n.falseExpr));
    case 'FunctionNode':
      return functionOf(n, inner, text);
    default:
      throw complaint(
        text,
        `${describe(node.type)} is not allowed in a formula`,
        'numbers, x, + - * / ^, ?: and listed functions',
      );
  }
}

interface AnyNode {
  readonly name: string;
  readonly value: unknown;
  readonly op: string;
  readonly content: MathNode;
  readonly condition: MathNode;
  readonly trueExpr: MathNode;
  readonly falseExpr: MathNode;
  readonly fn: MathNode & { readonly name?: unknown };
  readonly args: readonly MathNode[];
}

function symbolOf(name: string, text: string, variables: readonly string[] | undefined): Expr {
  if (variables?.includes(name)) return sym(name);
  if (Object.hasOwn(constants, name)) return constants[name] as Expr;
  if (variables === undefined) return sym(name);
  const isFunction = hasScalarFunction(name) || Object.hasOwn(shorthands, name);
  throw complaint(
    text,
    isFunction ? `${name} is a function, not a variable` : `unknown variable ${name}`,
    `only ${variables.join(', ')}, pi, e`,
  );
}

function operation(n: AnyNode, inner: (m: MathNode) => Expr, text: string): Expr {
  const [a, b] = n.args.map(inner) as [Expr, Expr | undefined];
  if (b === undefined) {
    if (n.op === '-') return neg(a);
    if (n.op === '+') return a;
  } else {
    if (n.op === '+') return add(a, b);
    if (n.op === '-') return sub(a, b);
    if (n.op === '*') return mul(a, b);
    if (n.op === '/') return div(a, b);
    if (n.op === '^') return power(a, b);
  }
  throw complaint(
    text,
    `operator ${n.op} is not allowed here`,
    '+ - * / ^, and comparisons < > <= >= only as a condition (x > 0 ? x : 0)',
  );
}

/** a^b: a numeric power, else exp(b·log a). */
function power(a: Expr, b: Expr): Expr {
  if (b.kind === 'num') return pow(a, b.value);
  return a === num(Math.E) ? call('exp', b) : call('exp', mul(b, call('log', a)));
}

/** A comparison becomes an expression that is positive where it holds. */
function condition(node: MathNode, inner: (m: MathNode) => Expr, text: string): Expr {
  const n = node as unknown as AnyNode;
  if (node.type === 'ParenthesisNode') return condition(n.content, inner, text);
  if (node.type === 'OperatorNode' && n.args.length === 2) {
    const [a, b] = n.args.map(inner) as [Expr, Expr];
    if (n.op === '>' || n.op === '>=') return sub(a, b);
    if (n.op === '<' || n.op === '<=') return sub(b, a);
  }
  throw complaint(text, 'the condition is not a comparison', 'one of < > <= >= between two expressions');
}

function functionOf(n: AnyNode, inner: (m: MathNode) => Expr, text: string): Expr {
  const name = n.fn.type === 'SymbolNode' ? String(n.fn.name) : undefined;
  if (name === undefined) throw complaint(text, 'only named functions can be called', functionNames.join(', '));
  const short = Object.hasOwn(shorthands, name) ? shorthands[name] : undefined;
  const arity = short?.arity ?? (hasScalarFunction(name) ? scalarFunction(name).arity : undefined);
  if (arity === undefined) throw complaint(text, `unknown function ${name}`, `one of ${functionNames.join(', ')}`);
  const args = n.args.map(inner);
  if ((name === 'max' || name === 'min') && args.length > 2) return args.reduce((a, b) => call(name, a, b));
  if (args.length !== arity) throw complaint(text, `${name} got ${args.length} arguments`, `${arity}`);
  return short ? short.make(...args) : call(name, ...args);
}

const describe = (type: string) =>
  ({
    AccessorNode: 'property access',
    IndexNode: 'indexing',
    AssignmentNode: 'assignment',
    FunctionAssignmentNode: 'defining a function',
    ObjectNode: 'an object',
    ArrayNode: 'a list',
    BlockNode: 'more than one expression',
    RangeNode: 'a range',
    RelationalNode: 'a chained comparison',
  })[type] ?? type;
