/**
 * A kernel in float32. Where that would cost more than 1e-5 of √(K_ii K_jj) its tiles leave NaN, and float64 steps in: roots
 * of small differences (src/codegen/targets/wasm/delicate.ts), samples whose numbers float32 does not hold, series near
 * |ρ| = 1. Whether a pair is one of them depends on nothing but the pair.
 */
import type { TilePlan } from '../../../codegen/plan/index.ts';
import type { CompiledKernel, DType, MatrixRequest, Prepared, Tile } from '../../kernel.ts';
import { nonFinite } from '../../nonFinite.ts';
import { type NumberArrays, numbersIn } from '../../numbers.ts';
import type { Numbers, Span } from './engine.ts';
import { fillMatrix, type MatrixKernel } from './matrix.ts';
import type { WasmPrepared } from './panels.ts';
import { runTile } from './tile.ts';
import { spanOf } from './tiledMatrix.ts';

/** Relative error that float32 allows the terms left out of a series. */
const seriesTolerance = 2e-7;

export const narrowPlan = (plan: TilePlan): TilePlan => ({
  ...plan,
  series: plan.series.map((s) => ({ ...s, tolerance: Math.max(s.tolerance, seriesTolerance) })),
});

/** Inputs for a kernel in float32, with those for float64. */
export interface NarrowPrepared extends WasmPrepared {
  readonly exact: WasmPrepared;
  /** How many samples are left to float64. */
  readonly left: number;
}

/** Sizes between which float32 holds products of four numbers. */
const smallest = 1e-9;
const largest = 1e9;
/** @derived an argument of exp is off by a few roundings of its terms: 3 · 2^-24 · 12 is 2e-6 of the value. */
const largestArgument = 12;

/** Samples that float32 cannot hold are NaN, and so all their pairs are left to float64. */
export function narrowInputs(kernel: MatrixKernel, exact: WasmPrepared): NarrowPrepared {
  const { n } = exact;
  if (n < fewestSamples && kernel.plan.careful === undefined) return { ...exact, made: new Map(), exact, left: n };
  const norms = normsOf(exact);
  const outside = samplesOutOfRange(kernel.plan, exact, norms);
  const held = without(exact, outside);
  const amplified = amplifiedSamples(kernel, held, norms);
  return amplified.length === 0 ? held : without(exact, [...new Set([...outside, ...amplified])]);
}

function without(exact: WasmPrepared, samples: readonly number[]): NarrowPrepared {
  const { n, inputs } = exact;
  const features = inputs.data.length / n;
  const data = samples.length === 0 ? inputs.data : inputs.data.slice();
  for (const i of samples) data.fill(Number.NaN, i * features, (i + 1) * features);
  return { ...exact, inputs: { ...inputs, data }, made: new Map(), exact, left: samples.length };
}

function samplesOutOfRange(
  plan: TilePlan,
  { n, rowValues, columnValues }: WasmPrepared,
  norms: Float64Array,
): readonly number[] {
  const most = plan.lanes.lanes.some((lane) => lane.op === 'call') ? largestArgument : largest;
  const isOutside = new Uint8Array(n);
  const mark = (values: Float64Array, limit: number) => {
    for (let i = 0; i < n; i++) {
      const size = Math.abs(values[i] as number);
      if (!(size === 0 || (size >= smallest && size <= limit))) isOutside[i] = 1;
    }
  };
  mark(norms, largest);
  for (const values of new Set([...rowValues, ...columnValues])) mark(values, most);
  return [...isOutside.keys()].filter((i) => isOutside[i] === 1);
}

/** Fewer samples than this say too little of what roundings grow to, and gain too little by float32. */
const fewestSamples = 16;
const mostTried = 64;
/** A fifth of the error allowed, in the root mean square of what roundings of `fewestSamples` samples grow to. */
const largestGrowth = 2e-6;

/**
 * Samples at which the network enlarges roundings: deep networks may tell near duplicates apart, layer by layer. That is
 * worst at a sample with itself, where the answer is known; and what a network does depends on the norm of a sample alone.
 */
function amplifiedSamples(kernel: MatrixKernel, a: WasmPrepared, norms: Float64Array): readonly number[] {
  const { n } = a;
  const sorted = norms.slice().sort();
  const tried = Math.min(n, mostTried);
  const normAt = (t: number) => sorted[Math.floor((t * (n - 1)) / Math.max(1, tried - 1))] as number;
  const samples = samplesOf(
    Array.from({ length: tried }, (_, t) => normAt(t)),
    norms,
  );
  const errors = samples.map((i) => errorAtItself(kernel, a, i));
  const found = new Set<number>();
  for (let t = 0; t + fewestSamples <= tried; t++) {
    const known = errors.slice(t, t + fewestSamples).filter((e) => !Number.isNaN(e));
    const meanSquare = known.reduce((sum, e) => sum + e * e, 0) / known.length;
    if (!(meanSquare > largestGrowth ** 2)) continue;
    const [least, most] = [normAt(t), normAt(t + fewestSamples - 1)];
    norms.forEach((norm, i) => void (least <= norm && norm <= most && found.add(i)));
  }
  return [...found];
}

/** For each of some norms a sample that has it, no sample twice. */
function samplesOf(wanted: readonly number[], norms: Float64Array): readonly number[] {
  const open = new Map<number, number[]>();
  wanted.forEach((norm, t) => void open.set(norm, [...(open.get(norm) ?? []), t]));
  const samples: number[] = wanted.map(() => 0);
  norms.forEach((norm, i) => {
    const t = open.get(norm)?.shift();
    if (t !== undefined) samples[t] = i;
  });
  return samples;
}

/** |x| of each sample; infinite where its square is. */
function normsOf({ n, inputs: { data } }: WasmPrepared): Float64Array {
  const norms = new Float64Array(n);
  const features = data.length / n;
  for (let i = 0, c = 0; i < n; i++) {
    let sum = 0;
    for (const end = c + features; c < end; c++) sum += (data[c] as number) ** 2;
    norms[i] = Math.sqrt(sum);
  }
  return norms;
}

/** Relative, of the worst output; NaN where float64 has to step in anyway. */
function errorAtItself(kernel: MatrixKernel, a: WasmPrepared, i: number): number {
  const rows = [i, i + 1] as const;
  const { out } = runTile(kernel, { a, aRows: rows, b: a, bRows: rows, symmetric: false });
  return Math.max(...out.map((k, o) => Math.abs((k[0] as number) / (a.diagonal[o]?.[i] as number) - 1)));
}

export type Exact = Required<Pick<CompiledKernel, 'tile' | 'matrix'>>;

/** A number of float32; the number itself where float32 would make it infinite or lose digits below its range. */
export const narrowed = (v: number): number =>
  Math.abs(v) < 2 ** -126 || !Number.isFinite(Math.fround(v)) ? v : Math.fround(v);

const exactOf = (prepared: Prepared): WasmPrepared => (prepared as NarrowPrepared).exact;

export async function narrowTile(kernel: MatrixKernel, exact: Exact, tile: Tile): Promise<readonly Float64Array[]> {
  const exactly = { ...tile, a: exactOf(tile.a), b: exactOf(tile.b) };
  if (isMostlyLeft(tile.a) || isMostlyLeft(tile.b)) return (await exact.tile(exactly)).map((k) => k.map(narrowed));
  const { out, poisoned } = runTile(kernel, tile);
  const [[i0, i1], [j0, j1]] = [tile.aRows, tile.bRows];
  const meetsDiagonal = tile.symmetric && i0 < j1 && j0 < i1;
  if (!poisoned && !meetsDiagonal) return out;
  const wide = await exact.tile(exactly);
  const width = j1 - j0;
  out.forEach((k, o) => {
    for (let at = 0; at < k.length; at++) {
      const isDiagonal = tile.symmetric && i0 + Math.floor(at / width) === j0 + (at % width);
      if (isDiagonal || !Number.isFinite(k[at])) k[at] = narrowed(wide[o]?.[at] as number);
    }
  });
  return out;
}

/** @param dtype of the array that it comes in */
export async function narrowMatrix<D extends DType>(
  kernel: MatrixKernel,
  exact: Exact,
  request: MatrixRequest,
  dtype: D,
): Promise<NumberArrays[D]> {
  const { symmetric, output, a, b } = request;
  const wide = { ...request, a: exactOf(a), b: exactOf(b) };
  if (isMostlyLeft(a) || isMostlyLeft(b)) return narrowedMatrix(await exact.matrix(wide), spanOf(request), dtype);
  const { data, span, poisoned } = await fillMatrix(kernel, request, dtype);
  const matrix: Matrix = { data, span, symmetric };
  const left = poisoned.map((tile) => ({ tile, count: countLeft(matrix, tile) })).filter(({ count }) => count > 0);
  const count = left.reduce((sum, tile) => sum + tile.count, 0);
  const tiles = left.map(({ tile }) => tile);
  if (count > manyLeft * data.length) await fillStrips(exact, wide, matrix, tiles);
  else await fillGroups(exact, wide, matrix, tiles);
  if (symmetric && span.j0 === span.i0)
    for (let i = span.i0; i < Math.min(span.i1, span.j1); i++)
      put(matrix, i, i, (a as WasmPrepared).diagonal[output]?.[i] as number);
  return data;
}

/** What float64 has computed of a span, as numbers of float32 in an array of any type. */
function narrowedMatrix<D extends DType>(wide: Float64Array, span: Span, dtype: D): NumberArrays[D] {
  const data = numbersIn(dtype, wide.buffer, wide.length); // written over from its beginning
  const width = span.j1 - span.j0;
  for (let at = 0; at < wide.length; at++) {
    data[at] = narrowed(wide[at] as number);
    if (!Number.isFinite(data[at]))
      throw nonFinite(data[at], span.i0 + Math.floor(at / width), span.j0 + (at % width), 'wasm');
  }
  return data;
}

const isMostlyLeft = (prepared: Prepared): boolean => {
  const { n, left } = prepared as NarrowPrepared;
  return 2 * left > n;
};

interface Matrix {
  readonly data: Numbers;
  readonly span: Span;
  readonly symmetric: boolean;
}

const placeOf = ({ span }: Matrix, i: number, j: number): number => (i - span.i0) * (span.j1 - span.j0) + j - span.j0;
const firstColumn = ({ symmetric }: Matrix, { j0 }: Span, i: number): number => (symmetric ? Math.max(j0, i + 1) : j0);

function put(matrix: Matrix, i: number, j: number, wide: number): void {
  const at = placeOf(matrix, i, j);
  matrix.data[at] = narrowed(wide);
  if (!Number.isFinite(matrix.data[at])) throw nonFinite(matrix.data[at], i, j, 'wasm');
}

const isLeft = (matrix: Matrix, i: number, j: number): boolean => !Number.isFinite(matrix.data[placeOf(matrix, i, j)]);

function countLeft(matrix: Matrix, tile: Span): number {
  let count = 0;
  for (let i = tile.i0; i < tile.i1; i++)
    for (let j = firstColumn(matrix, tile, i); j < tile.j1; j++) if (isLeft(matrix, i, j)) count++;
  return count;
}

/** Puts what float64 has for pairs of a tile in the places that are left; of a symmetric matrix in both. */
function fill(matrix: Matrix, tile: Span, value: (i: number, j: number) => number): void {
  for (let i = tile.i0; i < tile.i1; i++)
    for (let j = firstColumn(matrix, tile, i); j < tile.j1; j++) {
      if (!isLeft(matrix, i, j)) continue;
      const wide = value(i, j);
      put(matrix, i, j, wide);
      if (matrix.symmetric && j < matrix.span.i1) put(matrix, j, i, wide);
    }
}

/** The part of all pairs from which on float64 computes whole rows on all threads. */
const manyLeft = 0.02;

/** All columns of the rows of tiles. */
async function fillStrips(exact: Exact, wide: MatrixRequest, matrix: Matrix, tiles: readonly Span[]): Promise<void> {
  const { symmetric, span } = matrix;
  for (const i0 of new Set(tiles.map((tile) => tile.i0))) {
    const here = tiles.filter((tile) => tile.i0 === i0);
    const i1 = Math.max(...here.map((tile) => tile.i1));
    const columns = [symmetric ? Math.max(i0, span.j0) : span.j0, span.j1] as const;
    const { a, b, output, signal } = wide;
    const data = await exact.matrix({ a, b, symmetric, rows: [i0, i1], columns, output, ...(signal && { signal }) });
    const value = (i: number, j: number) => data[(i - i0) * (columns[1] - columns[0]) + j - columns[0]] as number;
    for (const tile of here) fill(matrix, tile, value);
  }
}

/** A few rows at a time, from the first to the last column that is left. */
async function fillGroups(exact: Exact, wide: MatrixRequest, matrix: Matrix, tiles: readonly Span[]): Promise<void> {
  const groupRows = 4;
  for (const tile of tiles)
    for (let i0 = tile.i0; i0 < tile.i1; i0 += groupRows) {
      const group = columnsLeft(matrix, { ...tile, i0, i1: Math.min(i0 + groupRows, tile.i1) });
      if (group === undefined) continue;
      const { i1, j0, j1 } = group;
      const { a, b, output } = wide;
      const out = await exact.tile({ a, aRows: [i0, i1], b, bRows: [j0, j1], symmetric: false });
      fill(matrix, group, (i, j) => out[output]?.[(i - i0) * (j1 - j0) + j - j0] as number);
    }
}

/** The tile from the first to the last column that is left in one of its rows. */
function columnsLeft(matrix: Matrix, tile: Span): Span | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, -1];
  for (let i = tile.i0; i < tile.i1; i++)
    for (let j = firstColumn(matrix, tile, i); j < tile.j1; j++)
      if (isLeft(matrix, i, j)) [first, last] = [Math.min(first, j), Math.max(last, j)];
  return last < 0 ? undefined : { ...tile, j0: first, j1: last + 1 };
}
