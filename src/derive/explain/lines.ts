/** The lines of one step: what is defined, then each value as an equation. Formats differ only in how they print these. */
import { type Domain, reads, type Statement } from '../../ir/program/index.ts';
import { type Expr, layoutScalar, layoutTerms, mul, pow, sqrt, sub, substitute, sym } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { letters, type Notation } from '../values.ts';
import { type Style, symbolWriter, type Written, writeName, writeValue } from './writing.ts';

/** left = right; the right side as summands, so that a long one can be broken. */
export interface Line {
  /** Name of the value in the program; absent for a definition. */
  readonly name?: string;
  readonly domain: Domain;
  readonly left: Written;
  readonly right: { readonly [S in Style]: readonly string[] };
}

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
      source,
      ...(layer !== undefined && { layer }),
      definitions: definitions(derivation, step),
      equations: [...lines].sort((a, b) => placeOf(a) - placeOf(b)),
    };
  });
}

/** What is known of one sample first (Hermite coefficients), then pairs, then the diagonal. */
const placeOf = (l: Line): number => (l.domain === 'pair' ? 1 : isDiagonal(l) ? 2 : 0);
export const isDiagonal = ({ domain, left }: Line): boolean => domain === 'self' && left.text.endsWith('(x,x)');

const notationOf = (d: Derivation, name: string): Notation => {
  const found = d.notation.get(name);
  if (found === undefined) throw new Error(`ntkc bug: no notation for ${name}`);
  return found;
};

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

const one = (tex: string, text: string) => ({ right: { tex: [tex], text: [text] } });
const value = (d: Derivation, name: string, place: 'pair' | 'x' | 'y') => writeValue(notationOf(d, name), place);

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
  const label = opposite.kind === 'sym' && d.written.statements.find((s) => s.name === opposite.name);
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

/** a_p = E φ(√q z) h_p(z), and the same of φ'. @eq daniely2016 (dual activation) */
function expansion(notation: Notation, q: Written): Pick<Line, 'left' | 'right'> {
  const a = writeName(notation);
  const index = notation.index;
  const at = (f: string, w: string, root: string) =>
    `\\mathbb{E}_{z \\sim \\mathcal{N}(0,1)}\\left[${f}(${root}\\, z) \\, h_p(z)\\right]${w}`;
  return {
    left: { tex: `a_p^{(${index})}(x)`, text: a.text.replace('a', 'aₚ') },
    right: {
      tex: [
        at('\\varphi', '', `\\sqrt{${q.tex}}`),
        `,\\quad b_p^{(${index})}(x) = ${at("\\varphi'", '', `\\sqrt{${q.tex}}`)}`,
      ],
      text: [`E[φ(√(${q.text})·z)·h_p(z)], z ~ N(0, 1),`, `and ${a.text.replace('a', 'bₚ')} the same of φ'`],
    },
  };
}

function series(d: Derivation, s: Extract<Statement, { kind: 'dual' }>): Pick<Line, 'right'> {
  const phi = s.order === 0 ? { tex: '\\varphi', text: 'φ' } : { tex: "\\varphi'", text: "φ'" };
  const source = d.written.statements.find((e) => e.name === s.expansion);
  const variance = source?.kind === 'expand' ? source.variance : s.covariance;
  const k = value(d, s.covariance, s.domain === 'pair' ? 'pair' : 'x');
  const [q, qAtY] = [value(d, variance, 'x'), value(d, variance, 'y')];
  if (s.domain === 'self')
    return one(
      `\\mathbb{E}_{z \\sim \\mathcal{N}(0,1)}\\left[${phi.tex}(\\sqrt{${k.tex}}\\, z)^2\\right]`,
      `E[${phi.text}(√(${k.text})·z)²], z ~ N(0, 1)`,
    );
  const letter = s.order === 0 ? 'a' : 'b';
  const { index } = notationOf(d, s.expansion);
  const at = writeValue({ ...notationOf(d, s.expansion) }, 'x').text.replace('a', `${letter}ₚ`);
  const tex = (x: string) => `${letter}_p^{(${index})}(${x})`;
  return {
    right: {
      tex: [
        `\\sum_{p \\ge 0} ${tex('x')} \\, ${tex("x'")} \\, \\rho^p`,
        `,\\quad \\rho = \\frac{${k.tex}}{\\sqrt{${q.tex} \\, ${qAtY.tex}}}`,
      ],
      text: [`Σₚ ${at}·${at.replace('(x)', "(x')")}·ρᵖ,`, `ρ = ${k.text}/√(${q.text}·${qAtY.text})`],
    },
  };
}

/** What an activation's dual means, before its closed form: φ, κ = E φφ and κ̇ = E φ'φ'. */
function definitions(d: Derivation, { phi, phiTex, covariance, statements }: Step): readonly Line[] {
  const find = (letter: keyof typeof letters) =>
    statements.map((name) => notationOf(d, name)).find((n) => n.letter === letters[letter] && n.domain === 'pair');
  const [hat, dot] = [find('sigmaHat'), find('dotSigma')];
  const known = hat ?? dot;
  if (phi === undefined || covariance === undefined || known === undefined) return [];
  const line = (left: Written, tex: readonly string[], text: readonly string[]): Line => ({
    domain: 'pair',
    left,
    right: { tex, text },
  });
  const upper = writeIndex(known);
  const gaussian = gaussianOf(d, covariance, known.index);
  const lines = [
    line({ tex: '\\varphi(x)', text: 'φ(x)' }, [phiTex ?? layoutScalar(phi, 'tex')], [layoutScalar(phi, 'text')]),
    line({ tex: `\\Lambda^{(${known.index})}`, text: `Λ${upper}` }, gaussian.matrix.tex, gaussian.matrix.text),
  ];
  if (hat !== undefined) {
    const mean = [`E[φ(u)·φ(v)],`, `(u,v) ~ N(0, Λ${upper})`];
    lines.push(line(writeName(hat), [gaussian.mean('\\varphi')], mean));
  }
  if (dot !== undefined) {
    const price = priceOf(d, dot, covariance);
    const mean = ["E[φ'(u)·φ'(v)]", ...(price === undefined ? [] : [`= ${price.text} (Price's theorem)`])];
    const meanTex = [gaussian.mean("\\varphi'"), ...(price === undefined ? [] : [`= ${price.tex}`])];
    lines.push(line(writeName(dot), meanTex, mean));
  }
  return lines;
}

const writeIndex = (n: Notation): string =>
  writeValue({ ...n, letter: letters.sigma as Notation['letter'] }, 'pair')
    .text.slice(1)
    .replace(/\(.*/, '');

/** ∂Σ̂/∂Σ, where the covariance has a name to differentiate by. */
function priceOf(d: Derivation, dot: Notation, { pair }: { readonly pair: Expr }): Written | undefined {
  const by = pair.kind === 'sym' ? d.notation.get(pair.name) : undefined;
  if (by === undefined) return undefined;
  const hat = writeName({ ...dot, letter: letters.sigmaHat as Notation['letter'] });
  const k = writeName(by);
  const bare = (w: string) => w.replace(/\(x,x'\)$/, '');
  return {
    tex: `\\frac{\\partial ${bare(hat.tex)}}{\\partial ${bare(k.tex)}}(x,x')`,
    text: `∂${bare(hat.text)}/∂${bare(k.text)}`,
  };
}

/**
 * How an expectation over the activation's input is written. TeX as in wntk-tan2021 (6), over functions f; only where
 * the covariance has no name, and in text, over (u, v) with a covariance matrix Λ.
 */
function gaussianOf(d: Derivation, covariance: { readonly pair: Expr; readonly self: Expr }, index: string) {
  const { pair } = covariance;
  const named = pair.kind === 'sym' ? d.notation.get(pair.name) : undefined;
  const [t, u] = [entries(d, covariance, 'tex'), entries(d, covariance, 'text')];
  const text = [`[[${u.atX}, ${u.pair}], [${u.pair}, ${u.atY}]]`];
  const over = (subscript: string, phi: string, a: string, b: string) =>
    `\\mathbb{E}_{${subscript}}\\left[${phi}(${a})\\,${phi}(${b})\\right]`;
  if (named !== undefined) {
    const process = writeName(named).tex.replace(/\(x,x'\)$/, '');
    const mean = (phi: string) => over(`f \\sim \\mathcal{N}(0,${process})`, phi, 'f(x)', "f(x')");
    return { matrix: { tex: [], text }, mean };
  }
  const tex = [`\\begin{pmatrix} ${t.atX} & ${t.pair} \\\\ ${t.pair} & ${t.atY} \\end{pmatrix}`];
  const mean = (phi: string) => over(`(u,v) \\sim \\mathcal{N}(0,\\Lambda^{(${index})})`, phi, 'u', 'v');
  return { matrix: { tex, text }, mean };
}

function entries(d: Derivation, k: { readonly pair: Expr; readonly self: Expr }, style: Style) {
  const atX = layoutScalar(k.self, style, symbolWriter(d, 'self', style));
  return {
    pair: layoutScalar(k.pair, style, symbolWriter(d, 'pair', style)),
    atX,
    atY: atX.replaceAll('(x,x)', "(x',x')"),
  };
}
