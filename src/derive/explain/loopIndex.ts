/** The index of steps that repeat: l for the number of a layer where all count alike, else j for that of the repetition. */
import { reads } from '../../ir/program/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import type { Notation } from '../values.ts';
import { notationOf } from './line.ts';
import { statementsOf } from './statements.ts';
import { weightLetter } from './writing.ts';

/** Steps that repeat, by their place among all. */
export interface Run {
  readonly first: number;
  /** Steps of one repetition. */
  readonly length: number;
  readonly times: number;
}
export const repetition = (steps: readonly Step[], { first, length }: Run, t: number): readonly Step[] =>
  steps.slice(first + t * length, first + (t + 1) * length);

export interface LoopIndex {
  readonly index: 'l' | 'j';
  /** Its value in the first repetition, and how much it grows from one to the next. */
  readonly from: number;
  readonly by: number;
  /** Repetitions up to which all indices grow evenly. */
  readonly times: number;
  /** A number of the second repetition that grows so much from one to the next: l-1, 2j+1. */
  write(n: number, growth: number): string;
  /** The derivation with the index in what a repetition, from 1, makes and reads of the one before. */
  at(t: number): Derivation;
}

/** The index of a notation; NaN where it is no number. */
export const numberOf = (n: Notation): number => (/^\d+$/.test(n.index) ? Number(n.index) : Number.NaN);

/** Nothing where two repetitions are no two. */
export function indexOf(d: Derivation, steps: readonly Step[], run: Run): LoopIndex | undefined {
  const repetitions = Array.from({ length: run.times }, (_, t) => numberedIn(d, repetition(steps, run, t)));
  const [first, second] = repetitions as [readonly Numbered[], readonly Numbered[]];
  const growths = second.map(({ n }, k) => n - (first[k]?.n as number));
  const isEven = (own: readonly Numbered[], t: number) =>
    own.length === first.length &&
    own.every(({ n, of }, k) => n === (first[k]?.n as number) + t * (growths[k] as number) && of === first[k]?.of);
  const uneven = repetitions.findIndex((own, t) => !isEven(own, t));
  if (uneven === 0 || uneven === 1) return undefined;
  const layer = repetition(steps, run, 0).findLast((s) => s.layer !== undefined)?.layer;
  const by = growths[0] as number;
  const isByLayer = layer !== undefined && growths.every((g) => g === by);
  const write = (n: number, growth: number): string => {
    if (growth === 0) return `${n}`;
    return isByLayer ? plus('l', n - layer - by) : plus(`${growth === 1 ? '' : growth}j`, n - 2 * growth);
  };
  const at = (t: number): Derivation => {
    const notation = new Map(d.notation);
    for (const u of [t - 1, t])
      repetitions[u]?.forEach(({ name, n }, k) => {
        const growth = growths[k] as number;
        const known = d.notation.get(name) ?? { letter: weightLetter, index: '', domain: 'self' as const };
        notation.set(name, { ...known, index: write(n - (t - 1) * growth, growth) });
      });
    return { ...d, notation };
  };
  const times = uneven < 0 ? run.times : uneven;
  return isByLayer
    ? { index: 'l', from: layer, by, times, write, at }
    : { index: 'j', from: 1, by: 1, times, write, at };
}

const plus = (symbol: string, n: number): string => (n === 0 ? symbol : `${symbol}${n > 0 ? '+' : '-'}${Math.abs(n)}`);

interface Numbered {
  readonly name: string;
  readonly n: number;
  readonly of: string | undefined;
}

/** What steps make, and the layer weights they read. */
function numberedIn(d: Derivation, steps: readonly Step[]): readonly Numbered[] {
  const names = steps.flatMap((s) => s.statements);
  const { named } = statementsOf(d);
  const weights = new Set(d.written.weights.map((w) => w.name));
  const read = new Set(names.flatMap((name) => reads(named.get(name) ?? missing(name))).filter((r) => weights.has(r)));
  return [
    ...names.map((name) => ({ name, n: numberOf(notationOf(d, name)), of: notationOf(d, name).of })),
    ...[...read].map((name) => ({ name, n: Number(name.slice(2)), of: undefined })),
  ];
}

function missing(name: string): never {
  throw new Error(`ntkc bug: no statement ${name}`);
}
