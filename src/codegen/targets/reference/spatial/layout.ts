/** What the code of a spatial program keeps, and where: for a sample, and for a pair. */
import { type Expand, type Program, resolve, type Span, type Statement } from '../../../../ir/program/index.ts';
import { symbols } from '../../../../ir/scalar/index.ts';
import { type LayerLoop, withLoops } from '../layerLoop.ts';
import { type Block, blocksOf, namedIn } from './blocks.ts';
import { type Memory, planMemory, storedValues } from './memory.ts';
import { sizeOf } from './steps.ts';

export interface Part {
  readonly blocks: readonly Block[];
  /** Values that are arrays; others with positions are numbers inside one loop. */
  readonly stored: ReadonlySet<string>;
  readonly memory: Memory;
}

/** What is kept of a sample for each layer that repeats. */
export interface KeptLayers {
  /** Its field of what is kept of a sample. */
  readonly field: string;
  /** Values and expansions that pairs read at either end, by their names in the loop. */
  readonly ends: readonly string[];
  /** These, and what is read after the loop. */
  readonly kept: readonly string[];
}

export interface Layout {
  readonly parts: readonly (Statement | LayerLoop)[];
  /** Expansions outside loops, and those of one layer of each. */
  readonly expansions: readonly Expand[];
  /** Whether a name is one of a loop's. */
  readonly isRepeated: (name: string) => boolean;
  /** What the values have that have positions. */
  readonly spans: ReadonlyMap<string, Span>;
  readonly sample: Part;
  readonly pair: Part;
  /** Values and expansions of a sample that pairs read at either end, outside loops or in each layer alike. */
  readonly ends: readonly string[];
  /** What is kept of a sample: these, and what the diagonal of an output reads. */
  readonly kept: readonly string[];
  readonly layers: ReadonlyMap<LayerLoop, KeptLayers>;
}

/** `loops`: layers that repeat stand in loops, else every one is written out. */
export function layoutOf(program: Program, loops = true): Layout {
  const parts = loops ? withLoops(program) : program.statements;
  const repeated = parts.flatMap((p) => (p.kind === 'layers' ? p.statements : []));
  const isRepeated = (name: string) => repeated.some((s) => s.name === name);
  const { ends, kept, layers, own } = keptIn(program, parts);
  const named = namedIn(program, parts);
  const spans = new Map(named.flatMap((s) => (s.grid && s.kind !== 'expand' ? [[s.name, s.grid.span]] : [])));
  const domains = new Map(named.map((s) => [s.name, s.domain]));
  // A sample's self values outlive the sample's turn; its full ones are as large as a pair's.
  const isShared = (name: string) => domains.get(name) !== 'self' && !own.has(name);
  const partOf = (part: 'sample' | 'pair'): Part => {
    const blocks = blocksOf(program, parts, part, (s) => part === 'pair' || isShared(s.name));
    const always = part === 'pair' ? new Set<string>() : own;
    const stored = new Set([...storedValues(blocks, always)].filter((name) => spans.has(name)));
    return { blocks, stored, memory: planMemory(blocks, stored, part === 'pair' ? () => true : isShared) };
  };
  const expansions = parts
    .flatMap((p) => (p.kind === 'layers' ? p.statements : [p]))
    .filter((s) => s.kind === 'expand');
  const [sample, pair] = [partOf('sample'), partOf('pair')];
  return { parts, expansions, isRepeated, spans, sample, pair, ends, kept, layers };
}

/** What is kept of a sample, outside loops and layer by layer. */
function keptIn(
  program: Program,
  parts: Layout['parts'],
): Pick<Layout, 'ends' | 'kept' | 'layers'> & { readonly own: ReadonlySet<string> } {
  const weights = new Set(program.weights.map((w) => w.name));
  const pairEnds = (statements: readonly Statement[]) =>
    statements.filter((s) => s.domain === 'pair').flatMap(readAtEnds);
  const outer = pairEnds(parts.filter((p) => p.kind !== 'layers'));
  const layers = new Map<LayerLoop, KeptLayers>();
  for (const loop of parts) {
    if (loop.kind !== 'layers') continue;
    const inside = new Set([...loop.statements.map((s) => s.name), ...loop.before.map((b) => b.variable)]);
    const read = pairEnds(loop.statements);
    const ends = unique(read.filter((name) => inside.has(name)));
    outer.push(...read.filter((name) => !inside.has(name)));
    layers.set(loop, { field: `layers${layers.size === 0 ? '' : layers.size + 1}`, ends, kept: ends });
  }
  const ends = unique([...outer, ...program.outputs.flatMap((o) => endSymbols(symbols(o.pair)))]);
  const kept = unique([...ends, ...program.outputs.flatMap((o) => symbols(o.self))]).filter(
    (name) => !weights.has(name),
  );
  const own = ownArrays(kept, layers);
  for (const [loop, { field, ends: inLoop }] of layers) {
    const leaving = loop.leaving.filter((l) => l.own.domain === 'self' || own.has(l.own.name)).map((l) => l.own);
    const ofSamples = leaving.filter((s) => s.domain !== 'pair').map((s) => s.name);
    layers.set(loop, { field, ends: inLoop, kept: unique([...inLoop, ...ofSamples]) });
  }
  return { ends, kept, layers, own };
}

/** Values that are kept, and what becomes one of them after a loop or in its next layer: no other array takes their place. */
function ownArrays(kept: readonly string[], layers: Layout['layers']): ReadonlySet<string> {
  const own = new Set([...kept, ...[...layers.values()].flatMap((l) => l.ends)]);
  for (let before = -1; before < own.size; ) {
    before = own.size;
    for (const loop of layers.keys()) {
      for (const b of loop.before) if (own.has(b.variable)) own.add(b.own.name).add(b.initial);
      for (const l of loop.leaving) if (own.has(l.name) || own.has(l.own.name)) own.add(l.name).add(l.own.name);
    }
  }
  return own;
}

const unique = (names: readonly string[]) => [...new Set(names)].sort();
const endSymbols = (names: readonly string[]) =>
  names.map((v) => resolve(v)).flatMap(({ name, at }) => (at === 'here' ? [] : [name]));

function readAtEnds(s: Statement): readonly string[] {
  if (s.kind === 'map') return endSymbols(symbols(s.expr));
  if (s.kind === 'dual') return [s.expansion];
  return s.kind === 'contract' ? [s.matrix] : [];
}

/** What a program with positions takes, as the reference target lays it out. */
export interface Workload {
  /** Bytes of the arrays of a pair and of a sample; they are made once. */
  readonly arrayBytes: number;
  /** Bytes kept of every sample. */
  readonly keptBytes: number;
  /** Numbers computed for a pair. */
  readonly pairNumbers: number;
}

/** Coefficients of an expansion, of φ and φ' together: what tanh takes. */
const coefficients = 2 * 200;

export function workload(program: Program): Workload {
  const { parts, sample, pair, kept, layers } = layoutOf(program);
  const numbers = ({ memory }: Part) => memory.buffers.reduce((sum, n) => sum + n, 0);
  const sizeIn = (s: Statement) =>
    (s.grid === undefined ? 1 : sizeOf(s.grid)) * (s.kind === 'expand' ? coefficients : 1);
  const sum = (statements: readonly Statement[]) => statements.reduce((all, s) => all + sizeIn(s), 0);
  const keptOf = (p: Statement | LayerLoop): number => {
    if (p.kind !== 'layers') return kept.includes(p.name) ? sizeIn(p) : 0;
    const names = layers.get(p)?.kept ?? [];
    return p.times * sum(p.statements.filter((s) => names.includes(s.name)));
  };
  return {
    arrayBytes: 8 * (numbers(pair) + numbers(sample)),
    keptBytes: 8 * parts.reduce((all, p) => all + keptOf(p), 0),
    pairNumbers: sum(program.statements.filter((s) => s.domain === 'pair')),
  };
}
