/** How the values of a derivation are written: Σ¹(x,x') for sigma1, Σ¹(x,x) for q1_x, ϑ₁ for angle1, μ₁ for mu1. */
import { type Domain, resolve } from '../../ir/program/index.ts';
import type { SymbolWriter } from '../../ir/scalar/index.ts';
import { subscript, superscript } from '../../ir/scalar/index.ts';
import type { Derivation } from '../derivation.ts';
import { type Letter, letters, type Notation } from '../values.ts';

export type Style = 'tex' | 'text';
/** The same thing in both styles. */
export interface Written {
  readonly tex: string;
  readonly text: string;
}

const kernelLetters = new Set<Letter>(Object.values(letters));

/** Arguments of a value: a pair, the diagonal at x, or at x'. */
export type Place = 'pair' | 'x' | 'y';
const argumentsOf: Readonly<Record<Place, string>> = { pair: "(x,x')", x: '(x,x)', y: "(x',x')" };

/** A value with its index and arguments. Labels such as ϑ₁ carry neither arguments nor an upper index. */
export function writeValue(n: Notation, place: Place): Written {
  const { letter, index, of } = n;
  if (!kernelLetters.has(letter)) return { tex: `${letter.tex}_{${index}}`, text: `${letter.text}${subscript(index)}` };
  const at = letter === letters.hermite ? (place === 'y' ? "(x')" : '(x)') : argumentsOf[place];
  const lower = of === undefined ? '' : subscript(of);
  return {
    tex: `${withLower(letter.tex, of)}^{(${index})}${at}`,
    text: `${letter.text}${lower}${superscript(index)}${at}`,
  };
}

/** Θ with lower index l; Θ₊, which has one, gets both. */
function withLower(tex: string, of: string | undefined): string {
  if (of === undefined) return tex;
  return tex.endsWith('}') && tex.includes('_{') ? `${tex.slice(0, -1)},${of}}` : `${tex}_{${of}}`;
}

export const weightOf = (index: number | string): Written => ({ tex: `\\mu_{${index}}`, text: `μ${subscript(index)}` });

/** A statement's left side. */
export const writeName = (n: Notation): Written => writeValue(n, n.domain === 'pair' ? 'pair' : 'x');

/** Writes the symbols of one domain's expressions. Factors stand as in the papers: μ Σ, Θ Σ̇, ϑ Σ. */
export function symbolWriter(derivation: Derivation, domain: Domain, style: Style): SymbolWriter {
  const find = (symbol: string) => {
    const { name, at } = domain === 'pair' ? resolve(symbol) : { name: symbol, at: 'here' as const };
    return { notation: derivation.notation.get(name), at };
  };
  const write = (symbol: string): string => {
    const { notation, at } = find(symbol);
    if (notation === undefined) return /^mu\d+$/.test(symbol) ? weightOf(symbol.slice(2))[style] : symbol;
    if (at !== 'here') return writeValue(notation, at)[style];
    return writeName(notation)[style];
  };
  return { write, rank: (symbol) => rankOf(find(symbol).notation) };
}

function rankOf(notation: Notation | undefined): number {
  if (notation === undefined) return 0;
  const order = [letters.theta, letters.thetaHat, letters.thetaSum, undefined, letters.dotSigma];
  const found = order.indexOf(notation.letter);
  return found >= 0 ? 2 + found : kernelLetters.has(notation.letter) ? 2 + order.indexOf(undefined) : 1;
}
