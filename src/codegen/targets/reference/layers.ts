/** Layers that repeat, as an emitted text writes them: one loop, whatever their number. */
import { findLoops, type Loop, type Program, reads, resolve, type Statement } from '../../../ir/program/index.ts';
import { type Expr, symbols } from '../../../ir/scalar/index.ts';
import { ExpressionPrinter } from './expression.ts';

/** A run of layers that repeat. A text calls each value of any layer as that of the first is called. */
export interface Layers {
  readonly kind: 'layers';
  readonly times: number;
  /** Of the second layer, whose reads tell what the layer before has made from what is the same for all. */
  readonly statements: readonly Statement[];
  /** Where a name that `statements` read stands. */
  readonly find: (name: string) => Found;
  /** What the next layer reads, by its name in the first, and what the first layer reads in its place. */
  readonly carried: ReadonlyMap<string, string>;
  /** Layer weights of the first layer: their index, and how far apart they are from layer to layer. */
  readonly weights: ReadonlyMap<string, { readonly from: number; readonly by: number }>;
}
export type Found =
  | { readonly at: 'own' | 'before' | 'weight'; readonly name: string }
  | { readonly at: 'outside'; readonly name: string };

/** A value of a layer that repeats: what the first layer calls it, and the layer, from 0. */
export interface LayerValue {
  readonly layers: Layers;
  readonly first: string;
  readonly layer: number;
}

export interface Parts {
  readonly parts: readonly (Statement | Layers)[];
  readonly values: ReadonlyMap<string, LayerValue>;
}

/** A program's statements, written out and in loops. */
export function partsOf(program: Program): Parts {
  const parts: (Statement | Layers)[] = [];
  const values = new Map<string, LayerValue>();
  let next = 0;
  for (const loop of findLoops(program)) {
    const run = bestRun(new Runs(program, loop.length), loop);
    if (run === undefined || run.from < next) continue;
    parts.push(...program.statements.slice(next, run.from));
    const { layers, names } = layersOf(run);
    parts.push(layers);
    names.forEach((of, layer) => {
      for (const [j, name] of of.entries()) values.set(name, { layers, first: names[0]?.[j] as string, layer });
    });
    next = run.from + run.times * loop.length;
  }
  return { parts: [...parts, ...program.statements.slice(next)], values };
}

/** The program without loops. */
export const writtenOut = (program: Program): Parts => ({ parts: program.statements, values: new Map() });

interface Run {
  readonly runs: Runs;
  readonly from: number;
  readonly times: number;
}

/**
 * Where a layer begins: there where fewest values are handed on. The first layer may differ from the others in the order
 * of its terms, and is then left out.
 */
function bestRun(runs: Runs, { from, times }: Loop): Run | undefined {
  const starts = Array.from({ length: 2 * runs.length }, (_, i) => from + i)
    .map((start) => ({ start, handed: runs.carriedFrom(start).size }))
    .sort((a, b) => a.handed - b.handed || a.start - b.start);
  let best: Run | undefined;
  for (const { start } of starts) {
    const run = { runs, from: start, times: runs.timesFrom(start, from + runs.length * times) };
    if (run.times >= fewest && run.times > (best?.times ?? 0)) best = run;
    if (best !== undefined && best.times >= times - 1) return best;
  }
  return best;
}
const fewest = 3;

/** Layers of one length, wherever they begin. */
class Runs {
  readonly length: number;
  readonly program: Program;
  readonly #place: ReadonlyMap<string, number>;
  readonly #weight: ReadonlyMap<string, number>;

  constructor(program: Program, length: number) {
    this.program = program;
    this.length = length;
    this.#place = new Map(program.statements.map((s, i) => [s.name, i]));
    this.#weight = new Map(program.weights.map((w, i) => [w.name, i]));
  }

  /** Statements of a layer. */
  layer(from: number, layer: number): readonly Statement[] {
    return this.program.statements.slice(from + layer * this.length, from + (layer + 1) * this.length);
  }

  /** Where a name that a layer reads stands; called as in the first layer. */
  find(from: number, layer: number, name: string): Found {
    const place = this.#place.get(name);
    if (place === undefined) return { at: 'weight', name };
    const own = from + layer * this.length;
    const called = (i: number) => this.program.statements[from + i]?.name as string;
    if (place >= own) return { at: 'own', name: called(place - own) };
    if (place >= Math.max(from, own - this.length)) return { at: 'before', name: called(place - own + this.length) };
    return { at: 'outside', name };
  }

  /** What layers read of the layer before, and what the first reads instead. */
  carriedFrom(from: number): ReadonlyMap<string, string> {
    const carried = new Map<string, string>();
    for (const name of this.layer(from, 1).flatMap(reads)) {
      const found = this.find(from, 1, name);
      const initial = this.program.statements[(this.#place.get(name) ?? 0) - this.length]?.name;
      if (found.at === 'before' && initial !== undefined) carried.set(found.name, initial);
    }
    return carried;
  }

  /** Layers from `start` that do the same to the last bit, the loop found ending at `end` or some statements later. */
  timesFrom(start: number, end: number): number {
    const carried = this.carriedFrom(start);
    if (![...carried].every(([name, initial]) => this.#canFollow(name, initial))) return 0;
    const text = this.#text(start, 1, carried);
    if (this.#text(start, 0, carried) !== text) return 0;
    let times = 2;
    while (start + (times + 1) * this.length <= end + this.length && this.#text(start, times, carried) === text)
      times++;
    return this.#isReadAfter(start, times) ? 0 : times;
  }

  /** Whether a layer can hand a value on, in the place of what the first layer reads. */
  #canFollow(name: string, initial: string): boolean {
    const [own, first] = [name, initial].map((n) => this.program.statements[this.#place.get(n) ?? 0]);
    const cells = (s: Statement | undefined) => `${s?.domain} ${s?.grid?.span} ${s?.grid?.extents.join()}`;
    return own?.kind !== 'expand' && first?.kind !== 'expand' && cells(own) === cells(first);
  }

  weightsFrom(from: number): ReadonlyMap<string, { readonly from: number; readonly by: number }> {
    const of = (layer: number) =>
      [...new Set(this.layer(from, layer).flatMap(reads))].flatMap((name) => this.#weight.get(name) ?? []);
    const [first, second] = [of(0), of(1)];
    return new Map(
      first.map((index, i) => [
        this.program.weights[index]?.name as string,
        { from: index, by: (second[i] ?? index) - index },
      ]),
    );
  }

  /** Whether what stands after a run reads pairs of a layer other than the last: their values are gone. */
  #isReadAfter(from: number, times: number): boolean {
    const { statements, outputs } = this.program;
    const later = [
      ...statements.slice(from + times * this.length).flatMap(reads),
      ...outputs.flatMap((o) => symbols(o.pair).map((symbol) => resolve(symbol).name)),
    ];
    return later.some((name) => {
      const place = this.#place.get(name) ?? -1;
      const isGone = place >= from && place < from + (times - 1) * this.length;
      return isGone && statements[place]?.domain !== 'self';
    });
  }

  /** What the statements of a layer do, called as in the first: the same text is the same to the last bit. */
  #text(from: number, layer: number, carried: ReadonlyMap<string, string>): string {
    const initials = new Map([...carried].map(([name, initial]) => [initial, name]));
    const weights = this.weightsFrom(from);
    const own = this.layer(from, layer);
    return own
      .map((s, j) => {
        const second = this.program.statements[from + this.length + j];
        const fixed = new Set(second === undefined ? [] : reads(second));
        const called = (name: string): string => {
          const { at, name: known } = this.find(from, layer, name);
          if (at === 'weight') return `weight ${weightAt(weights, this.#weight.get(name) ?? 0, layer)}`;
          // The first layer reads what stands before the loop both for the layer before and for itself.
          const initial = layer === 0 && at === 'outside' && !fixed.has(name) ? initials.get(name) : undefined;
          return initial === undefined ? `${at} ${known}` : `before ${initial}`;
        };
        return statementText(s, called);
      })
      .join('\n');
  }
}

/** The weight of the first layer that stands where this one does. */
function weightAt(weights: ReadonlyMap<string, { from: number; by: number }>, index: number, layer: number): string {
  for (const [name, { from, by }] of weights) if (from + layer * by === index) return name;
  return `other ${index}`;
}

function statementText({ name: _, ...s }: Statement, called: (name: string) => string): string {
  const printer = new ExpressionPrinter([], (symbol) => {
    const { name, at } = s.domain === 'self' ? { name: symbol, at: 'here' } : resolve(symbol);
    return `[${called(name)} ${at}]`;
  });
  const known = new Set(reads({ name: '', ...s } as Statement));
  return JSON.stringify(s, (key, value: unknown) => {
    if (key === 'expr' || key === 'phi' || key === 'dphi')
      return key === 'expr'
        ? printer.print(value as Expr).text
        : new ExpressionPrinter([], (x) => x).print(value as Expr).text;
    return typeof value === 'string' && known.has(value) ? called(value) : value;
  });
}

function layersOf({ runs, from, times }: Run): {
  readonly layers: Layers;
  readonly names: readonly (readonly string[])[];
} {
  const names = Array.from({ length: times }, (_, layer) => runs.layer(from, layer).map((s) => s.name));
  const weights = runs.weightsFrom(from);
  const second = new Map(
    [...weights].map(([name, { from: index, by }]) => [runs.program.weights[index + by]?.name as string, name]),
  );
  const find = (name: string): Found => {
    const found = runs.find(from, 1, name);
    return found.at === 'weight' ? { at: 'weight', name: second.get(name) ?? name } : found;
  };
  const statements = runs.layer(from, 1);
  return {
    layers: { kind: 'layers', times, statements, find, carried: runs.carriedFrom(from), weights },
    names,
  };
}
