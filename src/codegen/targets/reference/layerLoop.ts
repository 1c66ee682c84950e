/** Layers that repeat as a loop over one list of statements, called as in the first of them. */
import { type Program, reads, renamed, resolve, type Statement } from '../../../ir/program/index.ts';
import { symbols } from '../../../ir/scalar/index.ts';
import { type Layers, partsOf } from './layers.ts';
import { handedNames } from './naming.ts';

export interface LayerLoop {
  readonly kind: 'layers';
  readonly times: number;
  /** Of every layer. */
  readonly statements: readonly Statement[];
  readonly before: readonly Before[];
  readonly weights: Layers['weights'];
  /** Values that are read after the loop. */
  readonly leaving: readonly Leaving[];
}
/** What a layer reads of the layer before. */
export interface Before {
  /** The variable it is read by. */
  readonly variable: string;
  /** The layer's own value, which the next one reads. */
  readonly own: Statement;
  /** What the first layer reads. */
  readonly initial: string;
}
export interface Leaving {
  /** Its name in the program. */
  readonly name: string;
  readonly own: Statement;
  readonly layer: number;
}

/** The statements of a program; of layers that repeat one, in a loop. All of them where an expansion is read after its loop. */
export function withLoops(program: Program): readonly (Statement | LayerLoop)[] {
  const { parts, values } = partsOf(program);
  const taken = new Set(program.statements.map((s) => s.name));
  const loops = parts.map((part) => (part.kind === 'layers' ? { part, ...loopOf(part, taken) } : part));
  const later = new Set([
    ...program.outputs.flatMap((o) => [...symbols(o.pair).map((v) => resolve(v).name), ...symbols(o.self)]),
    ...loops.flatMap((l) => (l.kind === 'layers' ? l.fromOutside : reads(l))),
  ]);
  const result = loops.map((l): Statement | LayerLoop => {
    if (l.kind !== 'layers') return l;
    const { part, fromOutside: _, ...loop } = l;
    const leaving = [...later].flatMap((name): Leaving[] => {
      const value = values.get(name);
      const own = value?.layers === part ? loop.statements.find((s) => s.name === value.first) : undefined;
      return value === undefined || own === undefined ? [] : [{ name, own, layer: value.layer }];
    });
    return { ...loop, leaving };
  });
  const isPlain = result.every((r) => r.kind !== 'layers' || r.leaving.every(({ own }) => own.kind !== 'expand'));
  return isPlain ? result : program.statements;
}

function loopOf(layers: Layers, taken: Set<string>) {
  const variables = handedNames(layers.carried.keys(), 'Before', taken);
  const called = (name: string): string => {
    const found = layers.find(name);
    return found.at === 'before' ? (variables.get(found.name) as string) : found.name;
  };
  const statements = layers.statements.map((s) => renamed(s, called));
  const before = [...layers.carried].map(
    ([name, initial]): Before => ({
      variable: variables.get(name) as string,
      own: statements.find((s) => s.name === name) as Statement,
      initial,
    }),
  );
  const outside = layers.statements.flatMap(reads).filter((name) => layers.find(name).at === 'outside');
  const { kind, times, weights } = layers;
  return {
    kind,
    times,
    statements,
    before,
    weights,
    leaving: [],
    fromOutside: [...layers.carried.values(), ...outside],
  };
}

/** The variable that holds a value after its loop: that of the last layer, where the next one would read it. */
export const variableOf = ({ own, layer }: Leaving, { before, times }: LayerLoop): string | undefined =>
  layer === times - 1 ? before.find((b) => b.own === own)?.variable : undefined;

/** The value that a layer reads of the one before, as a statement under the name it is read by. */
export const readBefore = ({ variable, own }: Before): Statement => ({ ...own, name: variable });
