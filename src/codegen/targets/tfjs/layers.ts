/** Layers that repeat as loops: of samples, whose values are kept by layer, and of pairs, which free each layer's matrices. */
import { type PointStatement, type Program, reads, resolve } from '../../../ir/program/index.ts';
import { substitute, sym, symbols } from '../../../ir/scalar/index.ts';
import { handedNames, type Layers, partsOf } from '../reference/index.ts';

/** One loop, its statements called as in the first layer. */
export interface LayerLoop {
  readonly kind: 'layers';
  readonly times: number;
  /** The field of self values that holds those of every layer. */
  readonly field: string;
  readonly self: readonly PointStatement[];
  readonly pair: readonly PointStatement[];
  /** Variables for what the layer before has made: its name in the first layer, and what the first layer reads. */
  readonly before: readonly Before[];
  readonly weights: Layers['weights'];
  /** Values of the last layer that are read later: their names, and the variables they are in. */
  readonly leaving: readonly { readonly name: string; readonly variable: string; readonly domain: 'self' | 'pair' }[];
}
export interface Before {
  readonly variable: string;
  readonly name: string;
  readonly initial: string;
  readonly domain: 'self' | 'pair';
}

export type Part = PointStatement | LayerLoop;

const known = new WeakMap<Program, readonly Part[]>();

/** The statements of a program of vectors; those that repeat as loops, where what is read after these is handed on anyway. */
export function partsOfVectors(program: Program): readonly Part[] {
  const parts = known.get(program) ?? makeParts(program);
  known.set(program, parts);
  return parts;
}

function makeParts(program: Program): readonly Part[] {
  const written = program.statements as readonly PointStatement[];
  if (program.kernel === 'layerwise') return written;
  const { parts, values } = partsOf(program);
  const later = new Set([
    ...written.filter((s) => !values.has(s.name)).flatMap(reads),
    ...program.outputs.flatMap((o) => [...symbols(o.pair).map((v) => resolve(v).name), ...symbols(o.self)]),
    ...parts.flatMap((part) => (part.kind === 'layers' ? [...part.carried.values(), ...outsideReads(part)] : [])),
  ]);
  const expansions = new Set(written.filter((s) => s.kind === 'expand').map((s) => s.name));
  const isHanded = (name: string) => {
    const value = values.get(name);
    if (value === undefined) return true;
    return value.layer === value.layers.times - 1 && value.layers.carried.has(value.first) && !expansions.has(name);
  };
  const hasPlainReads = (part: Layers) => !outsideReads(part).some((name) => expansions.has(name));
  const isPlain = parts.every((part) => part.kind !== 'layers' || hasPlainReads(part));
  if (!isPlain || ![...later].every(isHanded)) return written;
  const taken = new Set<string>();
  let count = 0;
  return parts.map((part): Part => {
    if (part.kind !== 'layers') return part as PointStatement;
    const leaving = [...later].flatMap((name) => {
      const value = values.get(name);
      return value?.layers === part ? [{ name, first: value.first }] : [];
    });
    return loopOf(part, leaving, `layers${++count === 1 ? '' : count}`, taken);
  });
}

/** A loop, with names for what a layer hands to the next. */
function loopOf(
  layers: Layers,
  leaving: readonly { readonly name: string; readonly first: string }[],
  field: string,
  taken: Set<string>,
): LayerLoop {
  const variables = handedNames(layers.carried.keys(), 'Before', taken);
  const rename = renamer(layers, variables);
  const statements = (layers.statements as readonly PointStatement[]).map(rename);
  const [self, pair] = (['self', 'pair'] as const).map((domain) => statements.filter((s) => s.domain === domain));
  const domainOf = (name: string) => (self?.some((s) => s.name === name) ? 'self' : 'pair');
  const variableOf = (name: string) => variables.get(name) as string;
  return {
    kind: 'layers',
    times: layers.times,
    field,
    self: self ?? [],
    pair: pair ?? [],
    before: [...layers.carried].map(([name, initial]) => ({
      variable: variableOf(name),
      name,
      initial,
      domain: domainOf(name),
    })),
    weights: layers.weights,
    leaving: leaving.map(({ name, first }) => ({ name, variable: variableOf(first), domain: domainOf(first) })),
  };
}

/** What stands outside loops. */
export const outsideLayers = (program: Program): Program => ({
  ...program,
  statements: partsOfVectors(program).filter((part) => part.kind !== 'layers'),
});

/** Symbols of pair statements in loops that read self values from outside: q1_x. */
export function readByLayers(program: Program): readonly string[] {
  return partsOfVectors(program).flatMap((part) => {
    if (part.kind !== 'layers') return [];
    const own = new Set([...part.self.map((s) => s.name), ...part.before.map((b) => b.variable)]);
    const read = part.pair.flatMap((s) => (s.kind === 'map' ? symbols(s.expr) : []));
    return read.filter((v) => resolve(v).at !== 'here' && !own.has(resolve(v).name));
  });
}

/** Values from before a loop that every layer reads. */
const outsideReads = (layers: Layers): readonly string[] =>
  layers.statements.flatMap(reads).filter((name) => layers.find(name).at === 'outside');

/** A statement called as in the first layer. */
function renamer(layers: Layers, variables: ReadonlyMap<string, string>) {
  const called = (name: string): string => {
    const found = layers.find(name);
    return found.at === 'before' ? (variables.get(found.name) as string) : found.name;
  };
  return (s: PointStatement): PointStatement => {
    const name = called(s.name);
    switch (s.kind) {
      case 'inner':
        return { ...s, name };
      case 'map': {
        const symbol = (v: string) => {
          if (s.domain === 'self') return called(v);
          const { name: read, at } = resolve(v);
          return at === 'here' ? called(read) : `${called(read)}_${at}`;
        };
        const renamed = symbols(s.expr)
          .filter((v) => v !== 'pi')
          .map((v) => [sym(v), sym(symbol(v))] as const);
        return { ...s, name, expr: substitute(s.expr, new Map(renamed)) };
      }
      case 'expand':
        return { ...s, name, variance: called(s.variance) };
      case 'dual':
        return { ...s, name, expansion: called(s.expansion), covariance: called(s.covariance) };
    }
  };
}
