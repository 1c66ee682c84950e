/** What the code of a spatial program keeps, and where: for a sample, and for a pair. */
import { type Program, resolve, type Span, type Statement } from '../../../../ir/program/index.ts';
import { symbols } from '../../../../ir/scalar/index.ts';
import { type Memory, planMemory, storedValues } from './memory.ts';
import { schedule } from './schedule.ts';
import { type Step, sizeOf } from './steps.ts';

export interface Part {
  readonly steps: readonly Step[];
  /** Values that are arrays; others with positions are numbers inside one loop. */
  readonly stored: ReadonlySet<string>;
  readonly memory: Memory;
}

export interface Layout {
  /** What the values have that have positions. */
  readonly spans: ReadonlyMap<string, Span>;
  readonly sample: Part;
  readonly pair: Part;
  /** Values and expansions of a sample that pairs read at either end. */
  readonly ends: readonly string[];
  /** What is kept of a sample: these, and what the diagonal of an output reads. */
  readonly kept: readonly string[];
}

export function layoutOf(program: Program): Layout {
  const weights = new Set(program.weights.map((w) => w.name));
  const pairs = program.statements.filter((s) => s.domain === 'pair');
  const ends = unique([...pairs.flatMap(readAtEnds), ...program.outputs.flatMap((o) => endSymbols(symbols(o.pair)))]);
  const kept = unique([...ends, ...program.outputs.flatMap((o) => symbols(o.self))]).filter(
    (name) => !weights.has(name),
  );
  const domains = new Map(program.statements.map((s) => [s.name, s.domain]));
  const [sampleSteps, pairSteps] = [schedule(program, 'sample'), schedule(program, 'pair')];
  const spans = new Map(
    program.statements.flatMap((s) => (s.grid && s.kind !== 'expand' ? [[s.name, s.grid.span]] : [])),
  );
  const arraysOf = (names: ReadonlySet<string>) => new Set([...names].filter((name) => spans.has(name)));
  const sampleStored = arraysOf(storedValues(sampleSteps, new Set(kept)));
  const pairStored = arraysOf(storedValues(pairSteps, new Set()));
  // A sample's self values outlive the sample's turn; its full ones are as large as a pair's.
  const isShared = (name: string) => domains.get(name) !== 'self' && !kept.includes(name);
  return {
    spans,
    sample: { steps: sampleSteps, stored: sampleStored, memory: planMemory(sampleSteps, sampleStored, isShared) },
    pair: { steps: pairSteps, stored: pairStored, memory: planMemory(pairSteps, pairStored, () => true) },
    ends,
    kept,
  };
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
  const { sample, pair, kept } = layoutOf(program);
  const numbers = ({ memory }: Part) => memory.buffers.reduce((sum, n) => sum + n, 0);
  const sizeIn = (s: Statement) =>
    (s.grid === undefined ? 1 : sizeOf(s.grid)) * (s.kind === 'expand' ? coefficients : 1);
  const sum = (statements: readonly Statement[]) => statements.reduce((all, s) => all + sizeIn(s), 0);
  return {
    arrayBytes: 8 * (numbers(pair) + numbers(sample)),
    keptBytes: 8 * sum(program.statements.filter((s) => kept.includes(s.name))),
    pairNumbers: sum(program.statements.filter((s) => s.domain === 'pair')),
  };
}
