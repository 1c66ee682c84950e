/** Masks of fewer positions than the input has, where a network averages over what they leave. */
import type { Program, Statement } from './program.ts';
import { reads } from './prune.ts';
import { positionsOf } from './spatial.ts';
import { matrixRows, shifts } from './spatialValue.ts';

/** What a layer leaves of a sample's positions, where an average depends on it. */
export interface AveragedMask {
  readonly path: string;
  /** Of branches side by side. */
  readonly isUnion: boolean;
  /** Positions before and after the layer. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Positions of the input, ascending: of a sample that has none of these the layer leaves nothing. */
  readonly positions: readonly number[];
}

/** The masks that averages over positions depend on, those of earlier layers first. */
export function averagedMasks({ statements, masks = [] }: Program): readonly AveragedMask[] {
  const all = new Map(statements.map((s) => [s.name, s]));
  const names = new Set(masks.map((m) => m.value));
  const before = (s: Statement): readonly Statement[] => reads(s).flatMap((name) => all.get(name) ?? []);
  const chain = (s: Statement): readonly Statement[] => [s, ...before(s).flatMap(chain)];
  // Of branches side by side no single one need leave a position.
  const isUnion = (s: Statement) => s.kind === 'map' && names.has(s.name) && reads(s).length > 1;
  const wanted = (s: Statement): readonly Statement[] => [s, ...(isUnion(s) ? [] : before(s).flatMap(wanted))];
  const isCount = (s: Statement) =>
    s.kind === 'reduce' && s.domain === 'self' && s.over === 'diagonal' && names.has(s.of);
  const needed = new Set(statements.filter(isCount).flatMap((s) => wanted(s).map(({ name }) => name)));
  return masks.flatMap(({ value, path }) => {
    const mask = all.get(value) as Statement;
    if (!needed.has(value)) return [];
    const source = chain(mask).find((s) => s !== mask && (names.has(s.name) || s.kind === 'present'));
    const [from, to] = [source?.grid?.extents ?? [], mask.grid?.extents ?? []];
    return { path, isUnion: isUnion(mask), from, to, positions: inputPositions(mask, all) };
  });
}

/** Positions of the input that a mask is made of. */
function inputPositions(mask: Statement, all: ReadonlyMap<string, Statement>): readonly number[] {
  const found = new Set<number>();
  const visit = (s: Statement, wanted: ReadonlySet<number>): void => {
    if (s.kind === 'present') for (const p of wanted) found.add(p);
    const read = readBy(s, all);
    const next = new Set([...wanted].flatMap(read));
    for (const name of reads(s)) visit(all.get(name) as Statement, next);
  };
  visit(mask, new Set(Array(positionsOf(mask.grid?.extents ?? [])).keys()));
  return [...found].sort((a, b) => a - b);
}

/** The positions that a position of a mask's statement reads. */
function readBy(s: Statement, all: ReadonlyMap<string, Statement>): (position: number) => readonly number[] {
  const to = s.grid?.extents ?? [];
  if (s.kind === 'shiftSum') {
    const tables = shifts(s.axes, to, all.get(s.of)?.grid?.extents ?? []);
    return (p) => tables.flatMap((table) => ((table[p] as number) < 0 ? [] : (table[p] as number)));
  }
  if (s.kind === 'average') {
    const rows = matrixRows(s.axes, to, all.get(s.of)?.grid?.extents ?? []);
    return (p) => (rows[p] ?? []).map(([position]) => position);
  }
  return (p) => [p];
}
