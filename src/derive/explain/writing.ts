/** How the values of a derivation are written: Σ¹(x,x') for sigma1, Σ¹(x,x) for q1_x, ϑ₁ for angle1, μ₁ for mu1. */
import { type Grid, resolve, type Span, type Statement } from '../../ir/program/index.ts';
import type { SymbolWriter } from '../../ir/scalar/index.ts';
import { subscript, superscript } from '../../ir/scalar/index.ts';
import type { Derivation } from '../derivation.ts';
import { type Letter, letters, type Notation } from '../values.ts';
import { statementsOf, type Written } from './statements.ts';

export type { Written } from './statements.ts';
export type Style = 'tex' | 'text';

const kernelLetters = new Set<Letter>(Object.values(letters));
const lettersOfOneSample = new Set<Letter>([letters.hermite, letters.attention, letters.pattern, letters.present]);

/** Arguments of a value: a pair, the diagonal at x, or at x'. */
export type Place = 'pair' | 'x' | 'y';
const argumentsOf: Readonly<Record<Place, string>> = { pair: "(x,x')", x: '(x,x)', y: "(x',x')" };
const sampleOf: Readonly<Record<Place, string>> = { pair: '(x)', x: '(x)', y: "(x')" };

/** Where a formula stands: what samples, and what positions where its values have any. */
export interface Where {
  readonly domain: Statement['domain'];
  readonly span?: Span | undefined;
}
export const whereOf = ({ domain, grid }: Pick<Statement, 'domain' | 'grid'>): Where => ({ domain, span: grid?.span });

/** A value with its index and arguments. Labels such as ϑ₁ carry neither arguments nor an upper index. */
export function writeValue(n: Notation, place: Place): Written {
  const { letter, index, of } = n;
  if (!kernelLetters.has(letter)) return { tex: `${letter.tex}_{${index}}`, text: `${letter.text}${subscript(index)}` };
  const at = (lettersOfOneSample.has(letter) ? sampleOf : argumentsOf)[place];
  const lower = of === undefined ? '' : subscript(of);
  const upper = index === '' ? '' : `^{(${index})}`;
  return {
    tex: `${withLower(letter.tex, of)}${upper}${at}`,
    text: `${letter.text}${lower}${superscript(index)}${at}`,
  };
}

/** The positions of a value that a formula reads: [p,p'] between two inputs, [p,p] of one. */
export function positionsAt(
  { domain, span }: Where,
  place: Place,
  value: { readonly grid?: Grid; readonly domain: string },
): string {
  if (value.grid === undefined) return '';
  const second = span === 'all' ? "p'" : 'p';
  if (place === 'y') return `[${second},${second}]`;
  return place === 'x' && value.domain !== 'full' ? '[p,p]' : `[p,${domain === 'self' ? 'p' : second}]`;
}

/** A value of the program, with positions [p,p'] if it has any; `positions` writes others. */
export function writeNamed(d: Derivation, name: string, place: Place, positions: string): Written {
  const s = statementsOf(d).named.get(name);
  const of = s !== undefined && 'of' in s ? s : undefined;
  const constant = statementsOf(d).constants.get(name);
  if (constant !== undefined) return suffixed(constant, positions);
  const notation = d.notation.get(name) as Notation;
  const isPresent = notation.letter === letters.present;
  const indices = isPresent ? positions.replace(/,.*\]/, ']') : positions;
  if (of === undefined || notation.moved === undefined) return suffixed(writeValue(notation, place), indices);
  const inner = writeNamed(d, of.of, place, '');
  const bare = (text: string) => text.replace(/\([^()]*\)$/, '');
  const word = movedWords[notation.moved];
  const at = isPresent ? sampleOf[place] : argumentsOf[place];
  return suffixed(
    { tex: `\\mathrm{${word}}(${bare(inner.tex)})${at}`, text: `${word}(${bare(inner.text)})${at}` },
    indices,
  );
}

const movedWords = {
  Conv: 'conv',
  Pool: 'pool',
  Mean: 'sum',
  Trace: 'trace',
  Local: 'local',
  Mixed: 'mix',
  Average: 'mean',
} as const;

const suffixed = ({ tex, text }: Written, suffix: string): Written => ({ tex: tex + suffix, text: text + suffix });

/** Θ with lower index l; Θ₊, which has one, gets both. */
function withLower(tex: string, of: string | undefined): string {
  if (of === undefined) return tex;
  return tex.endsWith('}') && tex.includes('_{') ? `${tex.slice(0, -1)},${of}}` : `${tex}_{${of}}`;
}

/** Of layer weights, where an index stands for their number. */
export const weightLetter: Letter = { tex: '\\mu', text: 'μ' };
export const weightOf = (index: number | string): Written => ({ tex: `\\mu_{${index}}`, text: `μ${subscript(index)}` });

/** A notation as a definition writes it, without positions. */
export const writeName = (n: Notation): Written => writeValue(n, n.domain === 'pair' ? 'pair' : 'x');

/** A statement's left side. */
export function writeLeft(d: Derivation, s: Statement): Written {
  const place = s.domain === 'pair' ? 'pair' : 'x';
  const one = d.notation.get(s.name)?.letter === letters.hermite ? (s.grid === undefined ? '' : '[p]') : undefined;
  const isLabel = !kernelLetters.has((d.notation.get(s.name) as Notation).letter);
  return writeNamed(d, s.name, place, isLabel ? '' : (one ?? positionsAt(whereOf(s), place, s)));
}

/** Writes a value that a formula at `where` reads, where it is no plain value; for sums over positions. */
export type Special = (name: string, place: Place, style: Style) => string | undefined;

/** Writes the symbols of one domain's expressions. Factors stand as in the papers: μ Σ, Θ Σ̇, ϑ Σ. */
export function symbolWriter(d: Derivation, where: Where, style: Style, special?: Special): SymbolWriter {
  const { named } = statementsOf(d);
  const find = (symbol: string) => (where.domain === 'self' ? { name: symbol, at: 'here' as const } : resolve(symbol));
  const write = (symbol: string): string => {
    const { name, at } = find(symbol);
    const notation = d.notation.get(name);
    if (notation === undefined) return /^mu\d+$/.test(symbol) ? weightOf(symbol.slice(2))[style] : symbol;
    const place = at === 'here' ? (notation.domain === 'pair' ? 'pair' : 'x') : at;
    const written = special?.(name, place, style);
    if (written !== undefined) return written;
    const s = named.get(name);
    const isLabel = !kernelLetters.has(notation.letter);
    const positions = isLabel || s === undefined ? '' : positionsAt(where, place, s);
    // Both ends of a full value are of one sample.
    return writeNamed(d, name, where.domain === 'full' ? 'x' : place, positions)[style];
  };
  return { write, rank: (symbol) => rankOf(d.notation.get(find(symbol).name)) };
}

function rankOf(notation: Notation | undefined): number {
  if (notation === undefined || notation.letter === weightLetter) return 0;
  const order = [letters.theta, letters.thetaHat, letters.thetaSum, undefined, letters.dotSigma];
  const found = order.indexOf(notation.letter);
  return found >= 0 ? 2 + found : kernelLetters.has(notation.letter) ? 2 + order.indexOf(undefined) : 1;
}
