/**
 * Gaps of covariances: √(q q') − k and √(q q') + k, carried from the inputs on beside k. @derived q q' − k² is their product:
 * where k is nearly ±√(q q') it loses nothing, while q q' − k² as written is a difference of equal numbers whose root, the
 * angle between near duplicates, keeps half of the digits. Gaps are known for affine combinations and for the ReLU family;
 * elsewhere the kernel program's own formula stands.
 */
import type { LaneBuilder } from '../../ir/loop/index.ts';
import { atX, atY, type MapStatement, type PointStatement } from '../../ir/program/index.ts';
import { call, type Expr, mul, sqrt, sub, sym, symbols } from '../../ir/scalar/index.ts';
import { affineParts, type ReluParts, reluParts } from './forms.ts';
import { isRoot } from './hypotenuse.ts';
import type { ExpressionLowering } from './lower.ts';

/** Lanes of √(q q'), of √(q q') − k and of √(q q') + k. */
export interface Gap {
  readonly size: number;
  readonly below: number;
  readonly above: number;
}

/** Pair inputs of a tile: |x||x'| ∓ Σ_c x[c]·x'[c]. */
export const gapInputs = ['gapBelow', 'gapAbove'] as const;

type Place = 'row' | 'column';
const places = ['row', 'column'] as const;

/** A part of a variance: coefficient · self value, or a number. */
interface Share {
  readonly variance?: string;
  readonly coefficient: number;
}

export class Gaps {
  readonly #b: LaneBuilder;
  readonly #lowering: ExpressionLowering;
  readonly #selfs: ReadonlyMap<string, PointStatement>;
  readonly #pairs: ReadonlyMap<string, PointStatement>;
  readonly #known = new Map<string, Gap | undefined>();
  /** Name of the self value that is scale · |x|², once the inputs' gap is asked for. */
  #inputs: { readonly variance: string; readonly scale: number } | undefined;

  constructor(b: LaneBuilder, lowering: ExpressionLowering, statements: readonly PointStatement[]) {
    this.#b = b;
    this.#lowering = lowering;
    const named = (domain: 'self' | 'pair') =>
      new Map(statements.filter((s) => s.domain === domain).map((s) => [s.name, s]));
    [this.#selfs, this.#pairs] = [named('self'), named('pair')];
  }

  /** |x| of one sample, an expression of self values, where a tile has to compute gaps of the inputs. */
  get norm(): Expr | undefined {
    return this.#inputs && sqrt(mul(1 / this.#inputs.scale, sym(this.#inputs.variance)));
  }

  /** The gap of a pair value k against the variances that a self value holds, if there is a rule for it. */
  of(k: string, variance: string): Gap | undefined {
    const key = `${k} ${variance}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const [pair, self] = [this.#pairs.get(k), this.#selfs.get(variance)];
    const found = pair && self && (this.#ofInner(pair, self) ?? this.#ofMap(pair, self));
    this.#known.set(key, found);
    return found;
  }

  /** The lane of q q' − k², where the expression is that and k has a gap. */
  determinant(e: Expr): number | undefined {
    const read = determinantOf(e);
    const gap = read && this.of(read.k, read.variance);
    // Rounding may leave either just below zero.
    return gap && this.#b.of('max', this.#b.of('mul', gap.below, gap.above), this.#b.constant(0));
  }

  /** k itself, where it has a gap: from there on nothing else is needed of it. */
  covariance(k: string, variance: string): number | undefined {
    const gap = this.of(k, variance);
    return gap && this.#b.of('sub', gap.size, gap.below);
  }

  #sizeOf(variance: string): number {
    const [x, y] = places.map((place) => this.#b.of('sqrt', this.#value(variance, place))) as [number, number];
    return this.#b.of('mul', x, y);
  }

  #ofInner(pair: PointStatement, self: PointStatement): Gap | undefined {
    if (pair.kind !== 'inner' || self.kind !== 'inner' || pair.scale !== self.scale || pair.scale <= 0)
      return undefined;
    this.#inputs = { variance: self.name, scale: self.scale };
    const [below, above] = gapInputs.map((name) => this.#times(this.#b.input('pair', name), self.scale));
    return { size: this.#sizeOf(self.name), below: below as number, above: above as number };
  }

  #ofMap(pair: PointStatement, self: PointStatement): Gap | undefined {
    if (pair.kind !== 'map') return undefined;
    return (self.kind === 'map' ? this.#ofAffine(pair, self) : undefined) ?? this.#ofRelu(pair, self);
  }

  /**
   * k = Σ_i c_i k_i + c_0 with c ≥ 0, q the same of the q_i. @derived √(q q') − k = Σ_i c_i (√(q_i q'_i) − k_i) + d with
   * d = √(q q')·|n − n'|²/2, n the unit vector of √(c_i q_i/q) and √(c_0/q): Cauchy's inequality with its remainder. And
   * √(q q') + k = Σ_i c_i (√(q_i q'_i) + k_i) + d + 2c_0.
   */
  #ofAffine(pair: MapStatement, self: MapStatement): Gap | undefined {
    const [k, q] = [affineParts(pair.expr), affineParts(self.expr)];
    if (k === undefined || q === undefined || k.constant !== q.constant || k.terms.length !== q.terms.length)
      return undefined;
    const left = [...q.terms];
    const parts: { readonly variance: string; readonly coefficient: number; readonly gap: Gap }[] = [];
    for (const { name, coefficient } of k.terms) {
      const at = left.findIndex((t) => t.coefficient === coefficient && this.of(name, t.name) !== undefined);
      const [match] = at < 0 ? [] : left.splice(at, 1);
      if (match === undefined) return undefined;
      parts.push({ variance: match.name, coefficient, gap: this.of(name, match.name) as Gap });
    }
    const size = this.#sizeOf(self.name);
    const [below, above] = (['below', 'above'] as const).map((side) =>
      this.#sum(parts.map(({ gap, coefficient }) => this.#times(gap[side], coefficient))),
    ) as [number, number];
    if (parts.length === 1 && k.constant === 0) return { size, below, above };
    const shares = parts.map(({ variance, coefficient }): Share => ({ variance, coefficient }));
    if (k.constant > 0) shares.push({ coefficient: k.constant });
    const turned = k.constant === 0 ? above : this.#b.of('add', above, this.#b.constant(2 * k.constant));
    return {
      size,
      below: this.#withRemainder(below, self.name, shares),
      above: this.#withRemainder(turned, self.name, shares),
    };
  }

  /** sum + √(q q')·|n − n'|²/2, n the roots of the shares of q. */
  #withRemainder(sum: number, variance: string, shares: readonly Share[]): number {
    const b = this.#b;
    const half = b.of('mul', this.#sizeOf(variance), b.constant(0.5));
    return shares.reduce((all, share) => {
      const [x, y] = places.map((place) => this.#rootOfShare(share, variance, place)) as [number, number];
      const apart = b.of('sub', x, y);
      return b.of('madd', b.of('mul', apart, apart), half, all);
    }, sum);
  }

  #rootOfShare({ variance, coefficient }: Share, whole: string, place: Place): number {
    const b = this.#b;
    const part = b.constant(coefficient);
    const share = variance === undefined ? part : b.of('mul', this.#value(variance, place), part);
    return b.of('sqrt', b.of('div', share, this.#value(whole, place)));
  }

  /** Nothing but self values as they are: what is made of them is made for each pair, seldom, not once a sample. */
  #value(name: string, place: Place): number {
    return this.#lowering.sample(place, sym(name));
  }

  /**
   * k = A(s − kϑ) + Bk of the covariance before, q = Bq of its variance. @derived the gap is B(√(q q') − k) − A(s − kϑ). At
   * ϑ = π that is (2B − πA)√(q q'), nearly zero for what is nearly the absolute value: below k = 0 it is better written with
   * ϑ' = π − ϑ, as (2B − πA)√(q q') + (πA − B)(√(q q') + k) − A(s − |k|ϑ').
   */
  #ofRelu(pair: MapStatement, self: PointStatement): Gap | undefined {
    const read = this.#reluInputs(pair.expr);
    const parts = read && reluParts(pair.expr, read);
    const before = read && this.of(read.k, read.variance);
    if (before === undefined || parts === undefined) return undefined;
    const q = self.name === read?.variance ? sym(self.name) : self.kind === 'map' ? self.expr : undefined;
    const { constant = 0, terms = [] } = (q && affineParts(q)) ?? {};
    const [term, ...others] = terms;
    const isOne =
      constant === 0 &&
      term?.name === read?.variance &&
      others.length === 0 &&
      isClose(parts.linear, term?.coefficient ?? 0);
    return isOne ? this.#afterRelu(self.name, before, parts, read as ReluInputs) : undefined;
  }

  #afterRelu(variance: string, before: Gap, { bend, linear }: ReluParts, { s, angle, k }: ReluInputs): Gap {
    const b = this.#b;
    const [height, angleLane, covariance] = [s, angle, k].map((name) => this.#lowering.lane(sym(name))) as [
      number,
      number,
      number,
    ];
    const after = (turn: number, width: number, straight: number) =>
      b.of('nmadd', b.of('nmadd', turn, width, height), b.constant(bend), straight);
    const { op, args } = b.lane(angleLane);
    const [rest, half] = [2 * linear - Math.PI * bend, Math.PI * bend - linear];
    let below = after(angleLane, covariance, this.#times(before.below, linear));
    if (rest < linear / 8 && op === 'angle') {
      const width = b.of('abs', covariance);
      const turn = b.of('angle', height, width, args[2] as number);
      const turned = b.of('madd', before.above, b.constant(half), b.of('mul', before.size, b.constant(rest)));
      const straight = this.#times(before.below, linear);
      const isObtuse = b.of('less', covariance, b.constant(0));
      below = after(turn, width, b.of('select', isObtuse, turned, straight));
    }
    const size = this.#sizeOf(variance);
    return { size, below, above: b.of('sub', b.of('add', size, size), below) };
  }

  /** The names of s, ϑ and k in an expression of the ReLU family, and of the variance that s has. */
  #reluInputs(e: Expr): ReluInputs | undefined {
    const names = symbols(e).filter((name) => name !== 'pi');
    const meaning = (name: string) => {
      const statement = this.#pairs.get(name);
      return statement?.kind === 'map' ? statement.expr : undefined;
    };
    const s = names.find((name) => determinantOf(rootOf(meaning(name))) !== undefined);
    const read = s === undefined ? undefined : determinantOf(rootOf(meaning(s)));
    if (s === undefined || read === undefined || names.length !== 3 || !names.includes(read.k)) return undefined;
    const angle = names.find((name) => meaning(name) === call('atan2', sym(s), sym(read.k)));
    return angle === undefined ? undefined : { s, angle, ...read };
  }

  #sum([first, ...rest]: readonly number[]): number {
    return rest.reduce((sum, lane) => this.#b.of('add', sum, lane), first as number);
  }

  /** lane · c, joined to the numbers that the lane is multiplied by already. */
  #times(lane: number, c: number): number {
    const b = this.#b;
    const { op, args } = b.lane(lane);
    const factor = op === 'mul' || op === 'nmadd' ? b.lane(args[1] as number) : undefined;
    if (factor?.op !== 'constant') return c === 1 ? lane : b.of('mul', lane, b.constant(c));
    const joined = c * (factor.value as number);
    if (op === 'mul') return this.#times(args[0] as number, joined);
    return b.of('nmadd', args[0] as number, b.constant(joined), this.#times(args[2] as number, c));
  }
}

interface ReluInputs {
  readonly s: string;
  readonly angle: string;
  readonly k: string;
  readonly variance: string;
}

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-14 * Math.abs(b);

const rootOf = (e: Expr | undefined): Expr | undefined =>
  e !== undefined && isRoot(e) ? e.factors[0]?.base : undefined;

/** The names in q_x q_y − k². */
export function determinantOf(e: Expr | undefined): { readonly k: string; readonly variance: string } | undefined {
  if (e === undefined || e.kind !== 'add') return undefined;
  const names = symbols(e);
  const variance = names.find((name) => name.endsWith('_x'))?.slice(0, -2);
  const k = names.find((name) => !name.endsWith('_x') && !name.endsWith('_y'));
  if (variance === undefined || k === undefined) return undefined;
  return e === sub(mul(sym(atX(variance)), sym(atY(variance))), mul(sym(k), sym(k))) ? { k, variance } : undefined;
}
