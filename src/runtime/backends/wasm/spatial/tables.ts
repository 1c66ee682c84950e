/** Coefficients of a formula at the positions of a sample, as the passes read them. */
import type { SampleExpansion } from '../../../../ir/gaussian/index.ts';
import { interpolate, type Piece, type PieceCoefficients, type Pieces } from './pieces.ts';

/** Positions of a block: lanes of the passes. */
const blockLanes = 8;

/** Positions of a sample on one piece, and for each what the points count there: weights[i point]. */
interface Group {
  readonly piece: Piece;
  readonly positions: readonly number[];
  readonly weights: Float64Array;
}

/** A formula at the positions of one sample. */
export interface Expanded {
  /** E φ², E φ'², and what quadrature wants to know. */
  readonly at: SampleExpansion;
  /** Of φ, then of φ': how many coefficients keep the tolerance, and what they leave of E φ². */
  readonly orders: readonly { readonly degree: number; readonly rest: number }[];
  readonly groups: readonly Group[];
}

/** Coefficients that `at` holds: quadrature asks for two. */
const kept = 2;

/** @throws NtkcError where φ has no expansion under some variance */
export function expanded(pieces: Pieces, qs: Float64Array, degree: number = kept): Expanded {
  const groups = groupsOf(pieces, qs);
  const largest = pieces.at(qs.reduce((a, b) => Math.max(a, b)));
  const orders = largest.orders.map((_, order) => {
    const all = groups.map(({ piece }) => piece.orders[order] as PieceCoefficients);
    return { degree: Math.max(...all.map((c) => c.degree)), rest: Math.max(...all.map((c) => c.rest)) };
  });
  const part = (order: number): SampleExpansion['value'] => {
    const second = new Float64Array(qs.length);
    const coefficients = new Float64Array(degree * qs.length);
    for (const { piece, positions, weights } of groups) {
      const of = piece.orders[order] as PieceCoefficients;
      positions.forEach((i, row) => {
        const from = row * piece.nodes.length;
        second[i] = dot(weights, from, of.few.second, 0, 1);
        for (let p = 0; p < degree; p++) coefficients[i * degree + p] = coefficientAt(of, weights, from, p);
      });
    }
    const { degree: whole, rest: left } = orders[order] as Expanded['orders'][number];
    const rest = degree === kept || whole > degree ? 1 : left; // of what is kept, not of a longer series
    return { degree, coefficients, second, tails: second.map((s) => rest * s), line: largest.orders[order]?.line };
  };
  return { at: { qs, value: part(0), slope: orders.length > 1 ? part(1) : undefined }, orders, groups };
}

function groupsOf(pieces: Pieces, qs: Float64Array): readonly Group[] {
  const positions = new Map<Piece, number[]>();
  qs.forEach((q, i) => {
    const piece = pieces.at(q);
    const group = positions.get(piece);
    if (group === undefined) positions.set(piece, [i]);
    else group.push(i);
  });
  return [...positions].map(([piece, here]) => {
    const weights = new Float64Array(here.length * piece.nodes.length);
    here.forEach((i, row) => {
      interpolate(piece, qs[i] as number, weights, row * piece.nodes.length);
    });
    return { piece, positions: here, weights };
  });
}

function coefficientAt(c: PieceCoefficients, weights: Float64Array, from: number, p: number): number {
  const { coefficients, degree } = p < c.few.degree ? c.few : c.all();
  return p < degree ? dot(weights, from, coefficients, p, degree) : 0;
}

/** Σ_k weights[from + k] values[first + k·step], over all k that there are values of. */
function dot(weights: Float64Array, from: number, values: Float64Array, first: number, step: number): number {
  let sum = 0;
  for (let k = 0, at = first; at < values.length; k++, at += step)
    sum += (weights[from + k] as number) * (values[at] as number);
  return sum;
}

/** Blocks of positions: rows of the last axis, cut into blocks. */
const blocksOf = (extents: readonly number[]): number =>
  extents.slice(0, -1).reduce((product, n) => product * n, Math.ceil((extents.at(-1) as number) / blockLanes));

/** Numbers of a table with so many coefficients of each position. */
export const tableSize = (extents: readonly number[], terms: number): number => blocksOf(extents) * blockLanes * terms;

/** Which coefficients a table has, p = first, first + step, ..., and where it begins. */
export interface TableShape {
  readonly extents: readonly number[];
  readonly order: number;
  readonly first: number;
  readonly step: number;
  readonly terms: number;
  readonly at: number;
}

/** The function `combine` of the module, src/codegen/targets/wasm/spatial/combine.ts, and where it reads, in numbers. */
export interface Combine {
  readonly run: (
    weights: number,
    coefficients: number,
    out: number,
    points: number,
    count: number,
    adds: number,
  ) => void;
  readonly at: number;
}

/** v[at ...] = [block p lane], zeros in lanes that are no positions. */
export function fillTable(v: Float64Array, { groups }: Expanded, shape: TableShape, combine: Combine): void {
  const { extents, order, terms, at } = shape;
  const width = extents.at(-1) as number;
  const blocksOfRow = Math.ceil(width / blockLanes);
  const blockOf = (i: number) => Math.floor(i / width) * blocksOfRow + Math.floor((i % width) / blockLanes);
  const visited = new Uint8Array(blocksOf(extents));
  for (const { piece, positions, weights } of groups) {
    const points = piece.nodes.length;
    copy(v, combine.at + points * blockLanes, piece.orders[order] as PieceCoefficients, shape, points);
    for (let row = 0; row < positions.length; ) {
      const block = blockOf(positions[row] as number);
      v.fill(0, combine.at, combine.at + points * blockLanes);
      for (; row < positions.length && blockOf(positions[row] as number) === block; row++) {
        const to = combine.at + (((positions[row] as number) % width) % blockLanes);
        for (let k = 0; k < points; k++) v[to + k * blockLanes] = weights[row * points + k] as number;
      }
      const out = at + block * blockLanes * terms;
      const from = combine.at + points * blockLanes;
      combine.run(8 * combine.at, 8 * from, 8 * out, points, terms, visited[block] as number);
      visited[block] = 1;
    }
  }
}

/** Coefficients of a piece to v[to ...], [p point]. */
function copy(v: Float64Array, to: number, of: PieceCoefficients, { first, step, terms }: TableShape, points: number) {
  let at = to;
  for (let m = 0, p = first; m < terms; m++, p += step) {
    const { coefficients, degree } = p < of.few.degree ? of.few : of.all();
    for (let k = 0; k < points; k++) v[at++] = p < degree ? (coefficients[k * degree + p] as number) : 0;
  }
}
