/** Steps that repeat, written once: with l for the number of a layer, or j for that of a repetition. */
import { findLoops, type Loop, reads, type Statement } from '../../ir/program/index.ts';
import { printScalar } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { type Line, notationOf, one } from './line.ts';
import { type ExplainedStep, explainStep, inlineCarried } from './lines.ts';
import { indexOf, numberOf, type Run, repetition } from './loopIndex.ts';
import { statementsOf } from './statements.ts';
import { writeLeft } from './writing.ts';

/** Steps that do the same several times. */
export interface StepLoop {
  /** Index of the first step among those of the derivation. */
  readonly first: number;
  /** Steps of one repetition. */
  readonly length: number;
  readonly times: number;
  /** What stands for l − or j − in the indices: its value in the first repetition, and how much it grows. */
  readonly index: 'l' | 'j';
  readonly from: number;
  readonly by: number;
  /** Paths of the layers. */
  readonly path: string;
  /** What the first repetition reads for the one before, where that has another letter. */
  readonly initial: readonly Line[];
  /** One repetition. */
  readonly steps: readonly ExplainedStep[];
}

/** The derivation's steps, those that repeat as loops. */
export function explainParts(d: Derivation): readonly (ExplainedStep | StepLoop)[] {
  const formulas = inlineCarried(d);
  const { steps } = d;
  const loops = new Map(stepLoops(d).map((loop) => [loop.first, loop]));
  const parts: (ExplainedStep | StepLoop)[] = [];
  for (let i = 0; i < steps.length; ) {
    const loop = loops.get(i);
    parts.push(loop ?? explainStep(d, formulas, steps[i] as Step, i === 0));
    i += loop === undefined ? 1 : loop.length * loop.times;
  }
  return parts;
}

/** Loops over whole steps, in order. */
export function stepLoops(d: Derivation): readonly StepLoop[] {
  const { steps } = d;
  const starts = startsOf(d, steps);
  let end = 1;
  return findLoops(d.written).flatMap((found) => {
    const loop = loopOf(d, steps, starts, found, end);
    if (loop !== undefined) end = loop.first + loop.length * loop.times;
    return loop ?? [];
  });
}

const fewest = 3;

/** Index of the first statement of each step; of steps without statements, of the next. And the end. */
function startsOf({ written }: Derivation, steps: readonly Step[]): readonly number[] {
  const place = new Map(written.statements.map((s, i) => [s.name, i]));
  const starts = [written.statements.length];
  for (const { statements } of [...steps].reverse())
    starts.unshift(place.get(statements[0] ?? '') ?? (starts[0] as number));
  return starts;
}

/** A loop of statements as one of whole steps. It begins where the first repetition reads what the others do, if it can. */
function loopOf(
  d: Derivation,
  steps: readonly Step[],
  starts: readonly number[],
  { from, length: statements, times }: Loop,
  earliest: number,
): StepLoop | undefined {
  const end = from + statements * times;
  const candidates = starts.flatMap((start, first) => {
    if (first < earliest || start < from || start >= from + statements || start + 2 * statements > end) return [];
    const length = starts.findIndex((next, i) => i > first && next === start + statements) - first;
    if (length < 1) return [];
    const run = { first, length, times: timesOf(steps, starts, first, length, statements) };
    const [one, two] = [0, 1].map((t) => repetition(steps, run, t).flatMap((s) => s.statements));
    const initial = initialLines(d, one as readonly string[], two as readonly string[]);
    return run.times >= fewest && isPlain(d, steps.slice(first, first + length)) ? [{ run, initial }] : [];
  });
  candidates.sort((a, b) => a.initial.length - b.initial.length || a.run.first - b.run.first);
  for (const { run, initial } of candidates) {
    const loop = writeLoop(d, steps, run, initial);
    if (loop !== undefined && loop.times >= fewest) return loop;
  }
  return undefined;
}

/** How often steps repeat, by the rules they apply and the number of statements. */
function timesOf(
  steps: readonly Step[],
  starts: readonly number[],
  first: number,
  length: number,
  statements: number,
): number {
  const isSame = (i: number) => {
    const [one, other] = [steps[i], steps[i + length]];
    if (one === undefined || other === undefined || formOf(one) !== formOf(other)) return false;
    return starts[i + length + 1] === (starts[i + 1] as number) + statements;
  };
  let matched = 0;
  while (isSame(first + matched)) matched++;
  return Math.floor(matched / length) + 1;
}

const formOf = ({ op, rule, source, phi, statements, noisy }: Step): string =>
  JSON.stringify([op, rule, source, phi && printScalar(phi), statements.length, noisy]);

/** Constants have names of their own, and none by layer. */
const isPlain = (d: Derivation, steps: readonly Step[]): boolean =>
  steps.every((s) => s.statements.every((name) => !statementsOf(d).constants.has(name)));

/** One repetition with its index, and how often the same stands there; nothing where the indices do not grow evenly. */
function writeLoop(d: Derivation, steps: readonly Step[], run: Run, initial: readonly Line[]): StepLoop | undefined {
  const indexed = indexOf(d, steps, run);
  if (indexed === undefined) return undefined;
  const formulas = inlineCarried(d);
  const explained = (t: number) => repetition(steps, run, t).map((s) => explainStep(indexed.at(t), formulas, s, false));
  const [first, second] = [repetition(steps, run, 0), explained(1)];
  const textOf = (list: readonly ExplainedStep[]) =>
    JSON.stringify(
      list.map((s) => [s.definitions, s.equations]),
      nameless,
    );
  const text = textOf(second);
  let times = 2;
  while (times < indexed.times && textOf(explained(times)) === text) times++;
  const own = { ...run, times };
  return {
    ...own,
    index: indexed.index,
    from: indexed.from,
    by: indexed.by,
    path: pathOf(first, repetition(steps, own, times - 1)),
    initial,
    steps: second.map(({ layer, ...step }, k) => ({
      ...step,
      notes: explainStep(
        d,
        formulas,
        first[k] as Step,
        false,
        [1, times - 1].map((t) => repetition(steps, own, t)[k] as Step),
      ).notes,
      path: pathsOf(steps, own, k),
      ...(typeof layer === 'number' && { layer: indexed.write(layer, layer - (first[k]?.layer ?? 0)) }),
    })),
  };
}

/** For JSON.stringify: names of the program differ from repetition to repetition. */
const nameless = (key: string, value: unknown): unknown => (key === 'name' ? undefined : value);

/** Where a step stands in the first, second and last repetition. */
function pathsOf(steps: readonly Step[], { first, length, times }: Run, k: number): string {
  const at = (t: number) => steps[first + t * length + k]?.path as string;
  return at(0) === at(1) ? at(0) : `${at(0)}, ${at(1)}, …, ${at(times - 1)}`;
}

/** Layers of all repetitions: what holds them, or the first and the last. */
function pathOf(one: readonly Step[], last: readonly Step[]): string {
  const [from, to] = [one[0]?.path ?? '', last.at(-1)?.path ?? ''];
  if (from === last[0]?.path) {
    const holders = [...from.matchAll(/\.layers\[/g)].map(({ index }) => from.slice(0, index));
    return holders.findLast((holder) => one.every(({ path }) => path.startsWith(`${holder}.layers[`))) ?? from;
  }
  const top = (path: string) => /^layers\[\d+\]/.exec(path)?.[0] ?? path;
  return top(from) === top(to) ? `${from} … ${to}` : `${top(from)} … ${top(to)}`;
}

/** Σ₊⁰ = Σ¹: what the first repetition reads, where the others read a value of another letter. */
function initialLines(d: Derivation, first: readonly string[], second: readonly string[]): readonly Line[] {
  const { named } = statementsOf(d);
  const place = new Map(d.written.statements.map((s, i) => [s.name, i]));
  const period = (place.get(second[0] as string) as number) - (place.get(first[0] as string) as number);
  const read = new Set(second.flatMap((name) => reads(named.get(name) as Statement)));
  const lines = first.flatMap((name, k): readonly Line[] => {
    const initial = d.written.statements[(place.get(name) as number) - period];
    const known = notationOf(d, name);
    if (!read.has(name) || known.domain === 'full' || initial === undefined) return [];
    const index = `${2 * numberOf(known) - numberOf(notationOf(d, second[k] as string))}`;
    const found = notationOf(d, initial.name);
    if (found.letter === known.letter && found.moved === known.moved && found.index === index) return [];
    const before: Derivation = { ...d, notation: new Map([...d.notation, [name, { ...known, index }]]) };
    const { tex, text } = writeLeft(d, initial);
    return [{ domain: known.domain, left: writeLeft(before, named.get(name) as Statement), ...one(tex, text) }];
  });
  return [...lines].sort((a, b) => Number(a.domain === 'self') - Number(b.domain === 'self'));
}

/** The values of the index: 2, …, 21 or 2, 4, …, 40. */
export function indexValues({ from, by, times }: StepLoop, dots: string): string {
  const last = from + (times - 1) * by;
  const few = times === 3 ? [from, from + by, last] : undefined;
  return (few ?? (by === 1 ? [from, dots, last] : [from, from + by, dots, last])).join(', ');
}
