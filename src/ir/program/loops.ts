/**
 * Loops of a program: runs of statements that repeat, each period doing to the values of the one before what that did to
 * its own. They are found in the statements, so a network written out layer by layer has them as one with `repeat` does.
 */
import { type Expr, printScalar, substitute, sym, symbols } from '../scalar/index.ts';
import { atX, atY, type Program, resolve, type Statement } from './program.ts';
import { reads } from './prune.ts';

export interface Loop {
  /** Index of the first statement of the first period. */
  readonly from: number;
  /** Statements of a period. */
  readonly length: number;
  readonly times: number;
}

/** Runs of at least this many periods are worth a loop. */
const fewest = 3;

/** Loops that do not overlap, in order. */
export function findLoops(program: Program): readonly Loop[] {
  const forms = formsOf(program);
  const loops: Loop[] = [];
  for (let from = 0; from < forms.length; ) {
    const loop = loopFrom(forms, from);
    if (loop !== undefined) loops.push(loop);
    from += loop === undefined ? 1 : loop.length * loop.times;
  }
  return loops;
}

/** A statement without its names: what it does, and how far back what it reads stands. */
interface Form {
  readonly text: string;
  /** Indices of the statements it reads, the nearest first. */
  readonly reads: readonly number[];
}

function formsOf({ statements, weights }: Program): readonly Form[] {
  const place = new Map(statements.map((s, i) => [s.name, i]));
  const weightAt = new Map(weights.map((w, i) => [w.name, i]));
  let nextWeight = 0;
  return statements.map((s) => {
    const names = [...new Set(reads(s))];
    const read = names.flatMap((name) => place.get(name) ?? []).sort((a, b) => b - a);
    const own = names.flatMap((name) => weightAt.get(name) ?? []).sort((a, b) => a - b);
    const alias = new Map<string, string>(
      names.map((name) => {
        const weight = weightAt.get(name);
        return [name, weight === undefined ? `r${read.indexOf(place.get(name) as number)}` : `w${weight - nextWeight}`];
      }),
    );
    nextWeight = Math.max(nextWeight, ...own.map((w) => w + 1));
    return { text: textOf(s, alias), reads: read };
  });
}

function textOf({ name: _, ...s }: Statement, alias: ReadonlyMap<string, string>): string {
  const named = (name: string) => alias.get(name) ?? name;
  const written = (e: Expr) =>
    printScalar(
      substitute(
        e,
        new Map(
          symbols(e).map((symbol) => {
            const { name, at } = s.domain === 'self' ? { name: symbol, at: 'here' } : resolve(symbol);
            const to = named(name);
            return [sym(symbol), sym(at === 'x' ? atX(to) : at === 'y' ? atY(to) : to)] as const;
          }),
        ),
      ),
    );
  return JSON.stringify(s, (key, value: unknown) => {
    if (key === 'expr') return written(value as Expr);
    if (key === 'phi' || key === 'dphi') return printScalar(value as Expr);
    return typeof value === 'string' && alias.has(value) ? named(value) : value;
  });
}

/** The shortest loop that begins at a statement. */
function loopFrom(forms: readonly Form[], from: number): Loop | undefined {
  const first = forms[from] as Form;
  for (let length = 1; from + fewest * length <= forms.length; length++) {
    if (forms[from + length]?.text !== first.text) continue;
    let matched = 0;
    while (isRepeated(forms, from, from + matched, length)) matched++;
    const times = Math.floor(matched / length) + 1;
    if (times >= fewest) return { from, length, times };
  }
  return undefined;
}

/**
 * Whether the statement a period after `at` does the same: what it reads stands in the same place of its own period or
 * of the one before, or is one and the same value from before the loop.
 */
function isRepeated(forms: readonly Form[], from: number, at: number, length: number): boolean {
  const [one, other] = [forms[at] as Form, forms[at + length]];
  if (other === undefined || one.text !== other.text || one.reads.length !== other.reads.length) return false;
  const period = from + Math.floor((at + length - from) / length) * length;
  return one.reads.every((read, i) => {
    const next = other.reads[i] as number;
    return next === read ? next < from : next === read + length && next >= period - length;
  });
}
