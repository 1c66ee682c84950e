/** One equation of a derivation, before it has a format. */
import type { Domain } from '../../ir/program/index.ts';
import type { Derivation } from '../derivation.ts';
import type { Notation } from '../values.ts';
import { type Style, type Written, writeValue } from './writing.ts';

/** left = right; the right side as summands, so that a long one can be broken. */
export interface Line {
  /** Name of the value in the program; absent for a definition. */
  readonly name?: string;
  readonly domain: Domain;
  readonly left: Written;
  readonly right: { readonly [S in Style]: readonly string[] };
}

export const isDiagonal = ({ domain, left }: Line): boolean => domain === 'self' && left.text.endsWith('(x,x)');

export const notationOf = (d: Derivation, name: string): Notation => {
  const found = d.notation.get(name);
  if (found === undefined) throw new Error(`ntkc bug: no notation for ${name}`);
  return found;
};

/** A right side that is one piece. */
export const one = (tex: string, text: string) => ({ right: { tex: [tex], text: [text] } });
export const value = (d: Derivation, name: string, place: 'pair' | 'x' | 'y') => writeValue(notationOf(d, name), place);
