/** One equation of a derivation, before it has a format. */
import type { Domain } from '../../ir/program/index.ts';
import type { Derivation } from '../derivation.ts';
import type { Notation } from '../values.ts';
import { statementsOf } from './statements.ts';
import { positionsAt, type Style, type Where, type Written, writeNamed } from './writing.ts';

/** left = right; the right side as summands, so that a long one can be broken. */
export interface Line {
  /** Name of the value in the program; absent for a definition. */
  readonly name?: string;
  readonly domain: Domain;
  readonly left: Written;
  readonly right: { readonly [S in Style]: readonly string[] };
}

export const isDiagonal = ({ domain, left }: Line): boolean =>
  domain === 'self' && /\(x,x\)(\[p,p\])?$/.test(left.text);

export const notationOf = (d: Derivation, name: string): Notation => {
  const found = d.notation.get(name);
  if (found === undefined) throw new Error(`ntkc bug: no notation for ${name}`);
  return found;
};

/** A right side that is one piece. */
export const one = (tex: string, text: string) => ({ right: { tex: [tex], text: [text] } });
/** A value as a formula at `where` reads it. */
export function value(d: Derivation, name: string, place: 'pair' | 'x' | 'y', where: Where): Written {
  const s = statementsOf(d).named.get(name);
  return writeNamed(d, name, place, s === undefined ? '' : positionsAt(where, place, s));
}
