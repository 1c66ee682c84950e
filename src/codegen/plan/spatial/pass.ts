/** The statements of one pass as lanes: what they read becomes loads, what others read of them stores. */
import { type Lane, LaneBuilder, type LaneProgram } from '../../../ir/loop/index.ts';
import { type Dual, type Expand, resolve, type Statement } from '../../../ir/program/index.ts';
import { type Expr, mul, substitute, sym, symbols } from '../../../ir/scalar/index.ts';
import { ExpressionLowering, type SampleValue } from '../lower.ts';
import type { AffineAxis, WindowAxis } from './affine.ts';
import { type Layout, stepOf } from './layout.ts';
import { seriesLane } from './seriesLane.ts';
import {
  type Cursor,
  inputName,
  type Load,
  limitName,
  type Pass,
  type PassSeries,
  type Store,
  seriesName,
} from './types.ts';

/** Channels whose products are written out one by one. */
const mostUnrolled = 16;
/** The lane that sums over channels. */
const channelSeries = 'channels';

/** What a pass may refer to. */
export interface PassScope {
  readonly channels: number;
  readonly weights: ReadonlySet<string>;
  readonly affine: ReadonlyMap<string, readonly AffineAxis[]>;
  readonly windows: ReadonlyMap<string, WindowAxis>;
  readonly expansion: (name: string) => Expand;
  /** The layout of the array that holds a value of the routine for this pass, and the array's name; none for numbers. */
  readonly stored: (name: string) => { readonly array: string; readonly layout: Layout } | undefined;
  /** Whether a self value can be 0: that of a black patch, without a bias. */
  readonly mayVanish: (name: string) => boolean;
  /** Whether a self value has positions. */
  readonly hasPositions: (name: string) => boolean;
  readonly layout: Layout;
  readonly sampleLayout: Layout;
}

/** A value that is written, and where. */
export interface Wanted {
  readonly name: string;
  readonly store: Store;
}

export interface LoweredPass {
  readonly pass: Pass;
  /** What it reads of samples. */
  readonly samples: readonly SampleValue[];
}

export function lowerPass(statements: readonly Statement[], wanted: readonly Wanted[], scope: PassScope): LoweredPass {
  const writer = new PassWriter(statements, scope);
  for (const s of statements) writer.add(s);
  return writer.finish(wanted);
}

class PassWriter {
  readonly #b = new LaneBuilder();
  readonly #scope: PassScope;
  readonly #lowering: ExpressionLowering;
  readonly #isSelf: boolean;
  readonly #defined = new Set<string>();
  readonly #loads = new Map<string, Load>();
  readonly #cursors: Cursor[] = [];
  /** Of each shiftSum its scale times the sum of what it reads; where it has a lane of its own, that is defined. */
  readonly #folded = new Map<string, Expr>();
  readonly #scaled = new Set<string>();
  readonly #series = new Map<string, PassSeries>();

  constructor(statements: readonly Statement[], scope: PassScope) {
    this.#scope = scope;
    this.#isSelf = statements[0]?.domain === 'self';
    // In a self statement a weight is a number like others; between samples it belongs to the rows.
    const weights = this.#isSelf ? new Set<string>() : scope.weights;
    this.#lowering = new ExpressionLowering(this.#b, weights, scope.mayVanish);
  }

  add(s: Statement): void {
    switch (s.kind) {
      case 'inner':
        this.#define(s.name, this.#inner(s.scale));
        break;
      case 'shiftSum': {
        const sum = `${s.name}.sum`;
        this.#define(sum, this.#taps(s));
        this.#folded.set(s.name, mul(s.scale, sym(sum)));
        this.#defined.add(s.name);
        break;
      }
      case 'linear':
        this.#define(s.name, this.#window(s));
        break;
      case 'map': {
        this.#require(s.expr);
        const lane = this.#lowering.lane(this.#withSums(s.expr));
        this.#defined.add(s.name);
        this.#b.label(lane, s.name);
        this.#lowering.define(s.name, lane, s.expr);
        break;
      }
      case 'dual':
        this.#define(s.name, this.#dual(s));
        break;
      default:
        throw new Error(`ntkc bug: ${s.kind} in a pass`);
    }
  }

  finish(wanted: readonly Wanted[]): LoweredPass {
    const results = wanted.map(({ name }) => {
      this.#require(sym(name));
      return this.#lowering.lane(this.#withSums(sym(name)));
    });
    const lanes = this.#b.finish(results);
    const samples = [...this.#lowering.row, ...this.#lowering.column];
    const pass: Pass = {
      layout: this.#scope.layout,
      sampleLayout: this.#scope.sampleLayout,
      lanes: this.#placed(lanes),
      loads: this.#loads,
      stores: wanted.map((w) => w.store),
      cursors: this.#cursors,
      series: this.#series,
    };
    return { pass, samples };
  }

  /**
   * An expression with windows in terms of their sums: a term of a sum takes the scale into its coefficient, anything else
   * reads the scaled sum, by its name, so that roots and angles are found again.
   */
  #withSums(e: Expr): Expr {
    const isTerm = (name: string) =>
      e.kind === 'add' &&
      e.terms.every(({ term }) => term.kind === 'sym' || !symbols(term).includes(name)) &&
      !this.#scaled.has(name);
    const sums = symbols(e).filter((name) => this.#folded.has(name));
    const terms = sums.filter(isTerm);
    for (const name of sums) {
      if (terms.includes(name) || this.#scaled.has(name)) continue;
      this.#scaled.add(name);
      this.#lowering.define(name, this.#lowering.lane(this.#folded.get(name) as Expr));
    }
    return substitute(e, new Map(terms.map((name) => [sym(name), this.#folded.get(name) as Expr])));
  }

  #define(name: string, lane: number): void {
    this.#b.label(lane, name);
    this.#defined.add(name);
    this.#lowering.define(name, lane);
  }

  /** Loads what an expression reads and no statement of the pass has computed. */
  #require(e: Expr): void {
    for (const symbol of symbols(e)) {
      const isOfSample = !this.#isSelf && (resolve(symbol).at !== 'here' || this.#scope.weights.has(symbol));
      if (symbol === 'pi' || isOfSample || this.#defined.has(symbol)) continue;
      const stored = this.#scope.stored(symbol);
      if (stored === undefined) this.#number(symbol);
      else this.#define(symbol, this.#load(symbol, stored.array, this.#cursor(stored.layout, []), 0));
    }
  }

  #number(name: string): void {
    this.#loads.set(`pair ${name}`, { kind: 'number', name });
    this.#define(name, this.#b.input('pair', name));
  }

  #load(name: string, array: string, cursor: number, offset: number): number {
    this.#loads.set(`pair ${name}`, { kind: 'array', array, cursor, offset });
    return this.#b.input('pair', name);
  }

  #cursor(layout: Layout, strides: readonly number[]): number {
    const full = layout.extents.map((_, axis) => strides[axis] ?? 1);
    const at = this.#cursors.findIndex((c) => c.layout === layout && c.strides.join() === full.join());
    if (at >= 0) return at;
    this.#cursors.push({ layout, strides: full });
    return this.#cursors.length - 1;
  }

  /** The lanes of an expectation, which read the covariance and how far the series go. */
  #dual({ expansion, order, covariance }: Dual): number {
    const expand = this.#scope.expansion(expansion);
    const name = seriesName(expansion, order);
    const limit = limitName(name);
    this.#series.set(name, { expansion, order, tolerance: expand.tolerance });
    this.#require(sym(covariance));
    if (!this.#defined.has(limit)) this.#number(limit);
    const mayVanish = this.#scope.mayVanish(expand.variance);
    return seriesLane(this.#b, this.#lowering, { expand, order, covariance, name, limit, mayVanish });
  }

  /** Σ_c x[p c]·x'[p' c] from the channels of both samples. */
  #inner(scale: number): number {
    const b = this.#b;
    if (this.#scope.channels > mostUnrolled) return b.of('mul', this.#innerLoop(), b.constant(scale));
    const factor = (c: number): readonly [number, number] => {
      const name = inputName(c);
      if (!this.#isSelf) return [b.input('row', name), b.input('column', name)];
      const x = b.input('row', name);
      return [x, x];
    };
    const first = b.of('mul', ...factor(0));
    const rest = Array.from({ length: this.#scope.channels - 1 }, (_, c) => factor(c + 1));
    const sum = rest.reduce((total, [x, y]) => b.of('madd', x, y, total), first);
    return b.of('mul', sum, b.constant(scale));
  }

  /** The same as a series with the channels as coefficients, at 1: a loop. */
  #innerLoop(): number {
    const [name, isNumber] = [inputName(0), false];
    this.#loads.set('series x', { kind: 'sample', side: 'x', name, isNumber });
    this.#loads.set('series y', { kind: 'sample', side: this.#isSelf ? 'x' : 'y', name, isNumber });
    return this.#b.series(channelSeries, this.#b.constant(1));
  }

  /** The sum over a window, as loads from the shifted addresses. */
  #taps(s: Extract<Statement, { kind: 'shiftSum' }>): number {
    const axes = this.#scope.affine.get(s.name) as readonly AffineAxis[];
    const { array, layout } = this.#requireStored(s.of);
    const cursor = this.#cursor(
      layout,
      axes.map((axis) => axis.stride),
    );
    const last = axes.length - 1;
    const step = (axis: number) => (axis === last ? layout.rowStep + 1 : stepOf(layout, axis));
    const offsets = axes.reduce<readonly number[]>(
      (all, axis, a) => all.flatMap((o) => axis.offsets.map((by) => o + by * step(a))),
      [0],
    );
    const loads = offsets.map((offset) => () => this.#load(`${s.of} at ${offset}`, array, cursor, offset));
    const [first, ...rest] = loads as [() => number, ...(() => number)[]];
    return rest.reduce((sum, load) => this.#b.of('add', sum, load()), first());
  }

  /** Weights of a window over both w and the lanes, on the cells it covers. */
  #window(s: Extract<Statement, { kind: 'linear' }>): number {
    const { stride, offset, weights } = this.#scope.windows.get(s.name) as WindowAxis;
    const { array, layout } = this.#requireStored(s.of);
    const cursor = this.#cursor(
      layout,
      s.axes.map((_, axis) => (axis === s.axes.length - 1 ? stride : 1)),
    );
    const b = this.#b;
    const terms = weights.flatMap((w, a) =>
      weights.map((u, c) => ({ weight: w * u, at: (offset + a) * layout.rowStep + offset + c })),
    );
    return terms.reduce<number | undefined>((sum, { weight, at }) => {
      const factors = [this.#load(`${s.of} at ${at}`, array, cursor, at), b.constant(weight)] as const;
      return sum === undefined ? b.of('mul', ...factors) : b.of('madd', ...factors, sum);
    }, undefined) as number;
  }

  #requireStored(name: string): { readonly array: string; readonly layout: Layout } {
    const stored = this.#scope.stored(name);
    if (stored === undefined) throw new Error(`ntkc bug: ${name} is not stored`);
    return stored;
  }

  /** Inputs by how they are loaded: what is the same in all lanes is a row's, everything else a pair's or column's. */
  #placed({ lanes, results }: LaneProgram): LaneProgram {
    const isFlat = this.#scope.layout.span === 'diagonal';
    const place = (lane: Lane): Lane => {
      const { op, name = '' } = lane;
      if (op === 'pair' && this.#loads.get(`pair ${name}`)?.kind === 'number') {
        this.#loads.set(`row #${name}`, { kind: 'number', name });
        return { ...lane, op: 'row', name: `#${name}` };
      }
      if (op !== 'row' && op !== 'column') return lane;
      const isNumber = this.#isNumber(op, name);
      const load: Load = { kind: 'sample', side: op === 'row' ? 'x' : 'y', name, isNumber };
      const placedOp = isNumber ? 'row' : op === 'row' && isFlat ? 'column' : op;
      const placedName = op === placedOp ? name : `${load.side} ${name}`;
      this.#loads.set(`${placedOp} ${placedName}`, load);
      return { ...lane, op: placedOp, name: placedName };
    };
    return { lanes: lanes.map(place), results };
  }

  /** Whether a value of samples has no positions. */
  #isNumber(side: 'row' | 'column', name: string): boolean {
    const found = this.#lowering[side].find((v) => v.name === name);
    return found !== undefined && !symbols(found.expr).some(this.#scope.hasPositions);
  }
}
