/**
 * Jets: multi-dual numbers Σ_S a_S Π_{i∈S} ε_i with ε_i² = 0, over the subsets S of k nilpotents; one for each unit of
 * a layer. The coefficient of ε_1 … ε_k of F(θ + Σ ε_i v_i) is the derivative ∇^k F [v_1, .., v_k].
 * A subset is a bit mask; a jet is [2^k, width], row-major: row S holds the coefficients a_S of all units.
 */
import type { Expr } from '../../../ir/scalar/expr.ts';
import { compileScalar, differentiate } from '../../../ir/scalar/index.ts';
import { mapped } from '../forward.ts';

export type Jet = Float64Array;

export const subsetsOf = (nilpotents: number): number => 2 ** nilpotents;

/** out += a·b, jets [2^k, width]: out_S += Σ_{B ⊆ S} a_B b_{S∖B}. */
export function addJetProduct(out: Jet, a: Jet, b: Jet, width: number): void {
  eachSplit(out.length / width, (set, part, rest) =>
    addRowProduct(out, set * width, a, part * width, b, rest * width, width),
  );
}

/** Every subset with each of its parts and what the part leaves of it. */
export function eachSplit(subsets: number, visit: (set: number, part: number, rest: number) => void): void {
  for (let set = 0; set < subsets; set++) {
    for (let part = set; ; part = (part - 1) & set) {
      visit(set, part, set ^ part);
      if (part === 0) break;
    }
  }
}

/**
 * φ(h) and φ'(h) of a jet h [2^k, width]. With D_p the jet of φ^(p)(h), and i the least element of S,
 * D_p[S] = Σ_{i ∈ B ⊆ S} h_B · D_{p+1}[S∖B] and D_p[∅] = φ^(p)(h_∅): derivatives up to order k + 1 of φ.
 * @derived Faà di Bruno's formula; the block of i is taken out first, so each set partition of S arises once
 */
export function elementwiseJet(phi: Expr, h: Jet, width: number): { readonly value: Jet; readonly slope: Jet } {
  const subsets = h.length / width;
  const nilpotents = Math.log2(subsets);
  const base = h.subarray(0, width);
  let above: Jet = new Float64Array(0);
  let jet: Jet = above;
  for (let p = nilpotents + 1; p >= 0; p--) {
    [above, jet] = [jet, new Float64Array(h.length)];
    jet.set(mapped(base, derivativeOf(phi, p)));
    for (let set = 1; set < subsets; set++) {
      if (sizeOf(set) + p > nilpotents + 1) continue; // needs a higher derivative, and nothing reads it
      const least = set & -set;
      for (let rest = set ^ least; ; rest = (rest - 1) & (set ^ least)) {
        addRowProduct(jet, set * width, h, (rest | least) * width, above, (set ^ rest ^ least) * width, width);
        if (rest === 0) break;
      }
    }
  }
  return { value: jet, slope: above };
}

/** out[p ..] += a[q ..] · b[r ..], `width` entries. */
function addRowProduct(out: Jet, p: number, a: Jet, q: number, b: Jet, r: number, width: number): void {
  for (let c = 0; c < width; c++) out[p + c] = out[p + c]! + a[q + c]! * b[r + c]!;
}

function sizeOf(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

interface Order {
  readonly formula: Expr;
  readonly value: (x: number) => number;
}
const compiled = new WeakMap<Expr, Order[]>();

/** φ^(order) as a function of a number; taken almost everywhere where φ has kinks. */
function derivativeOf(phi: Expr, order: number): (x: number) => number {
  const known = compiled.get(phi) ?? [];
  compiled.set(phi, known);
  while (known.length <= order) {
    const previous = known.at(-1)?.formula;
    const formula = previous === undefined ? phi : differentiate(previous, 'x');
    known.push({ formula, value: compileScalar(formula, ['x']) });
  }
  return known[order]!.value;
}
