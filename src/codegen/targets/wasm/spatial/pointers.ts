/** The addresses that a pass moves from cell to cell: in arrays of each layout, and in the records of the samples. */
import { type Cursor, type Pass, stepOf } from '../../../plan/spatial/index.ts';
import type { Instruction } from '../assembler/index.ts';
import { elements } from '../element.ts';
import { columnChunk } from '../shape.ts';

/** Lanes that one step covers. */
export const laneChunk = columnChunk(elements.float64);

/** An address that moves with the cell. */
export interface Pointer {
  readonly name: string;
  /** Bytes along each loop, the lanes (8 of them) last. */
  readonly steps: readonly number[];
  readonly start: Instruction;
}

/** The pointers of a pass, and the name of the one to what it writes. `parameter` reads one of the function's. */
export function passPointers(
  { layout, sampleLayout, cursors, loads, stores, series }: Pass,
  parameter: (name: string) => Instruction,
): { readonly pointers: readonly Pointer[]; readonly own: string } {
  const isAll = layout.span === 'all';
  const axes = layout.extents.slice(0, -1).map((_, axis) => axis);
  const arrays = cursors.map((cursor, k) =>
    arrayPointer(cursor, `cursor${k}`, cursor.layout.kept ? parameter(`from${k}`) : zero),
  );
  const ofLeading = axes.map((axis) => 8 * stepOf(sampleLayout, axis));
  const sample = (side: 'x' | 'y'): Pointer => ({
    name: `${side}At`,
    // x is at p, the same for all lanes of a row; x' at p', the same for all rows.
    steps: [...ofLeading, ...(isAll ? [side === 'x' ? 8 : 0] : []), isAll && side === 'x' ? 0 : 8 * laneChunk],
    start: parameter(side),
  });
  const counters = series.size === 0 ? [] : blockCounters(layout, parameter);
  const sides = new Set([...loads.values()].flatMap((l) => (l.kind === 'sample' && !l.isNumber ? [l.side] : [])));
  if (stores.some((s) => s.kind === 'sample')) sides.add('x');
  const isOwn = (c: Cursor) => c.layout === layout && c.strides.every((stride) => stride === 1);
  const same = cursors.findIndex(isOwn);
  const pointers = [...arrays, ...[...sides].map(sample), ...counters];
  if (same >= 0) return { pointers, own: `cursor${same}` };
  const own = { layout, strides: layout.extents.map(() => 1) };
  return { pointers: [...pointers, arrayPointer(own, 'own', zero)], own: 'own' };
}

const zero: Instruction = ['i32.const', 0];

/** Blocks of lanes of the tables of coefficients: the leading axes in turn, then the chunks of the last one. */
export function blockSteps(extents: readonly number[]): readonly number[] {
  const chunks = Math.ceil((extents.at(-1) as number) / laneChunk);
  const after = (axis: number) => extents.slice(axis + 1, -1).reduce((product, n) => product * n, chunks);
  return extents.slice(0, -1).map((_, axis) => after(axis));
}

/** Counters of blocks of x and x', and, where p and p' have lanes of their own, of the lane of x. */
function blockCounters(
  { extents, span }: Pass['layout'],
  parameter: (name: string) => Instruction,
): readonly Pointer[] {
  const leading = blockSteps(extents);
  const counter = (name: string, rows: number, lanes: number, start: Instruction): Pointer => ({
    name,
    steps: [...leading.map((n) => (name === 'xLane' ? 0 : n)), ...(span === 'all' ? [rows] : []), lanes],
    start,
  });
  const [x, y] = [parameter('xBlock'), parameter('yBlock')];
  if (span === 'diagonal') return [counter('xBlock', 0, 1, x), counter('yBlock', 0, 1, y)];
  return [counter('xBlock', 0, 0, x), counter('yBlock', 0, 1, y), counter('xLane', 1, 0, zero)];
}

function arrayPointer({ layout, strides }: Cursor, name: string, start: Instruction): Pointer {
  const lanes = strides.at(-1) as number;
  return {
    name,
    steps: [
      ...strides.slice(0, -1).map((stride, axis) => 8 * stepOf(layout, axis) * stride),
      ...(layout.span === 'all' ? [8 * layout.rowStep * lanes] : []),
      8 * laneChunk * lanes,
    ],
    start,
  };
}
