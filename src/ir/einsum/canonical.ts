/**
 * The canonical form of a product of factors: the same for every order of the factors and every naming of the dummies.
 * Dummies get colours from what they touch, refined until nothing changes; ties are broken by trying each of them.
 */
import { dummiesOf, type Factor, headKey, isDummy, printFactor, renamed } from './factor.ts';

export interface Canonical {
  /** Factors in canonical order, dummies named 0, 1, 2, ... */
  readonly factors: readonly Factor[];
  /** Equal for two products if and only if they differ by names of dummies and the order of factors. */
  readonly key: string;
}

export interface CanonicalNames extends Canonical {
  /** From each dummy of the product to its canonical name. */
  readonly names: ReadonlyMap<number, number>;
}

type Colours = ReadonlyMap<number, number>;

export function canonical(product: readonly Factor[]): Canonical {
  const { factors, key } = canonicalNames(product);
  return { factors, key };
}

/** The canonical form, and what it calls the dummies. */
export function canonicalNames(product: readonly Factor[]): CanonicalNames {
  const factors = product.map(sortedDelta);
  const dummies = dummiesOf(factors);
  const heads = factors.map((factor) => hashText(headKey(factor)));
  return best(factors, heads, dummies, new Map(dummies.map((index) => [index, 1])));
}

/** The smallest form over all ways to break the ties that the colours leave. */
function best(
  factors: readonly Factor[],
  heads: readonly number[],
  dummies: readonly number[],
  start: Colours,
): CanonicalNames {
  const colours = refine(factors, heads, dummies, start);
  const tied = smallestTie(dummies, colours);
  if (tied.length === 0) return named(factors, dummies, colours);
  const forms = tied.map((index) =>
    best(factors, heads, dummies, new Map(colours).set(index, mix(colours.get(index)!, 0x51ed))),
  );
  return forms.reduce((a, b) => (b.key < a.key ? b : a));
}

function named(factors: readonly Factor[], dummies: readonly number[], colours: Colours): CanonicalNames {
  const ordered = [...dummies].sort((a, b) => colours.get(a)! - colours.get(b)!);
  const names = new Map(ordered.map((index, name) => [index, name]));
  const keyed = renamed(factors, names)
    .map(sortedDelta)
    .map((factor) => ({ factor, text: printFactor(factor) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return { factors: keyed.map(({ factor }) => factor), key: keyed.map(({ text }) => text).join(' '), names };
}

/** δ is symmetric: its indices in increasing order. */
const sortedDelta = (factor: Factor): Factor =>
  factor.tensor === 'delta' ? { ...factor, indices: [...factor.indices].sort((a, b) => a - b) } : factor;

/** Colours of the dummies after as many rounds as still split a class. */
function refine(
  factors: readonly Factor[],
  heads: readonly number[],
  dummies: readonly number[],
  start: Colours,
): Colours {
  let colours = start;
  let classes = new Set(colours.values()).size;
  for (;;) {
    const next = new Map(colours);
    factors.forEach(({ tensor, indices }, f) => {
      const symmetric = tensor === 'delta';
      const colour = (index: number) => (isDummy(index) ? colours.get(index)! : mix(0x2545, index));
      const whole = symmetric
        ? indices.reduce((h, index) => (h + mix(7, colour(index))) | 0, heads[f]!)
        : indices.reduce((h, index) => mix(h, colour(index)), heads[f]!);
      indices.forEach((index, position) => {
        if (isDummy(index)) next.set(index, (next.get(index)! + mix(whole, symmetric ? 1 : position + 1)) | 0);
      });
    });
    for (const index of dummies) next.set(index, mix(next.get(index)!, 0x9e37));
    const nextClasses = new Set(next.values()).size;
    colours = next;
    if (nextClasses <= classes) return colours;
    classes = nextClasses;
  }
}

/** The members of the first class, by colour, with more than one; empty where all colours differ. */
function smallestTie(dummies: readonly number[], colours: Colours): readonly number[] {
  const classes = new Map<number, number[]>();
  for (const index of dummies) {
    const colour = colours.get(index)!;
    const members = classes.get(colour);
    if (members === undefined) classes.set(colour, [index]);
    else members.push(index);
  }
  const tied = [...classes].filter(([, members]) => members.length > 1).sort(([a], [b]) => a - b);
  return tied[0]?.[1] ?? [];
}

function mix(h: number, value: number): number {
  let x = Math.imul(h ^ (value + 0x7f4a7c15), 0x85ebca6b);
  x ^= x >>> 15;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 13)) | 0;
}

const hashText = (text: string): number => [...text].reduce((h, letter) => mix(h, letter.codePointAt(0)!), 17);
