/** A program's statements of one part as blocks of steps: straight ones, and loops over layers that repeat. */
import { type Grid, type Program, reads, type Statement } from '../../../../ir/program/index.ts';
import { type Before, type LayerLoop, type Leaving, readBefore } from '../layerLoop.ts';
import { schedule } from './schedule.ts';
import { arrayOf, type CopyStep, type Step } from './steps.ts';

export interface Straight {
  readonly kind: 'straight';
  readonly steps: readonly Step[];
}
export interface Repeated {
  readonly kind: 'repeated';
  readonly loop: LayerLoop;
  /** Statements of a layer, of this part. */
  readonly statements: readonly Statement[];
  readonly steps: readonly Step[];
  /** Arrays in shared memory, handed on by copies: to the first layer, to the next, and to what follows the loop. */
  readonly enter: readonly CopyStep[];
  readonly next: readonly CopyStep[];
  readonly leave: readonly CopyStep[];
  /** Numbers, and arrays of a sample's own, handed on by variables. */
  readonly variables: readonly Before[];
  /** Numbers of the last layer that are read after the loop. */
  readonly numbers: readonly Leaving[];
}
export type Block = Straight | Repeated;

/** `isShared`: of a value with positions, whether its array takes turns in memory. */
export function blocksOf(
  program: Program,
  parts: readonly (Statement | LayerLoop)[],
  part: 'sample' | 'pair',
  isShared: (s: Statement) => boolean,
): readonly Block[] {
  const isOf = (s: Statement) => (s.domain === 'pair') === (part === 'pair');
  const grids = new Map<string, Grid | undefined>(namedIn(program, parts).map((s) => [s.name, s.grid]));
  let between = 0;
  const fresh = () => `between ${++between}`;
  const blocks: Block[] = [];
  let plain: Statement[] = [];
  const finish = () => {
    if (plain.length > 0) blocks.push({ kind: 'straight', steps: schedule(plain, grids, fresh) });
    plain = [];
  };
  for (const p of parts) {
    if (p.kind !== 'layers') {
      if (isOf(p)) plain.push(p);
      continue;
    }
    const statements = p.statements.filter(isOf);
    finish();
    if (statements.length > 0) blocks.push(repeated(p, statements, schedule(statements, grids, fresh), isOf, isShared));
  }
  finish();
  return blocks;
}

/** Every name there is: statements outside loops, of each loop's layers, what these read of the layer before, what leaves. */
export function namedIn(program: Program, parts: readonly (Statement | LayerLoop)[]): readonly Statement[] {
  const loops = parts.flatMap((p) => (p.kind === 'layers' ? p.statements.concat(p.before.map(readBefore)) : []));
  return [...program.statements, ...loops];
}

function repeated(
  loop: LayerLoop,
  statements: readonly Statement[],
  steps: readonly Step[],
  isOf: (s: Statement) => boolean,
  isShared: (s: Statement) => boolean,
): Repeated {
  const before = loop.before.filter(({ own }) => isOf(own));
  const leaving = loop.leaving.filter(({ own }) => isOf(own));
  const inMemory = before.filter((b) => b.own.grid !== undefined && isShared(readBefore(b)));
  const copy = (of: string, to: string, { grid }: Statement): CopyStep => ({
    kind: 'copy',
    of,
    out: arrayOf(to, grid as Grid),
  });
  const held = new Map(before.map(({ own, variable }) => [own.name, variable]));
  return {
    kind: 'repeated',
    loop,
    statements,
    steps,
    enter: inMemory.map((b) => copy(b.initial, b.variable, b.own)),
    next: inMemory.map((b) => copy(b.own.name, b.variable, b.own)),
    leave: leaving
      .filter(({ own }) => own.grid !== undefined && isShared(own))
      .map(({ name, own }) => copy(held.get(own.name) ?? own.name, name, own)),
    variables: before.filter((b) => !inMemory.includes(b)),
    numbers: leaving.filter(({ own }) => own.grid === undefined && own.domain === 'pair'),
  };
}

/** What a loop reads that stands before it. */
export function readFromOutside({ statements, loop }: Repeated): ReadonlySet<string> {
  const own = new Set(statements.map((s) => s.name));
  const before = new Set(loop.before.map((b) => b.variable));
  return new Set(statements.flatMap(reads).filter((name) => !own.has(name) && !before.has(name)));
}
