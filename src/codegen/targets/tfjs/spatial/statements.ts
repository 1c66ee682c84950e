/** Statements of a program with positions as lines of TypeScript: one constant a statement, its shape beside it. */
import {
  type Dual,
  type Expand,
  type Inner,
  type Program,
  positionsOf,
  type SpatialStatement,
  type Statement,
} from '../../../../ir/program/index.ts';
import type { Expr } from '../../../../ir/scalar/index.ts';
import { ordersOf } from '../groups.ts';
import { lineWidth } from '../lines.ts';
import { numberText } from '../math.ts';
import { coefficientsName, StatementPrinter } from '../statements.ts';
import { countOf, Forms, type Scope, shapeAt } from './forms.ts';
import type { Tables } from './tables.ts';

export class SpatialPrinter {
  readonly #printer: StatementPrinter;
  readonly #forms: Forms;
  readonly #tables: Tables;
  readonly #channels: number;
  readonly #statements: ReadonlyMap<string, Statement>;
  readonly #orders: ReadonlyMap<string, ReadonlySet<0 | 1>>;

  /** `program`: each statement once; `inLoops`: names of values that are kept of each layer that repeats. */
  constructor(program: Program, functions: ReadonlyMap<Expr, string>, tables: Tables, inLoops: ReadonlySet<string>) {
    this.#printer = new StatementPrinter(program, functions);
    this.#forms = new Forms(program, inLoops);
    this.#tables = tables;
    this.#channels = program.features / positionsOf(program.extents);
    this.#statements = new Map(program.statements.map((s) => [s.name, s]));
    this.#orders = ordersOf(program);
  }

  /** A statement's lines, after what `scope` declares for them. */
  lines(s: Statement, scope: Scope, indent: number): readonly string[] {
    switch (s.kind) {
      case 'map':
        return this.#map(s, scope, indent);
      case 'inner':
        return [this.#line(s, innerText(s), this.#channels === 1 ? '' : innerMath(s), 1 / s.scale)];
      case 'expand':
        return this.#printer.expand(s, this.#orders.get(s.name) ?? new Set(), s.grid !== undefined);
      case 'dual':
        return [this.#dual(s, scope)];
      default:
        return [this.#spatial(s)];
    }
  }

  /** An expression over values without positions, as an output is. */
  value(name: string, e: Expr, by: Pick<Statement, 'domain'>, scope: Scope, indent: number): readonly string[] {
    return this.#printer.value(name, this.#forms.of(e, by, scope), shapeAt(by), indent);
  }

  #map(s: Extract<Statement, { kind: 'map' }>, scope: Scope, indent: number): readonly string[] {
    const expr = this.#forms.of(s.expr, s, scope);
    const { letters, dimensions } = shapeAt(s);
    const last = (name: string) => (s.diagonal === undefined ? name : `withSelf(${name}, ${s.diagonal})`);
    const note = s.diagonal === undefined ? '' : `, ${s.diagonal} where p = p'`;
    // A copy is a tensor of its own, since each is freed by its name; what is the same along some axis is repeated there.
    const isWhole = this.#forms.covers(s);
    if (expr.kind === 'sym' && isWhole)
      return [`${this.#declare(s)} = ${last(`tf.clone(${expr.name})`)}; // ${letters}${note}`];
    if (isWhole && s.diagonal === undefined) return this.#printer.value(s.name, expr, shapeAt(s), indent);
    const part = `${s.name}${isWhole ? 'Off' : 'Part'}`;
    const whole = isWhole ? part : `tf.broadcastTo(${part}, ${dimensions})`;
    return [
      ...this.#printer.value(part, expr, shapeAt(s), indent),
      `${this.#declare(s)} = ${last(whole)}; // ${letters}${note}`,
    ];
  }

  /** A value under another name. */
  again(name: string, text: string): string {
    return this.#printer.again(name, text);
  }

  #declare(s: Statement): string {
    return this.#printer.declare(s.name);
  }

  /** `const name = text / divisor; // [n m p] = math / divisor` */
  #line(s: Statement, text: string, math: string, divisor = 1): string {
    const whole = Math.round(divisor);
    const isWhole = Math.abs(divisor - whole) < 1e-9 * whole;
    const factor = numberText(1 / divisor);
    const [scaled, shown] =
      divisor === 1
        ? [text, math]
        : isWhole
          ? [`tf.div(${text}, ${whole})`, `${math} / ${whole}`]
          : [`tf.mul(${text}, ${factor})`, `${factor} · ${math}`];
    const code = `${this.#declare(s)} = ${scaled};`;
    const full = `${code} // ${shapeAt(s).letters} = ${shown}`;
    return math !== '' && full.length + 6 <= lineWidth ? full : `${code} // ${shapeAt(s).letters}`;
  }

  #dual(s: Dual, scope: Scope): string {
    const a = coefficientsName(s.expansion, s.order);
    const phi = s.order === 0 ? 'φ' : "φ'";
    if (s.domain === 'self') return this.#line(s, `${a}.second`, `E ${phi}(√${s.covariance} z)²`);
    const { variance } = this.#statements.get(s.expansion) as Expand;
    const [qx, qy] = ['x', 'y'].map((at) => this.#forms.read(`${variance}_${at}`, s, scope)) as [string, string];
    const rho = scope.declare(
      `rho${/\d+/.exec(s.expansion)?.[0] ?? ''}`,
      `correlation(${s.covariance}, ${qx}, ${qy})`,
      shapeAt(s).letters,
      `${s.covariance} / √(${qx} ${qy})`,
    );
    const [u, v] = this.#coefficients(s, a, scope);
    const text = `series(${u}, ${v}, ${rho})`;
    return s.diagonal === undefined
      ? this.#line(s, text, `E ${phi}(u) ${phi}(v)`)
      : this.#line(s, `withSelf(${text}, ${s.diagonal})`, `E ${phi}(u) ${phi}(v)`);
  }

  /** Coefficients at both ends, in the shape of the correlation and their degree. */
  #coefficients(s: Dual, a: string, scope: Scope): readonly [string, string] {
    const p = s.grid === undefined ? [] : [`${countOf(s)}`];
    const isAll = s.grid?.span === 'all';
    const read = (end: 'x' | 'y') => {
      const isX = end === 'x';
      const [samples, letters] =
        s.domain === 'full'
          ? [['-1'], ['n']]
          : isX
            ? [
                ['-1', '1'],
                ['n', '1'],
              ]
            : [
                ['1', '-1'],
                ['1', 'm'],
              ];
      const placed = (own: readonly string[]) => (isAll ? (isX ? [...own, '1'] : ['1', ...own]) : own);
      const letter = p.length === 0 ? [] : [isAll && !isX ? "p'" : 'p'];
      return scope.declare(
        `${a}_${end}`,
        `tf.reshape(${s.domain === 'full' ? `${a}.a` : this.#forms.field(end, a)}, [${[...samples, ...placed(p), 'degree'].join(', ')}])`,
        `[${[...letters, ...placed(letter), 'k'].join(' ')}]`,
      );
    };
    return [read('x'), read('y')];
  }

  #spatial(s: SpatialStatement): string {
    if (s.kind === 'pattern' || s.kind === 'present')
      return `${this.#declare(s)} = tf.clone(given.${s.kind}); // ${shapeAt(s).letters}`;
    const from = this.#statements.get(s.of) as Statement;
    const letters = shapeAt(from).letters;
    const at = (places: string) => `${s.of}${letters.replace(/p.*\]/, `${places}]`)}`;
    const isAll = letters.includes("p'");
    const equal = s.grid !== undefined && (s.domain === 'self' || s.grid.span === 'diagonal');
    switch (s.kind) {
      case 'shiftSum': {
        const window = this.#tables.nameOf(s);
        const text = `windowSum(${s.of}, ${window}, ${isAll ? 2 : 1})`;
        return this.#line(s, text, `Σ_o ${at(isAll ? "p+o p'+o" : 'p+o')}`, 1 / s.scale);
      }
      case 'linear': {
        const text = `weighted(${s.of}, ${this.#tables.nameOf(s)}, 2)`;
        const math = `Σ_rr' A[p r] A[${equal ? 'p' : "p'"} r'] ${at("r r'")}`;
        return this.#line(s, equal ? `diagonal(${text})` : text, math);
      }
      case 'average':
        return this.#line(s, `weighted(${s.of}, ${this.#tables.nameOf(s)}, 1)`, `Σ_r A[p r] ${at('r')}`);
      case 'reduce':
        return this.#reduce(s, isAll, at);
      case 'onlyDiagonal':
        return this.#onlyDiagonal(s, isAll);
      case 'contract': {
        const [g, h] = s.domain === 'pair' ? [`x.${s.matrix}`, `y.${s.matrix}`] : [s.matrix, s.matrix];
        const [left, right] = [this.#forms.field('x', s.matrix), this.#forms.field('y', s.matrix)];
        const text = s.domain === 'pair' ? `mixed(${s.of}, ${left}, ${right})` : `mixedSelf(${s.of}, ${g})`;
        const math = `Σ_rr' ${g}[p r] ${at("r r'")} ${h}[${equal ? 'p' : "p'"} r']`;
        return this.#line(s, equal ? `diagonal(${text})` : text, math);
      }
      case 'softmax':
        return this.#line(s, `tf.softmax(${s.of})`, "e^of / Σ_p' e^of");
    }
  }

  /** What is read, and what this is, may have all pairs of positions or equal ones alone. */
  #onlyDiagonal(s: Extract<Statement, { kind: 'onlyDiagonal' }>, readsAll: boolean): string {
    const isAll = s.domain === 'full' || s.grid?.span === 'all';
    const math = `${s.of} where p = p', else 0`;
    if (!isAll) return this.#line(s, readsAll ? `diagonal(${s.of})` : `tf.clone(${s.of})`, s.of);
    return this.#line(s, `tf.mul(${readsAll ? s.of : `tf.expandDims(${s.of}, -1)`}, tf.eye(${countOf(s)}))`, math);
  }

  /** Sums along one axis of positions after the other: float32 loses fewer digits than in one long sum. */
  #reduce(s: Extract<Statement, { kind: 'reduce' }>, isAll: boolean, at: (places: string) => string): string {
    const keep = s.domain === 'self' ? ', true' : '';
    const axis = s.domain === 'self' ? 1 : 2;
    if (s.over === 'all')
      return this.#line(s, `tf.sum(tf.sum(${s.of}, ${axis + 1}), ${axis}${keep})`, `Σ_pp' ${at("p p'")}`, 1 / s.scale);
    const equal = isAll ? `diagonal(${s.of})` : s.of;
    return this.#line(s, `tf.sum(${equal}, ${axis}${keep})`, `Σ_p ${at(isAll ? 'p p' : 'p')}`, 1 / s.scale);
  }
}

const innerText = ({ domain, grid }: Inner): string => {
  if (domain === 'self') return 'tf.sum(tf.square(points), 2)';
  if (domain === 'full') return 'tf.matMul(points, points, false, true)';
  return grid?.span === 'all' ? 'innerProducts(x.points, y.points)' : 'innerProductsAtEach(x.points, y.points)';
};
const innerMath = ({ domain, grid }: Inner): string => {
  if (domain === 'self') return 'Σ_c x[n p c]²';
  if (domain === 'full') return "Σ_c x[n p c] x[n p' c]";
  return grid?.span === 'all' ? "Σ_c x[n p c] y[m p' c]" : 'Σ_c x[n p c] y[m p c]';
};
