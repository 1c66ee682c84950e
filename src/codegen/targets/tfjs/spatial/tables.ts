/** Windows and matrices over positions as constants of the emitted module, each once, said shortly where they can be. */
import type { LinearAxis, Program, ShiftAxis, Statement } from '../../../../ir/program/index.ts';
import { lineWidth, listLines } from '../lines.ts';
import { numberText } from '../math.ts';

export interface Tables {
  /** The constant that holds a statement's tables. */
  nameOf(s: Statement): string;
  readonly lines: readonly string[];
}

type Tabled = Extract<Statement, { readonly axes: readonly unknown[] }>;

export function tablesOf({ statements }: Program): Tables {
  const names = new Map<string, string>();
  const lines: string[] = [];
  const extents = new Map(statements.map((s) => [s.name, s.grid?.extents ?? []]));
  const keyOf = (s: Tabled) => JSON.stringify([s.kind === 'shiftSum', extents.get(s.of), s.axes]);
  const counts = { window: 0, weights: 0 };
  for (const s of statements) {
    if (!('axes' in s) || names.has(keyOf(s))) continue;
    const letter = s.kind === 'shiftSum' ? 'window' : 'weights';
    const name = `${letter}${++counts[letter]}`;
    names.set(keyOf(s), name);
    const from = extents.get(s.of) ?? [];
    const axes = s.kind === 'shiftSum' ? s.axes.map((a, i) => windowText(a, from[i] as number)) : matrixTexts(s, from);
    const type = s.kind === 'shiftSum' ? 'Window' : 'Weights';
    if (lines.length > 0) lines.push('');
    lines.push(`/** ${whatIs(s.kind, from, s.grid?.extents ?? [])} */`);
    lines.push(...constLines(`const ${name}: readonly ${type}[] = [`, axes));
  }
  return { nameOf: (s) => names.get(keyOf(s as Tabled)) as string, lines };
}

const matrixTexts = (s: Exclude<Tabled, { kind: 'shiftSum' }>, from: readonly number[]) =>
  s.axes.map((a, i) => weightsText(a, from[i] as number));

const whatIs = (kind: Tabled['kind'], from: readonly number[], to: readonly number[]): string =>
  kind === 'shiftSum'
    ? `Along each axis, from ${from.join(' × ')} to ${to.join(' × ')} positions: what each offset of a window reads.`
    : `Along each axis, from ${from.join(' × ')} to ${to.join(' × ')} positions: weights A[p r].`;

const constLines = (open: string, axes: readonly string[]): readonly string[] => {
  const one = `${open}${axes.join(', ')}];`;
  if (one.length <= lineWidth) return [one];
  return [open, ...axes.flatMap((a) => brokenText(`${a},`, 2)), '];'];
};

/** A text of numbers over as many lines as it needs. */
function brokenText(text: string, indent: number): readonly string[] {
  if (indent + text.length <= lineWidth) return [' '.repeat(indent) + text];
  return listLines('', text.split(', '), '', indent)
    .filter((l) => l !== '')
    .map((l) => ' '.repeat(indent) + l.trim().replace(/,,$/, ','));
}

/** sliding({ from: 32, to: 32, size: 3, stride: 1, low: 1 }), or the tables themselves. */
function windowText(axis: ShiftAxis, from: number): string {
  const to = axis[0]?.length ?? 0;
  for (const outside of ['zero', 'wrap'] as const)
    for (let stride = 1; stride <= from; stride++)
      for (let low = 0; low < axis.length + from; low++)
        if (axis.every((table, o) => table.every((p, P) => p === clip(stride * P + o - low, from, outside))))
          return `${outside === 'zero' ? 'sliding' : 'wrapping'}({ from: ${from}, to: ${to}, size: ${axis.length}, stride: ${stride}, low: ${low} })`;
  return `{ from: ${from}, reads: [${axis.map((table) => `[${table.join(', ')}]`).join(', ')}] }`;
}

const clip = (p: number, n: number, outside: 'zero' | 'wrap') =>
  outside === 'wrap' ? ((p % n) + n) % n : p >= 0 && p < n ? p : -1;

/** pooling({ from: 32, to: 16, size: 2, stride: 2, low: 0, weight: 0.5 }), or rows of first position and weights. */
function weightsText(axis: LinearAxis, from: number): string {
  const weight = axis.find((row) => row.weights.length > 0)?.weights[0] ?? 0;
  const size = Math.max(...axis.map((row) => row.weights.length));
  const isEven = axis.every((row) => row.weights.every((w) => w === weight));
  for (let stride = 1; isEven && stride <= from; stride++)
    for (let low = 0; low < size; low++)
      if (axis.every((row, P) => isWindow(row, stride * P - low, size, from)))
        return `pooling({ from: ${from}, to: ${axis.length}, size: ${size}, stride: ${stride}, low: ${low}, weight: ${numberText(weight)} })`;
  const rows = axis.map((row) => `{ first: ${row.from}, weights: [${row.weights.map(numberText).join(', ')}] }`);
  return `{ from: ${from}, rows: [${rows.join(', ')}] }`;
}

function isWindow({ from, weights }: LinearAxis[number], start: number, size: number, n: number): boolean {
  const first = Math.max(0, start);
  return weights.length > 0 && from === first && weights.length === Math.min(n, start + size) - first;
}
