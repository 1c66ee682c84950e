/** What emitted code calls the values of a program: those of layers that repeat stand in arrays by layer. */
import { type Expand, type Program, reads, resolve } from '../../../ir/program/index.ts';
import { type Expr, symbols } from '../../../ir/scalar/index.ts';
import { type Layers, type Parts, partsOf, writtenOut } from './layers.ts';

export interface ReferenceStyle {
  /**
   * For a module with a `tile` of its own: the loop over pairs is called `pairs` and stays inside, and a batch of variances
   * is expanded by `expandMany`.
   */
  readonly embedded: boolean;
  /** Layers that repeat as loops; without, every value of a sample is a field of what `prepare` returns. */
  readonly loops: boolean;
  /** With positions: `prepare` checks patterns and masks, which the runtime has done for itself. */
  readonly checksGiven?: boolean;
}

export class Naming {
  readonly program: Program;
  readonly style: ReferenceStyle;
  readonly parts: Parts['parts'];
  readonly #values: Parts['values'];

  constructor(program: Program, style: ReferenceStyle) {
    this.program = program;
    this.style = style;
    const { parts, values } = style.loops ? partsOf(program) : writtenOut(program);
    this.parts = parts;
    this.#values = values;
  }

  /** Expansions that differ: those of layers that repeat once. */
  expansions(): readonly Expand[] {
    const { statements } = this.program;
    return statements.filter((s) => s.kind === 'expand').filter(({ name }) => !this.layerOf(name));
  }

  /** Where a value of layers that repeat stands: its layer, from 0. */
  layerOf(name: string): number | undefined {
    return this.#values.get(name)?.layer;
  }

  /** A self value outside loops: q1, or q2[18] where it is of a layer that repeats. */
  self(name: string): string {
    const value = this.#values.get(name);
    return value === undefined ? name : `${value.first}[${value.layer}]`;
  }

  /** A self value, of a prepared batch, that a layer that repeats reads. */
  selfInLayers(layers: Layers, name: string, batch: string): string {
    const found = layers.find(name);
    if (found.at === 'own') return `${batch}.${found.name}[layer]`;
    if (found.at === 'outside') return `${batch}.${this.self(name)}`;
    const initial = this.self(layers.carried.get(found.name) as string);
    return `(layer === 0 ? ${batch}.${initial} : ${batch}.${found.name}[layer - 1])`;
  }

  /** Values on pairs of the last of layers that repeat that are read later, by their name in the first. */
  leaving(layers: Layers): ReadonlyMap<string, string> {
    const { statements, outputs } = this.program;
    const last = new Map(
      [...this.#values].flatMap(([name, v]) =>
        v.layers === layers && v.layer === layers.times - 1 ? [[name, v.first] as const] : [],
      ),
    );
    const later = new Set([
      ...statements.filter((s) => s.domain === 'pair' && !last.has(s.name)).flatMap(reads),
      ...outputs.flatMap((o) => symbols(o.pair).map((symbol) => resolve(symbol).name)),
    ]);
    const isPair = (name: string) => statements.some((s) => s.name === name && s.domain === 'pair');
    return new Map([...last].filter(([name]) => later.has(name) && isPair(name)));
  }

  /** Declares the layer weights that stand outside loops and are read in a domain. */
  weightLines(domain: 'self' | 'pair'): readonly string[] {
    const { weights, statements, outputs } = this.program;
    if (weights.length === 0) return [];
    if (this.parts.every((part) => part.kind !== 'layers'))
      return [`const [${weights.map((w) => w.name).join(', ')}] = weights;`];
    const inLoops = new Set(this.#values.keys());
    const read = new Set([
      ...statements.filter((s) => !inLoops.has(s.name) && s.domain === domain).flatMap(reads),
      ...outputs.flatMap((o) => (domain === 'pair' ? [...symbols(o.pair), ...symbols(o.self)] : [])),
    ]);
    return weights.flatMap(({ name }, i) => (read.has(name) ? [`const ${name} = weights[${i}];`] : []));
  }

  isWeight(name: string): boolean {
    return this.program.weights.some((w) => w.name === name);
  }
}

/** Declares the weights of a layer that some of its statements read. */
export function layerWeightLines(layers: Layers, domain: 'self' | 'pair'): readonly string[] {
  const read = new Set(
    layers.statements
      .filter((s) => s.domain === domain)
      .flatMap(reads)
      .map((n) => layers.find(n).name),
  );
  return [...layers.weights].flatMap(([name, { from, by }]) =>
    read.has(name) ? [`const ${name} = weights[${from} + ${by === 1 ? '' : `${by} * `}layer];`] : [],
  );
}

/** Values of a domain that a layer reads of the layer before, called as in the first. */
export function handedBy(layers: Layers, domain: 'self' | 'pair'): ReadonlySet<string> {
  const found = layers.statements.filter((s) => s.domain === domain).flatMap((s) => reads(s).map(layers.find));
  const own = new Set(layers.statements.filter((s) => s.domain === domain).map((s) => layers.find(s.name).name));
  return new Set(found.filter(({ at, name }) => at === 'before' && own.has(name)).map(({ name }) => name));
}

/** Variables for values of a layer that are read after it: sigmaHatBefore. */
export function handedNames(names: Iterable<string>, ending: string, taken: Set<string>): ReadonlyMap<string, string> {
  const handed = new Map<string, string>();
  for (const name of names) {
    const short = `${name.replace(/\d.*$/, '')}${ending}`;
    const made = taken.has(short) ? `${name}${ending}` : short;
    taken.add(made);
    handed.set(name, made);
  }
  return handed;
}

/** Self values that expressions on pairs read at an end. */
export const readAtEnd = (expressions: readonly Expr[], end: 'x' | 'y'): readonly string[] =>
  [...new Set(expressions.flatMap(symbols).filter((v) => resolve(v).at === end))].sort();

export const indent = (lines: readonly string[], depth = 1): readonly string[] =>
  lines.map((l) => '  '.repeat(depth) + l);
