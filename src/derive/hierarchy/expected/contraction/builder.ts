/** The calculus of expectations as a straight-line program: each conditional covariance, probability and expectation once. */
import { dependence, isGiven, type TupleValue } from '../../../../ir/expectation/index.ts';
import { add, call, div, type Expr, mul, num, pi, pow, sqrt, sub, sym } from '../../../../ir/scalar/index.ts';
import type { Piece } from '../pieces.ts';
import { type Expectation, firstRule, type Quantity } from '../rules.ts';

const digits = (slots: readonly number[]) => slots.join('');
const condition = (given: readonly number[]) => (given.length === 0 ? '' : `v${digits(given)}`);

export class TupleBuilder {
  readonly values: TupleValue[] = [];
  readonly #known = new Map<string, Expr>();
  readonly #slots = new Map<string, readonly number[]>();

  /** A value by name; made the first time. Numbers and symbols stay what they are. */
  define(name: string, make: () => Expr): Expr {
    const known = this.#known.get(name) ?? (isGiven(name) ? sym(name) : undefined);
    if (known !== undefined) return known;
    const expr = make();
    const isSimple = expr.kind === 'num' || expr.kind === 'sym';
    const value = isSimple ? expr : this.#add(name, { kind: 'map', expr }, [expr]);
    this.#known.set(name, value);
    return value;
  }

  #add(name: string, of: TupleValue['of'], reads: readonly Expr[]): Expr {
    const slots = this.slotsOf(reads);
    this.#slots.set(name, slots);
    this.values.push({ name, slots, of });
    return sym(name);
  }

  slotsOf(expressions: readonly Expr[]): readonly number[] {
    return dependence(expressions, this.#slots);
  }

  /** S_ij given that u is zero at the given slots: a Schur complement, slot by slot. */
  covariance(i: number, j: number, given: readonly number[]): Expr {
    const [a, b] = i < j ? [i, j] : [j, i];
    const name = `${a === b ? `q${a}` : `s${a}${b}`}${condition(given)}`;
    return this.define(name, () => {
      const before = given.slice(0, -1);
      const last = given[given.length - 1] as number;
      const across = mul(this.covariance(a, last, before), this.covariance(b, last, before));
      return sub(this.covariance(a, b, before), mul(across, this.#inverse(last, before)));
    });
  }

  #inverse(i: number, given: readonly number[]): Expr {
    return this.define(`i${i}${condition(given)}`, () => pow(this.covariance(i, i, given), -1));
  }

  quantity({ kind, i, j, given }: Quantity): Expr {
    if (kind === 'covariance') return this.covariance(i, j, given);
    if (kind === 'inverse') return this.#inverse(i, given);
    return this.define(`d${i}${condition(given)}`, () => pow(mul(2, pi, this.covariance(i, i, given)), -0.5));
  }

  /** asin of the correlation of u_i and u_j. */
  #angle(i: number, j: number, given: readonly number[]): Expr {
    return this.define(`a${i}${j}${condition(given)}`, () => {
      const s = this.covariance(i, j, given);
      const squares = mul(this.covariance(i, i, given), this.covariance(j, j, given));
      return call('atan2', s, sqrt(sub(squares, pow(s, 2))));
    });
  }

  correlation(i: number, j: number): Expr {
    return this.define(`r${i}${j}`, () => div(sym(`s${i}${j}`), mul(sqrt(sym(`q${i}`)), sqrt(sym(`q${j}`)))));
  }

  /** P(u_i > 0, i in points | given); see orthantProbability. */
  probability(points: readonly number[], given: readonly number[]): Expr {
    if (points.length < 2) return num(points.length === 0 ? 1 : 0.5);
    return this.define(`p${digits(points)}${condition(given)}`, () => {
      const pairs = points.flatMap((j) => points.filter((i) => i < j).map((i) => [i, j] as const));
      const angles = add(...pairs.map(([i, j]) => this.#angle(i, j, given)));
      const closed = add(2 ** -points.length, mul(2 ** (1 - points.length), pow(pi, -1), angles));
      return points.length === 4 ? add(closed, this.#remainder(points)) : closed;
    });
  }

  #remainder(points: readonly number[]): Expr {
    const pairs = points.flatMap((i) => points.filter((j) => i < j).map((j) => this.correlation(i, j)));
    return this.#add(`o${digits(points)}`, { kind: 'remainder', correlations: pairs }, pairs);
  }

  /** E Π factors by the rules, in ascending slots. */
  expectation(e: Expectation): Expr {
    const name = `E${e.factors.map(({ point, piece }) => `${letters(piece)}${point}`).join('')}${condition(e.given)}`;
    return this.define(name, () => {
      const use = firstRule(e);
      const points = e.factors.map(({ point }) => point);
      if (use === undefined) return this.probability(points, e.given);
      const terms = use.rule.apply(e, use.at);
      return add(
        ...terms.map(({ scale, quantities, expectation }) =>
          mul(scale, ...quantities.map((q) => this.quantity(q)), this.expectation(expectation)),
        ),
      );
    });
  }
}

/** t: step, tu: u·step, ...; d: δ, dd: δ'; w: 1, wx: u. */
const letters = ({ kind, degree }: Piece): string =>
  kind === 'power' ? `w${'x'.repeat(degree)}` : degree < 0 ? 'd'.repeat(-degree) : `t${'u'.repeat(degree)}`;
