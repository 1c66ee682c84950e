/** Scalar expressions of pairs as lanes, with what belongs to one sample taken out. */
import type { LaneBuilder } from '../../ir/loop/index.ts';
import { resolve } from '../../ir/program/index.ts';
import {
  add,
  call,
  children,
  type Expr,
  evaluate,
  mul,
  num,
  pow,
  printScalar,
  substitute,
  sym,
  symbols,
} from '../../ir/scalar/index.ts';
import { isRoot, squaredHypotenuse } from './hypotenuse.ts';

/** A number that belongs to one sample: an expression over its self values and the layer weights. */
export interface SampleValue {
  readonly name: string;
  readonly expr: Expr;
}

/** Where an expression can be computed: once and for all, once a sample of the rows or columns, or for each pair. */
type Place = 'constant' | 'row' | 'column' | 'pair';

const joined = (a: Place, b: Place): Place => (a === 'constant' || a === b ? b : b === 'constant' ? a : 'pair');

type Parts = Record<Exclude<Place, 'pair'>, Expr>;

/** A number and what is multiplied by it. */
interface Scaled {
  readonly coefficient: number;
  readonly lane: number;
  /** The two factors, where the lane is no more than their product: it may then be fused with an addition. */
  readonly product?: readonly [number, number];
}

export class ExpressionLowering {
  readonly #b: LaneBuilder;
  readonly #weights: ReadonlySet<string>;
  readonly #mayVanish: (name: string) => boolean;
  readonly #pairs = new Map<string, number>();
  readonly #roots = new Map<string, Expr>();
  readonly #places = new Map<Expr, Place>();
  readonly #lanes = new Map<Expr, number>();
  /** The lane of an expression under a root, where there is a better one than what is written. */
  radicand: (e: Expr) => number | undefined = () => undefined;
  readonly #samples = { row: new Map<Expr, SampleValue>(), column: new Map<Expr, SampleValue>() };

  /** @param mayVanish whether a self value can be 0 often enough for an angle to give 0 there, as atan2(0, 0), and not NaN */
  constructor(b: LaneBuilder, weights: ReadonlySet<string>, mayVanish: (name: string) => boolean = () => false) {
    this.#b = b;
    this.#weights = weights;
    this.#mayVanish = mayVanish;
  }

  get row(): readonly SampleValue[] {
    return [...this.#samples.row.values()];
  }
  get column(): readonly SampleValue[] {
    return [...this.#samples.column.values()];
  }

  /** Gives a pair value of the program its lane, and the expression it stands for where it has one. */
  define(name: string, lane: number, meaning?: Expr): void {
    this.#pairs.set(name, lane);
    if (meaning !== undefined && isRoot(meaning)) this.#roots.set(name, meaning);
  }

  lane(e: Expr): number {
    const known = this.#lanes.get(e);
    if (known !== undefined) return known;
    const lane = this.#fresh(e);
    this.#lanes.set(e, lane);
    return lane;
  }

  /** Layer weights are the same for all samples, but set when the kernel runs: they travel with the rows. */
  #place(e: Expr): Place {
    const known = this.#places.get(e);
    if (known !== undefined) return known;
    const place =
      e.kind === 'sym'
        ? this.#placeOfSymbol(e.name)
        : children(e)
            .map((c) => this.#place(c))
            .reduce(joined, 'constant');
    this.#places.set(e, place);
    return place;
  }
  #placeOfSymbol(name: string): Place {
    if (name === 'pi') return 'constant';
    if (this.#weights.has(name)) return 'row';
    const { at } = resolve(name);
    return at === 'x' ? 'row' : at === 'y' ? 'column' : 'pair';
  }

  #fresh(e: Expr): number {
    const place = this.#place(e);
    if (place === 'constant') return this.#b.constant(evaluate(e, {}));
    if (place !== 'pair') return this.sample(place, e);
    switch (e.kind) {
      case 'sym':
        return this.#pairs.get(e.name) as number;
      case 'add':
        return this.#sum(e);
      case 'mul':
        return this.#scaled(1, e).lane;
      case 'call':
        return this.#angle(e) ?? this.#b.call(e.fn, ...e.args.map((a) => this.lane(a)));
      case 'num':
        throw new Error('ntkc bug: a number is no pair value');
    }
  }

  /** atan2 without a division, where the length of its vector is a product over the samples. */
  #angle({ fn, args: [y, x] }: Extract<Expr, { kind: 'call' }>): number | undefined {
    if (fn !== 'atan2' || y === undefined || x === undefined) return undefined;
    const named = (e: Expr) => (e.kind === 'sym' ? (this.#roots.get(e.name) ?? e) : e);
    const length = squaredHypotenuse(named(y), named(x), (e) => this.#place(e));
    if (length === undefined) return undefined;
    const isGuarded = [length.row, length.column].some((e) => symbols(e).some((s) => this.#mayVanish(resolve(s).name)));
    const inverse = (e: Expr) => (isGuarded ? call('select', e, pow(e, -0.5), num(0)) : pow(e, -0.5));
    const perLength = this.lane(mul(inverse(length.row), inverse(length.column)));
    const angle = this.#b.of('angle', this.lane(y), this.lane(x), perLength);
    if (!isGuarded) return angle;
    const zero = this.#b.constant(0);
    return this.#b.of('select', this.#b.of('less', zero, perLength), angle, zero);
  }

  /** An expression of self values as a number of the sample at the row, or at the column. */
  sample(place: 'row' | 'column', e: Expr): number {
    const here = new Map(symbols(e).map((s) => [sym(s), sym(resolve(s).name)]));
    const expr = substitute(e, here);
    const known = this.#samples[place].get(expr);
    const value = known ?? { name: printScalar(expr), expr };
    this.#samples[place].set(expr, value);
    return this.#b.input(place, value.name);
  }

  /** Terms of one sample are added up once a sample; the rest in the order they stand, those with a plus first. */
  #sum(e: Extract<Expr, { kind: 'add' }>): number {
    const parts: Parts = { constant: num(e.constant), row: num(0), column: num(0) };
    const terms: Scaled[] = [];
    for (const { coefficient, term } of e.terms) {
      const place = this.#place(term);
      if (place === 'pair') terms.push(this.#scaled(coefficient, term));
      else parts[place] = add(parts[place], mul(coefficient, term));
    }
    const withConstant = parts.row.kind !== 'num' ? 'row' : 'column';
    if (parts[withConstant].kind !== 'num') {
      parts[withConstant] = add(parts[withConstant], parts.constant);
      parts.constant = num(0);
    }
    const heads = [parts.constant, parts.row, parts.column].filter((p) => p.kind !== 'num' || p.value !== 0);
    const head = heads.map((p) => this.lane(p)).reduce<number | undefined>((a, b) => this.#plus(a, b), undefined);
    // A difference of products is rounded as written, so that equal products cancel: q q' − k² at equal inputs.
    const fuse = terms.every((t) => t.coefficient > 0);
    return [...terms]
      .sort((s, t) => Number(s.coefficient < 0) - Number(t.coefficient < 0))
      .reduce<number | undefined>((sum, t) => this.#accumulate(sum, t, fuse), head) as number;
  }

  readonly #plus = (a: number | undefined, b: number): number => (a === undefined ? b : this.#b.of('add', a, b));

  #accumulate(sum: number | undefined, { coefficient: c, lane, product }: Scaled, fuse: boolean): number {
    const b = this.#b;
    if (sum === undefined) return c === 1 ? lane : c === -1 ? b.of('neg', lane) : b.of('mul', lane, b.constant(c));
    if (c === 1 && product !== undefined && fuse) return b.of('madd', ...product, sum);
    if (c === 1) return b.of('add', sum, lane);
    if (c === -1) return b.of('sub', sum, lane);
    return b.of('madd', lane, b.constant(c), sum);
  }

  /** coefficient · e, numbers and π in e joined to the coefficient; a product of one sample's factors is that sample's. */
  #scaled(coefficient: number, e: Expr): Scaled {
    const factors = e.kind === 'mul' ? e.factors : [{ base: e, exponent: 1 }];
    const parts: Parts = { constant: num(coefficient), row: num(1), column: num(1) };
    const lanes: number[] = [];
    for (const { base, exponent } of factors) {
      const place = this.#place(base);
      if (place === 'pair') lanes.push(...this.#power(base, exponent));
      else parts[place] = mul(parts[place], pow(base, exponent));
    }
    for (const p of [parts.row, parts.column]) if (p.kind !== 'num') lanes.unshift(this.lane(p));
    const [first, ...rest] = lanes as [number, ...number[]];
    const last = rest.pop();
    const c = evaluate(parts.constant, {});
    if (last === undefined) return { coefficient: c, lane: first };
    const before = rest.reduce((product, factor) => this.#b.of('mul', product, factor), first);
    return { coefficient: c, lane: this.#b.of('mul', before, last), product: [before, last] };
  }

  /** base^exponent as factors. A fractional power clamps rounding errors below zero to zero. */
  #power(base: Expr, exponent: number): readonly number[] {
    const b = this.#b;
    const lane = this.lane(base);
    const size = Math.abs(exponent);
    if (Number.isInteger(exponent)) return repeated(exponent > 0 ? lane : this.#reciprocal(lane), size);
    const clamped = this.radicand(base) ?? b.of('max', lane, b.constant(0));
    if (!Number.isInteger(2 * exponent))
      return [b.call('exp', b.of('mul', b.call('log', clamped), b.constant(exponent)))];
    const root = b.of('sqrt', clamped);
    if (exponent < 0) return repeated(this.#reciprocal(root), 2 * size);
    return [...repeated(lane, Math.floor(size)), root];
  }

  #reciprocal(lane: number): number {
    return this.#b.of('div', this.#b.constant(1), lane);
  }
}

const repeated = (lane: number, times: number): readonly number[] => Array.from({ length: times }, () => lane);
