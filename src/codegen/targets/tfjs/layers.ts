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

/** The statements of a program of vectors; those that repeat as loops, where what is read after these is handed on anyway. */
export function partsOfVectors(program: Program): readonly Part[] {
  const written = program.statements as readonly PointStatement[];
  if (program.kernel === 'layerwise') return written;
  const { parts, values } = partsOf(program);
  const inLoops = new Set(values.keys());
  const outside = written.filter((s) => !inLoops.has(s.name));
  const later = new Set([
    ...outside.flatMap(reads),
    ...program.outputs.flatMap((o) => [...symbols(o.pair).map((v) => resolve(v).name), ...symbols(o.self)]),
    ...parts.flatMap((part) => (part.kind === 'layers' ? [...part.carried.values(), ...outsideReads(part)] : [])),
  ]);
  const domains = new Map(written.map((s) => [s.name, s.kind === 'expand' ? 'expansion' : s.domain]));
  const taken = new Set<string>();
  let count = 0;
  const made = parts.map((part): Part | undefined => {
    if (part.kind !== 'layers') return part as PointStatement;
    count++;
    const leaving = [...later].filter((name) => values.get(name)?.layers === part);
    const isHanded = (name: string) => {
      const value = values.get(name);
      return value?.layer === part.times - 1 && part.carried.has(value.first) && domains.get(name) !== 'expansion';
    };
    if (!leaving.every(isHanded) || outsideReads(part).some((name) => domains.get(name) === 'expansion'))
      return undefined;
    const variables = handedNames(part.carried.keys(), 'Before', taken);
    const domainOf = (name: string) => domains.get(name) as 'self' | 'pair';
    const rename = renamer(part, variables);
    return {
      kind: 'layers',
      times: part.times,
      field: `layers${count === 1 ? '' : count}`,
      self: (part.statements as readonly PointStatement[]).filter((s) => s.domain === 'self').map(rename),
      pair: (part.statements as readonly PointStatement[]).filter((s) => s.domain === 'pair').map(rename),
      before: [...part.carried].map(([name, initial]) => ({
        variable: variables.get(name) as string,
        name,
        initial,
        domain: domainOf(name),
      })),
      weights: part.weights,
      leaving: leaving.map((name) => ({
        name,
        variable: variables.get(values.get(name)?.first as string) as string,
        domain: domainOf(name),
      })),
    };
  });
  return made.every((part) => part !== undefined) ? made : written;
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
