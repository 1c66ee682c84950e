/**
 * A kernel in float32. Where that would cost more than 1e-5 of √(K_ii K_jj) its tiles leave NaN, and float64 steps in: roots
 * of small differences (src/codegen/targets/wasm/delicate.ts), samples whose numbers float32 does not hold, series near
 * |ρ| = 1. Whether a pair is one of them depends on nothing but the pair.
 */
import type { TilePlan } from '../../../codegen/plan/index.ts';
import type { CompiledKernel, MatrixRequest, Prepared, Tile } from '../../kernel.ts';
import { nonFinite } from '../../nonFinite.ts';
import type { Span } from './engine.ts';
import { fillMatrix, type MatrixKernel } from './matrix.ts';
import type { WasmPrepared } from './panels.ts';
import { runTile } from './tile.ts';

/** Relative error that float32 allows the terms left out of a series. */
const seriesTolerance = 2e-7;

export const narrowPlan = (plan: TilePlan): TilePlan => ({
  ...plan,
  series: plan.series.map((s) => ({ ...s, tolerance: Math.max(s.tolerance, seriesTolerance) })),
});

/** Inputs for a kernel in float32, with those for float64. */
export interface NarrowPrepared extends WasmPrepared {
  readonly exact: WasmPrepared;
}

/** Sizes between which float32 holds products of four numbers. */
const smallest = 1e-9;
const largest = 1e9;
/** @derived an argument of exp is off by a few roundings of its terms: 3 · 2^-24 · 12 is 2e-6 of the value. */
const largestArgument = 12;

/** Samples that float32 cannot hold are NaN, and so all their pairs are left to float64. */
export function narrowInputs(kernel: MatrixKernel, exact: WasmPrepared): NarrowPrepared {
  const held = without(exact, samplesOutOfRange(kernel.plan, exact));
  const isSmall = exact.n < fewestSamples && kernel.plan.careful === undefined;
  const amplified = isSmall ? Array.from({ length: exact.n }, (_, i) => i) : amplifiedSamples(kernel, held);
  return amplified.length === 0 ? held : without(held, amplified);
}

function without(prepared: WasmPrepared & { readonly exact?: WasmPrepared }, samples: readonly number[]) {
  const { n, inputs, exact = prepared } = prepared;
  const features = inputs.data.length / n;
  const data = samples.length === 0 ? inputs.data : inputs.data.slice();
  for (const i of samples) data.fill(Number.NaN, i * features, (i + 1) * features);
  return { ...prepared, inputs: { ...inputs, data }, made: new Map<string, never>(), exact };
}

function samplesOutOfRange(plan: TilePlan, { n, inputs, rowValues, columnValues }: WasmPrepared): readonly number[] {
  const features = inputs.data.length / n;
  const most = plan.lanes.lanes.some((lane) => lane.op === 'call') ? largestArgument : largest;
  const isHeld = (v: number, limit: number) => v === 0 || (Math.abs(v) >= smallest && Math.abs(v) <= limit);
  const values = [...rowValues, ...columnValues];
  const found: number[] = [];
  for (let i = 0; i < n; i++) {
    let size = 0;
    for (let c = i * features; c < (i + 1) * features; c++) size = Math.max(size, Math.abs(inputs.data[c] as number));
    if (!isHeld(size, largest) || !values.every((v) => isHeld(v[i] as number, most))) found.push(i);
  }
  return found;
}

/** Fewer samples than this say too little of what roundings grow to, and gain too little by float32. */
const fewestSamples = 16;
const mostTried = 64;
/** A tenth of the error allowed: roundings of one pair may by chance grow to a fraction of what those of another do. */
const largestGrowth = 1e-6;

/**
 * Samples at which the network enlarges roundings: deep networks may tell near duplicates apart, layer by layer. That is
 * worst at a sample with itself, where the answer is known; and what a network does depends on the norm of a sample alone.
 */
function amplifiedSamples(kernel: MatrixKernel, a: WasmPrepared): readonly number[] {
  const { n } = a;
  const norms = normsOf(a);
  const byNorm = Array.from({ length: n }, (_, i) => i).sort((i, j) => (norms[i] as number) - (norms[j] as number));
  const tried = Math.min(n, mostTried);
  const at = (t: number) => Math.floor((t * (n - 1)) / Math.max(1, tried - 1));
  const reach = fewestSamples / 2;
  const isAmplified = Array.from(
    { length: tried },
    (_, t) => errorAtItself(kernel, a, byNorm[at(t)] as number) > largestGrowth,
  );
  const found = new Set<number>();
  isAmplified.forEach((yes, t) => {
    if (!yes) return;
    for (let i = at(Math.max(0, t - reach)); i <= at(Math.min(tried - 1, t + reach)); i++)
      found.add(byNorm[i] as number);
  });
  return [...found];
}

function normsOf({ n, inputs: { data } }: WasmPrepared): Float64Array {
  const features = data.length / n;
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let c = i * features; c < (i + 1) * features; c++) sum += (data[c] as number) ** 2;
    return sum;
  });
}

/** Relative, of the worst output; NaN where float64 has to step in anyway. */
function errorAtItself(kernel: MatrixKernel, a: WasmPrepared, i: number): number {
  const rows = [i, i + 1] as const;
  const { out } = runTile(kernel, { a, aRows: rows, b: a, bRows: rows, symmetric: false });
  return Math.max(...out.map((k, o) => Math.abs((k[0] as number) / (a.diagonal[o]?.[i] as number) - 1)));
}

type Exact = Required<Pick<CompiledKernel, 'tile' | 'matrix'>>;

/** A number of float32; the number itself where float32 would make it infinite or lose digits below its range. */
const narrowed = (v: number): number =>
  Math.abs(v) < 2 ** -126 || !Number.isFinite(Math.fround(v)) ? v : Math.fround(v);

const exactOf = (prepared: Prepared): WasmPrepared => (prepared as NarrowPrepared).exact;

export async function narrowTile(kernel: MatrixKernel, exact: Exact, tile: Tile): Promise<readonly Float64Array[]> {
  const { out, poisoned } = runTile(kernel, tile);
  const [[i0, i1], [j0, j1]] = [tile.aRows, tile.bRows];
  const meetsDiagonal = tile.symmetric && i0 < j1 && j0 < i1;
  if (!poisoned && !meetsDiagonal) return out;
  const wide = await exact.tile({ ...tile, a: exactOf(tile.a), b: exactOf(tile.b) });
  const width = j1 - j0;
  out.forEach((k, o) => {
    for (let at = 0; at < k.length; at++) {
      const isDiagonal = tile.symmetric && i0 + Math.floor(at / width) === j0 + (at % width);
      if (isDiagonal || !Number.isFinite(k[at])) k[at] = narrowed(wide[o]?.[at] as number);
    }
  });
  return out;
}

export async function narrowMatrix(kernel: MatrixKernel, exact: Exact, request: MatrixRequest): Promise<Float64Array> {
  const { symmetric, output, a } = request;
  const { data, span, poisoned } = await fillMatrix(kernel, request);
  const at = (i: number, j: number) => (i - span.i0) * (span.j1 - span.j0) + j - span.j0;
  const left = leftOut(poisoned, data, span, symmetric);
  const count = left.reduce((sum, { missing }) => sum + missing.length, 0);
  const blocks = count > manyLeft * data.length ? strips(exact, request, span, left) : groups(exact, request, left);
  for await (const { missing, value } of blocks)
    for (const [i, j] of missing) {
      const wide = value(i, j);
      if (!Number.isFinite(wide)) throw nonFinite(wide, i, j, 'wasm');
      data[at(i, j)] = narrowed(wide);
      if (symmetric && j < span.i1) data[at(j, i)] = narrowed(wide);
    }
  if (symmetric && span.j0 === span.i0)
    for (let i = span.i0; i < Math.min(span.i1, span.j1); i++)
      data[at(i, i)] = narrowed((a as WasmPrepared).diagonal[output]?.[i] as number);
  return data;
}

/** A tile of the matrix, and which of its pairs are left to float64. */
interface Left {
  readonly tile: Span;
  readonly missing: readonly (readonly [number, number])[];
}

/** Pairs with the values that float64 gives them. */
interface Filled {
  readonly missing: Left['missing'];
  readonly value: (i: number, j: number) => number;
}

function leftOut(poisoned: readonly Span[], data: Float64Array, span: Span, symmetric: boolean): readonly Left[] {
  const width = span.j1 - span.j0;
  return poisoned.flatMap((tile) => {
    const missing: [number, number][] = [];
    for (let i = tile.i0; i < tile.i1; i++)
      for (let j = symmetric ? Math.max(tile.j0, i + 1) : tile.j0; j < tile.j1; j++)
        if (!Number.isFinite(data[(i - span.i0) * width + j - span.j0])) missing.push([i, j]);
    return missing.length === 0 ? [] : [{ tile, missing }];
  });
}

/** The part of all pairs from which on float64 computes whole rows on all threads. */
const manyLeft = 0.02;

/** All columns of the rows of tiles. */
async function* strips(
  exact: Exact,
  request: MatrixRequest,
  span: Span,
  left: readonly Left[],
): AsyncGenerator<Filled> {
  for (const i0 of new Set(left.map(({ tile }) => tile.i0))) {
    const here = left.filter(({ tile }) => tile.i0 === i0);
    const i1 = Math.max(...here.map(({ tile }) => tile.i1));
    const columns = [request.symmetric ? Math.max(i0, span.j0) : span.j0, span.j1] as const;
    const { symmetric, output, signal } = request;
    const data = await exact.matrix({
      a: exactOf(request.a),
      b: exactOf(request.b),
      symmetric,
      rows: [i0, i1],
      columns,
      output,
      ...(signal && { signal }),
    });
    const value = (i: number, j: number) => data[(i - i0) * (columns[1] - columns[0]) + j - columns[0]] as number;
    yield { missing: here.flatMap(({ missing }) => missing), value };
  }
}

/** A few rows at a time, from the first to the last column that is left out. */
async function* groups(exact: Exact, { a, b, output }: MatrixRequest, left: readonly Left[]): AsyncGenerator<Filled> {
  const groupRows = 4;
  for (const { missing } of left)
    for (const group of new Set(missing.map(([i]) => Math.floor(i / groupRows)))) {
      const here = missing.filter(([i]) => Math.floor(i / groupRows) === group);
      const rows = [Math.min(...here.map(([i]) => i)), Math.max(...here.map(([i]) => i)) + 1] as const;
      const columns = [Math.min(...here.map(([, j]) => j)), Math.max(...here.map(([, j]) => j)) + 1] as const;
      const tile = { a: exactOf(a), aRows: rows, b: exactOf(b), bRows: columns, symmetric: false };
      const data = (await exact.tile(tile))[output] as Float64Array;
      yield {
        missing: here,
        value: (i, j) => data[(i - rows[0]) * (columns[1] - columns[0]) + j - columns[0]] as number,
      };
    }
}
