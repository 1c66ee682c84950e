/** Where each statement of a routine is computed: in which stage, and in a stage after how many shifts. */
import { type Program, reads, resolve, type Statement } from '../../../ir/program/index.ts';
import { symbols } from '../../../ir/scalar/index.ts';
import { layoutKey } from './layout.ts';
import type { PreparedStatements } from './prepare.ts';

/** Says why a program has no plan. */
export class NotPlanned extends Error {
  /** Where its arrays are the reason: what they take, and what there is. */
  readonly memory: { readonly bytes: number; readonly mostBytes: number } | undefined;

  constructor(reason: string, memory?: NotPlanned['memory']) {
    super(reason);
    this.memory = memory;
  }
}

/**
 * - pass: cell by cell, with others of its grid and level
 * - level: from a whole array over p, after the passes of its level: expansions of samples
 * - end: from whole arrays, at the end of its stage; read from the next stage on
 * - number: of a pair or a sample, at the start of its stage
 * - given: comes with the sample
 */
export type Manner = 'pass' | 'level' | 'end' | 'number' | 'given';

export interface Placed {
  readonly statement: Statement;
  readonly manner: Manner;
  readonly stage: number;
  readonly level: number;
}

export const isOnPairs = ({ grid }: Statement): boolean => grid?.span === 'all';

function mannerOf(s: Statement, { affine, windows }: PreparedStatements): Manner {
  switch (s.kind) {
    case 'inner':
      return 'pass';
    case 'map':
      return s.grid === undefined ? 'number' : 'pass';
    case 'shiftSum':
      return affine.has(s.name) ? 'pass' : 'end';
    case 'linear':
      return windows.has(s.name) ? 'pass' : 'end';
    case 'expand':
      return s.grid === undefined ? 'number' : 'level';
    case 'dual':
      return s.grid === undefined ? 'number' : s.domain === 'self' ? 'level' : 'pass';
    case 'reduce':
    case 'average':
    case 'onlyDiagonal':
      return 'end';
    case 'softmax':
    case 'contract':
      return 'end';
    case 'pattern':
    case 'present':
      return 'given';
  }
}

/** Places the statements of a routine, in order. */
export function placed(statements: readonly Statement[], prepared: PreparedStatements): ReadonlyMap<string, Placed> {
  const places = new Map<string, Placed>();
  for (const statement of statements) {
    const manner = mannerOf(statement, prepared);
    const before = reads(statement).flatMap((name) => places.get(name) ?? []);
    const stage = Math.max(0, ...before.map((p) => p.stage + Number(p.manner === 'end')));
    const beside = before.filter(
      (p) => p.stage === stage && isLevelled(p.manner) && isOnPairs(p.statement) === isOnPairs(statement),
    );
    const isLater = (p: Placed) => readsNeighbours(statement) || isChangedAfter(p) || statement.kind === 'dual';
    const level = Math.max(0, ...beside.map((p) => p.level + Number(isLater(p))));
    places.set(statement.name, { statement, manner, stage, level: isLevelled(manner) ? level : 0 });
  }
  return places;
}

/** Whether a statement at the end of a stage reads whole arrays, and not what one difference at a time adds to it. */
export const readsWhole = ({ manner, statement: { kind } }: Placed): boolean =>
  manner === 'end' && (kind === 'shiftSum' || kind === 'contract' || kind === 'softmax');

/** Whether a statement of a pass reads other cells than its own. */
const readsNeighbours = ({ kind }: Statement): boolean => kind === 'shiftSum' || kind === 'linear';

const isLevelled = (manner: Manner): boolean => manner === 'pass' || manner === 'level';

/** Whether some cells of a value come after its pass, those p = p' or those of no series, so that others read it in a later one. */
const isChangedAfter = ({ statement: s, manner }: Placed): boolean =>
  manner === 'level' || s.kind === 'dual' || ('diagonal' in s && s.diagonal !== undefined);

/** Statements in one pass have one key. */
export const passKey = ({ statement: { grid }, stage, level }: Placed): string =>
  grid === undefined ? '' : `${stage} ${level} ${layoutKey({ ...grid, kept: false })}`;

/** Names of its own routine that a statement reads: not those of samples (`q_x`). */
export function readsHere(s: Statement): readonly string[] {
  if (s.kind !== 'map' || s.domain === 'self') return s.kind === 'map' ? symbols(s.expr) : ofOnly(s);
  return symbols(s.expr).filter((symbol) => resolve(symbol).at === 'here');
}
function ofOnly(s: Statement): readonly string[] {
  if (s.kind === 'expand') return [s.variance];
  if (s.kind === 'dual') return [s.covariance];
  return 'of' in s ? [s.of, ...(s.kind === 'contract' ? [s.matrix] : [])] : [];
}

export const weightNames = (program: Program): ReadonlySet<string> => new Set(program.weights.map((w) => w.name));
