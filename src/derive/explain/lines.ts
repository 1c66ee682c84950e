/** The lines of one step: what is defined, then each value as an equation. Formats differ only in how they print these. */
import { type MovingStatement, type PointStatement, reads, type Statement } from '../../ir/program/index.ts';
import { type Expr, layoutScalar, layoutTerms, mul, pow, sqrt, sub, substitute, sym } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { letters, type Notation } from '../values.ts';
import { definitions } from './definitions.ts';
import { isDiagonal, type Line, notationOf, one } from './line.ts';
import { placesNotes, placesOf } from './places.ts';
import { expansion, series } from './series.ts';
import { statementsOf } from './statements.ts';
import { noteOf, sumWriter, writeSum } from './sums.ts';
import { type Style, symbolWriter, type Where, whereOf, writeLeft, writeNamed } from './writing.ts';

export interface ExplainedStep extends Pick<Step, 'path' | 'op' | 'rule' | 'source'> {
  /** Number of the layer with parameters; in layers that repeat a formula in their index. */
  readonly layer?: number | string;
  readonly definitions: readonly Line[];
  readonly equations: readonly Line[];
  /** Sentences that the equations need. */
  readonly notes: readonly string[];
}

/** Steps with their lines; pairs before the diagonal. */
export function explainSteps(derivation: Derivation): readonly ExplainedStep[] {
  const formulas = inlineCarried(derivation);
  return derivation.steps.map((step, i) => explainStep(derivation, formulas, step, i === 0));
}

export type Formulas = ReturnType<typeof inlineCarried>;

/** `repeats`: the same step in other repetitions. */
export function explainStep(
  d: Derivation,
  formulas: Formulas,
  step: Step,
  isFirst: boolean,
  repeats: readonly Step[] = [],
): ExplainedStep {
  const { inlined } = statementsOf(d);
  const all = step.statements.map((name) => formulas.statements.get(name) as Statement);
  const own = all.filter((s) => !formulas.dropped.has(s.name) && !inlined.has(s.name) && isShown(d, s));
  const lines = own.map((s) => equation(d, s));
  const defined = definitions(d, step);
  const hasLines = lines.length + defined.length > 0;
  const { path, op, rule, source, layer } = step;
  return {
    path,
    op,
    rule,
    source: source.replaceAll('@derived', 'derived'),
    ...(layer !== undefined && { layer }),
    definitions: defined,
    equations: [...lines].sort((a, b) => placeOf(a) - placeOf(b)),
    notes: [
      ...(isFirst ? notesOfInput(d) : []),
      ...placesNotes(hasLines, [step, ...repeats].map(formulas.placesOf)),
      ...notesOf(d, all),
    ],
  };
}

/** A value of one sample at all (p, p') follows the recursion of pairs, and is written only where there is no such. */
function isShown(d: Derivation, s: Statement): boolean {
  if (s.kind === 'softmax' || s.kind === 'pattern') return true;
  const { constants, ones } = statementsOf(d);
  const constant = constants.get(s.name);
  if (ones.has(s.name) || constant?.text === 'δ') return false;
  if (s.domain !== 'full') return constant === undefined || s.domain === 'pair';
  const { letter, index, moved } = notationOf(d, s.name);
  const isSame = (n: Notation) => n.letter === letter && n.index === index && n.moved === moved;
  const isPairOf = ({ domain, name }: Statement) =>
    domain === 'pair' && isSame(notationOf(d, name)) && constants.get(name)?.text === constant?.text;
  return (s.kind === 'map' || constant !== undefined) && !d.written.statements.some(isPairOf);
}

function notesOfInput({ written }: Derivation): readonly string[] {
  const { extents, statements } = written;
  if (extents.length === 0) return [];
  return [
    `p and p' are positions, ${extents.join(' × ')} of them in the input.`,
    ...(statements.some((s) => s.domain === 'full')
      ? ["A value of (x,x) at [p,p'] follows the recursion of (x,x') with x' = x."]
      : []),
  ];
}

function notesOf(d: Derivation, statements: readonly Statement[]): readonly string[] {
  const notes = statements.flatMap((s) => (isSum(s) && s.domain !== 'full' ? (noteOf(d, s) ?? []) : []));
  if (statements.some((s) => statementsOf(d).constants.get(s.name)?.text === 'δ'))
    notes.push("The delta is 1 where p = p', else 0.");
  return [...new Set(notes)];
}

const isSum = (s: Statement): s is Exclude<MovingStatement, { kind: 'softmax' }> =>
  !['inner', 'map', 'expand', 'dual', 'pattern', 'present', 'softmax'].includes(s.kind);

/** What is known of one sample first (Hermite coefficients), then pairs, then the diagonal. */
const placeOf = (l: Line): number => (l.domain === 'pair' ? 1 : isDiagonal(l) ? 2 : 0);

/** Θ̂ = Θ·Σ̇ is put into the Θ that reads it, as the papers write the recursion, where just one does. */
export function inlineCarried(d: Derivation) {
  const statements = new Map(d.written.statements.map((s) => [s.name, s]));
  const readers = new Map<string, string[]>();
  for (const s of d.written.statements)
    for (const name of reads(s)) readers.set(name, [...(readers.get(name) ?? []), s.name]);
  const shown = new Set(d.written.outputs.flatMap((o) => [o.pair, o.self]));
  const dropped = new Set<string>();
  for (const s of d.written.statements) {
    const only = readers.get(s.name)?.length === 1 ? statements.get(readers.get(s.name)?.[0] as string) : undefined;
    const carried = notationOf(d, s.name).letter === letters.thetaHat && !shown.has(sym(s.name));
    if (!carried || s.kind !== 'map' || only?.kind !== 'map' || notationOf(d, only.name).letter !== letters.theta)
      continue;
    const current = statements.get(s.name) as typeof s;
    statements.set(only.name, { ...only, expr: substitute(only.expr, new Map([[sym(s.name), current.expr]])) });
    dropped.add(s.name);
  }
  return { statements, dropped, placesOf: placesOf(d) };
}

function equation(d: Derivation, s: Statement): Line {
  const common = { name: s.name, domain: s.domain, left: writeLeft(d, s) };
  if (isSum(s)) {
    const { tex, text } = writeSum(d, s);
    return { ...common, ...one(tex, text) };
  }
  switch (s.kind) {
    case 'softmax': {
      const of = (second: string) => writeNamed(d, s.of, 'x', `[p,${second}]`);
      const [at, r] = [of("p'"), of('r')];
      return { ...common, ...one(`\\frac{e^{${at.tex}}}{\\sum_r e^{${r.tex}}}`, `exp(${at.text})/∑ᵣ exp(${r.text})`) };
    }
    case 'pattern':
      return { ...common, ...one('\\text{the pattern of } x', 'the pattern of x') };
    case 'present':
      return { ...common, ...one('\\text{1 where } x[p] \\text{ is there, else 0}', '1 where x[p] is there, else 0') };
    default:
      return { ...common, ...pointEquation(d, s) };
  }
}

function pointEquation(d: Derivation, s: PointStatement): Pick<Line, 'right'> & Partial<Line> {
  const where = whereOf(s);
  switch (s.kind) {
    case 'inner': {
      const per = Math.round(1 / s.scale);
      const second = where.span === 'all' ? "p'" : 'p';
      const at = (p: string) => (s.grid === undefined ? '' : `[${p}]`);
      const [a, b] = [`x${at('p')}`, `${s.domain === 'pair' ? "x'" : 'x'}${at(second)}`];
      return one(`\\tfrac{1}{${per}} ${a}^{\\top} ${b}`, `⟨${a}, ${b}⟩/${per}`);
    }
    case 'map':
      return { right: { tex: mapped(d, s, where, 'tex'), text: mapped(d, s, where, 'text') } };
    case 'expand':
      return expansion(d, s);
    case 'dual':
      return series(d, s);
  }
}

function mapped(d: Derivation, s: Extract<Statement, { kind: 'map' }>, where: Where, style: Style): readonly string[] {
  const writer = symbolWriter(d, where, style, sumWriter(d, where));
  const minus = style === 'tex' ? '-' : '−';
  const terms = layoutTerms(s.expr, style, writer).map(({ negative, text }, i) => {
    const term = weighted(text);
    return i === 0 ? (negative ? minus : '') + term : `${negative ? minus : '+'} ${term}`;
  });
  const angle = s.domain === 'pair' ? angleBetween(d, s.expr) : undefined;
  return angle === undefined ? terms : [...terms, `= ${layoutAngle(angle, style, writer)}`];
}

/** A number and the weight of a sum beside each other are no mixed fraction. */
const weighted = (term: string): string => term.replace(/^([\d.]+) \\tfrac/, '$1 \\cdot \\tfrac');

/** atan2(√(q q' − k²), k), the angle between two inputs, is the arccos of their correlation. */
function angleBetween(d: Derivation, e: Expr): Expr | undefined {
  if (e.kind !== 'call' || e.fn !== 'atan2') return undefined;
  const [opposite, k] = e.args as readonly [Expr, Expr];
  const label = opposite.kind === 'sym' ? d.written.statements.find((s) => s.name === opposite.name) : undefined;
  if (label?.kind !== 'map') return undefined;
  const { expr } = label;
  if (expr.kind !== 'mul' || expr.factors[0]?.exponent !== 0.5 || expr.factors.length !== 1) return undefined;
  const product = addSquare(expr.factors[0].base, k);
  return product !== undefined && opposite !== k && expr === sqrt(sub(product, pow(k, 2)))
    ? mul(k, pow(product, -0.5))
    : undefined;
}
/** e + k², if that is free of k². */
function addSquare(e: Expr, k: Expr): Expr | undefined {
  const sum = sub(e, mul(-1, pow(k, 2)));
  return sum.kind === 'mul' ? sum : undefined;
}
const layoutAngle = (e: Expr, style: Style, writer: ReturnType<typeof symbolWriter>): string =>
  style === 'tex' ? `\\arccos ${layoutScalar(e, 'tex', writer)}` : `arccos(${layoutScalar(e, 'text', writer)})`;
