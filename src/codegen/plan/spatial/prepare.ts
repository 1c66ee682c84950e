/** Statements as the planner wants them: small windows, tables read as strides and offsets, borders of each grid. */
import {
  type Grid,
  type LinearAxis,
  type Program,
  positionsOf,
  type ShiftAxis,
  type Statement,
} from '../../../ir/program/index.ts';
import { sym } from '../../../ir/scalar/index.ts';
import { type AffineAxis, affineAxis, type WindowAxis, windowAxis } from './affine.ts';
import { type Layout, layoutKey, layoutOf } from './layout.ts';

type ShiftSum = Extract<Statement, { kind: 'shiftSum' }>;
type Linear = Extract<Statement, { kind: 'linear' }>;

export interface PreparedStatements {
  readonly statements: readonly Statement[];
  /** Of each shiftSum whose tables are plain strides, its axes. */
  readonly affine: ReadonlyMap<string, readonly AffineAxis[]>;
  /** Of each `linear` that is a window over the last axis and nothing else, that window: a pass can compute it. */
  readonly windows: ReadonlyMap<string, WindowAxis>;
  readonly layout: (extents: readonly number[], span: Grid['span'], kept?: boolean) => Layout;
  readonly gridOf: (name: string) => Grid | undefined;
}

/** Windows larger than this are summed along the last axis first. */
const mostTaps = 9;

export function prepareStatements(program: Program): PreparedStatements {
  const grids = new Map(program.statements.map((s) => [s.name, s.grid]));
  const windows = new Map<string, WindowAxis>();
  const duals = new Set(program.statements.flatMap((s) => (s.kind === 'dual' && s.domain === 'pair' ? [s.name] : [])));
  const statements = program.statements.flatMap((s) =>
    s.kind === 'linear'
      ? lanesFirst(s, grids, windows)
      : s.kind === 'reduce' && duals.has(s.of)
        ? afterwards(s, grids.get(s.of))
        : simpler(s, grids),
  );
  for (const s of statements) grids.set(s.name, s.grid);
  const gridOf = (name: string) => grids.get(name);
  const affine = new Map<string, readonly AffineAxis[]>();
  const borders = new Map<string, number[]>();
  for (const s of statements) {
    if (s.kind !== 'shiftSum') continue;
    const [from, to] = [gridOf(s.of)?.extents ?? [], s.grid?.extents ?? []];
    const axes = s.axes.map((axis, a) => affineAxis(axis, from[a] as number, to[a] as number));
    if (!axes.every((axis) => axis !== undefined)) continue;
    affine.set(s.name, axes);
    const border = borders.get(from.join()) ?? from.map(() => 0);
    axes.forEach(({ stride, offsets }, a) => {
      const after = stride * ((to[a] as number) - 1) + Math.max(...offsets) - ((from[a] as number) - 1);
      border[a] = Math.max(border[a] as number, -Math.min(...offsets), after);
    });
    borders.set(from.join(), border);
  }
  const layouts = new Map<string, Layout>();
  const layout = (extents: readonly number[], span: Grid['span'], kept = false) => {
    const key = layoutKey({ extents, span, kept });
    const known =
      layouts.get(key) ?? layoutOf(extents, span, kept, borders.get(extents.join()) ?? extents.map(() => 0));
    layouts.set(key, known);
    return known;
  };
  return { statements, affine, windows, layout, gridOf };
}

/** A statement, or two that come to the same. */
function simpler(s: Statement, grids: ReadonlyMap<string, Grid | undefined>): readonly Statement[] {
  if (s.kind === 'onlyDiagonal' && s.grid?.span === 'diagonal' && grids.get(s.of)?.span === 'diagonal')
    return [{ name: s.name, domain: s.domain, grid: s.grid, kind: 'map', expr: sym(s.of) }];
  if (s.kind === 'shiftSum') return separated(s, grids.get(s.of)?.extents ?? []);
  return [s];
}

/** A sum of a value some of whose cells come after its pass: a pass of its own adds it up. */
function afterwards(s: Extract<Statement, { kind: 'reduce' }>, grid: Grid | undefined): readonly Statement[] {
  const whole = `${s.of} whole ${s.name}`;
  const map: Statement = { name: whole, domain: s.domain, kind: 'map', expr: sym(s.of), ...(grid && { grid }) };
  return [map, { ...s, of: whole }];
}

function separated(s: ShiftSum, from: readonly number[]): readonly Statement[] {
  const taps = positionsOf(s.axes.map((axis) => axis.length));
  const last = s.axes.length - 1;
  if (taps <= mostTaps || last === 0 || s.grid === undefined) return [s];
  const stay = (axis: number): ShiftAxis => [Array.from({ length: from[axis] as number }, (_, p) => p)];
  const lanes: Grid = { extents: [...from.slice(0, last), s.grid.extents[last] as number], span: s.grid.span };
  const name = `${s.name}Lanes`;
  const ofLanes: ShiftAxis = [Array.from({ length: s.grid.extents[last] as number }, (_, p) => p)];
  return [
    { ...s, name, grid: lanes, scale: 1, axes: s.axes.map((axis, a) => (a === last ? axis : stay(a))) },
    { ...s, of: name, axes: s.axes.map((axis, a) => (a === last ? ofLanes : axis)) },
  ];
}

const identity = (n: number): LinearAxis => Array.from({ length: n }, (_, p) => ({ from: p, weights: [1] }));

/** Pools over all (p, p') as a pass that pools the last axis, and a step that pools the others; values that share it share the pass. */
function lanesFirst(
  s: Linear,
  grids: ReadonlyMap<string, Grid | undefined>,
  windows: Map<string, WindowAxis>,
): readonly Statement[] {
  const from = grids.get(s.of)?.extents ?? [];
  const last = s.axes.at(-1) as LinearAxis;
  const window = windowAxis(last);
  if (window === undefined || from.length === 1) return [s];
  const leading = from.slice(0, -1);
  const name = `${s.of} over ${last.length} lanes of ${window.weights} by ${window.stride} from ${window.offset}`;
  const rest: Linear = { ...s, of: name, axes: [...s.axes.slice(0, -1), identity(last.length)] };
  if (windows.has(name)) return [rest];
  windows.set(name, window);
  const lanes: Linear = {
    name,
    kind: 'linear',
    of: s.of,
    domain: s.domain === 'self' ? 'full' : s.domain,
    grid: { extents: [...leading, last.length], span: 'all' },
    axes: [...leading.map(identity), last],
  };
  return [lanes, rest];
}
