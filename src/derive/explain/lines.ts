/** The lines of one step: what is defined, then each value as an equation. Formats differ only in how they print these. */
import { reads, type Statement } from '../../ir/program/index.ts';
import { type Expr, layoutScalar, layoutTerms, mul, pow, sqrt, sub, substitute, sym } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { letters } from '../values.ts';
import { definitions } from './definitions.ts';
import { isDiagonal, type Line, notationOf, one, value } from './line.ts';
import { expansion, series } from './series.ts';
import { type Style, symbolWriter, writeName } from './writing.ts';

export interface ExplainedStep extends Pick<Step, 'path' | 'op' | 'rule' | 'source' | 'layer'> {
  readonly definitions: readonly Line[];
  readonly equations: readonly Line[];
}

/** Steps with their lines; pairs before the diagonal. */
export function explainSteps(derivation: Derivation): readonly ExplainedStep[] {
  const { statements, dropped } = inlineCarried(derivation);
  return derivation.steps.map((step) => {
    const own = step.statements.filter((name) => !dropped.has(name)).map((name) => statements.get(name) as Statement);
    const lines = own.map((s) => equation(derivation, s));
    const { path, op, rule, source, layer } = step;
    return {
      path,
      op,
      rule,
      source: source.replaceAll('@derived', 'derived'),
      ...(layer !== undefined && { layer }),
      definitions: definitions(derivation, step),
      equations: [...lines].sort((a, b) => placeOf(a) - placeOf(b)),
    };
  });
}

/** What is known of one sample first (Hermite coefficients), then pairs, then the diagonal. */
const placeOf = (l: Line): number => (l.domain === 'pair' ? 1 : isDiagonal(l) ? 2 : 0);

/** Θ̂ = Θ·Σ̇ is put into the Θ that reads it, as the papers write the recursion, where just one does. */
function inlineCarried(d: Derivation) {
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
  return { statements, dropped };
}

function equation(d: Derivation, s: Statement): Line {
  const notation = notationOf(d, s.name);
  const left = writeName(notation);
  const common = { name: s.name, domain: s.domain };
  switch (s.kind) {
    case 'inner': {
      const per = Math.round(1 / s.scale);
      const [a, b] = s.domain === 'pair' ? ['x', "x'"] : ['x', 'x'];
      return { ...common, left, ...one(`\\tfrac{1}{${per}} ${a}^{\\top} ${b}`, `⟨${a}, ${b}⟩/${per}`) };
    }
    case 'map':
      return { ...common, left, right: { tex: mapped(d, s, 'tex'), text: mapped(d, s, 'text') } };
    case 'expand':
      return { ...common, ...expansion(notation, value(d, s.variance, 'x')) };
    case 'dual':
      return { ...common, left, ...series(d, s) };
  }
}

function mapped(d: Derivation, s: Extract<Statement, { kind: 'map' }>, style: Style): readonly string[] {
  const writer = symbolWriter(d, s.domain, style);
  const minus = style === 'tex' ? '-' : '−';
  const terms = layoutTerms(s.expr, style, writer).map(({ negative, text }, i) =>
    i === 0 ? (negative ? minus + text : text) : `${negative ? minus : '+'} ${text}`,
  );
  const angle = s.domain === 'pair' ? angleBetween(d, s.expr) : undefined;
  return angle === undefined ? terms : [...terms, `= ${layoutAngle(angle, style, writer)}`];
}

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
