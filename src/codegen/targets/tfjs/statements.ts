/** Statements of the kernel program as lines of TypeScript: one constant a statement, its shape and formula beside it. */
import type { Dual, Expand, Inner, Output, PointStatement, Program } from '../../../ir/program/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import { printExpression } from './expression.ts';
import { filled, lineWidth } from './lines.ts';
import { mathText, numberText } from './math.ts';
import { numericText } from './numeric.ts';

/** Which samples, and positions, a value belongs to. */
export interface Shape {
  /** In einsum letters. */
  readonly letters: string;
  /** As TypeScript, in the variables n and m. */
  readonly dimensions: string;
}
export const ofSample: Shape = { letters: '[n 1]', dimensions: '[n, 1]' };
export const ofPair: Shape = { letters: '[n m]', dimensions: '[n, m]' };
const shapeOf = (s: { readonly domain: PointStatement['domain'] }): Shape => (s.domain === 'self' ? ofSample : ofPair);

export class StatementPrinter {
  readonly #numbers: ReadonlySet<string>;
  readonly #taken: Set<string>;
  readonly #expansions: ReadonlyMap<string, Expand>;
  readonly #functions: ReadonlyMap<Expr, string>;
  /** Names whose type a caller sees; that of the others is what tfjs infers. */
  readonly #results: ReadonlySet<string>;
  /** Correlations already emitted, by the covariance they are of. */
  readonly #correlations = new Map<string, string>();

  constructor(program: Program, functions: ReadonlyMap<Expr, string>) {
    const { statements, weights, outputs } = program;
    this.#numbers = new Set(weights.map((w) => w.name));
    this.#taken = new Set(statements.map((s) => s.name));
    this.#expansions = new Map(statements.filter((s) => s.kind === 'expand').map((s) => [s.name, s]));
    this.#functions = functions;
    this.#results = new Set(outputs.flatMap((o) => [valuesName(o), diagonalName(o)]));
  }

  /** For the statements of another program, in a scope of their own. */
  of(program: Program): StatementPrinter {
    return new StatementPrinter(program, this.#functions);
  }

  /** `const name`, with the type of what a caller sees. */
  declare(name: string): string {
    return `const ${name}${this.#results.has(name) ? ': tf.Tensor2D' : ''}`;
  }

  /** A value under another name. */
  again(name: string, text: string): string {
    const declared = this.declare(name);
    return `${declared} = ${text}${declared.endsWith('tf.Tensor2D') ? ' as tf.Tensor2D' : ''};`;
  }

  /** A statement's lines; `orders` are the orders of the duals that read an expansion. */
  lines(s: PointStatement, indent: number, orders: ReadonlySet<0 | 1>): readonly string[] {
    switch (s.kind) {
      case 'inner':
        return [`${this.declare(s.name)} = ${inner(s)}`];
      case 'map':
        return this.value(s.name, s.expr, shapeOf(s), indent);
      case 'expand':
        return this.expand(s, orders, false);
      case 'dual':
        return s.domain === 'self' ? [`${this.declare(s.name)} = ${selfDual(s)}`] : this.#pairDual(s, indent);
    }
  }

  /** `const name = expr`, with its temporaries before it. */
  value(name: string, e: Expr, shape: Shape, indent: number): readonly string[] {
    const suffixes = 'abcdefghijklmnopqrstuvwxyz'[Symbol.iterator]();
    const freshName = (): string => {
      for (;;) {
        const fresh = `${name}${suffixes.next().value ?? `z${this.#taken.size}`}`;
        if (this.#taken.has(fresh)) continue;
        this.#taken.add(fresh);
        return fresh;
      }
    };
    const printed = printExpression(e, { numbers: this.#numbers, freshName });
    if (printed === undefined)
      return [`${this.declare(name)} = tf.fill(${shape.dimensions}, ${numericText(e)}); // ${shape.letters}`];
    const { temporaries, text } = printed;
    const own = temporaries.map((t) => withMath(`const ${t.name} = ${t.text};`, shape, t.math, indent));
    const last = `${this.declare(name)} = ${text};`;
    const math = mathText(e);
    if (temporaries.length === 0 && fits(last, shape, math, indent)) return [withMath(last, shape, math, indent)];
    return [...wrapped(`${name}${shape.letters} = ${math}`, indent), ...own, last];
  }

  /** The expansion of φ and of φ', as far as duals read them; at every position of a variance that has them. */
  expand(s: Expand, orders: ReadonlySet<0 | 1>, hasPositions: boolean): readonly string[] {
    const call = (phi: Expr, q: string) => {
      const f = this.#functions.get(phi) as string;
      return s.kinks.length === 0
        ? `expand(${f}, ${q})`
        : `expandKinked(${f}, ${q}, [${s.kinks.map(numberText).join(', ')}])`;
    };
    const value = (phi: Expr) =>
      hasPositions ? `atPositions(${s.variance}, (q) => ${call(phi, 'q')})` : call(phi, s.variance);
    const math = (phi: string) =>
      hasPositions ? `a[n p k] = E ${phi}(√${s.variance} z) h_k(z)` : `a[n p] = E ${phi}(√${s.variance} z) h_p(z)`;
    return [
      ...(orders.has(0) ? [`const ${s.name} = ${value(s.phi)}; // ${math('φ')}`] : []),
      ...(orders.has(1) ? [`const ${dotName(s.name)} = ${value(s.dphi)}; // ${math("φ'")}`] : []),
    ];
  }

  #pairDual(s: Dual, indent: number): readonly string[] {
    const { variance } = this.#expansions.get(s.expansion) as Expand;
    const known = this.#correlations.get(s.covariance);
    const rho = known ?? this.#fresh(`rho${/\d+$/.exec(s.expansion)?.[0] ?? ''}`);
    this.#correlations.set(s.covariance, rho);
    const a = coefficientsName(s.expansion, s.order);
    const call = `const ${rho} = correlation(${s.covariance}, x.${variance}, y.${variance});`;
    const math = `${s.covariance} / √(${variance}_x ${variance}_y)`;
    const declared = fits(call, ofPair, math, indent)
      ? [withMath(call, ofPair, math, indent)]
      : [...wrapped(`${rho}${ofPair.letters} = ${math}`, indent), call];
    const phi = s.order === 0 ? 'φ' : "φ'";
    return [
      ...(known === undefined ? declared : []),
      `${this.declare(s.name)} = series(x.${a}, y.${a}, ${rho}); // [n m] = E ${phi}(u) ${phi}(v)`,
    ];
  }

  /** Correlations live in the group of statements they were made in. */
  forgetCorrelations(): void {
    this.#correlations.clear();
  }

  #fresh(name: string): string {
    let fresh = name;
    while (this.#taken.has(fresh)) fresh = `${fresh}_`;
    this.#taken.add(fresh);
    return fresh;
  }
}

export const dotName = (expansion: string): string => `${expansion}Dot`;
export const coefficientsName = (expansion: string, order: 0 | 1): string =>
  order === 0 ? expansion : dotName(expansion);

/** The names of an output's values on pairs and on the diagonal: its own where they are no single statement. */
export const valuesName = (o: Output): string => (o.pair.kind === 'sym' ? o.pair.name : `${o.name}Values`);
export const diagonalName = (o: Output): string => (o.self.kind === 'sym' ? o.self.name : `${o.name}Diagonal`);

function inner({ domain, scale }: Inner): string {
  const divisor = Math.round(1 / scale);
  const whole = Math.abs(1 / scale - divisor) < 1e-9 * divisor;
  const [call, math] =
    domain === 'self'
      ? ['tf.sum(tf.square(x), 1, true)', '[n 1] = Σ_d x[n d]²']
      : ['tf.matMul(x1, x2 ?? x1, false, true)', '[n m] = Σ_d x1[n d] x2[m d]'];
  return whole
    ? `tf.div(${call}, ${divisor}); // ${math} / ${divisor}`
    : `tf.mul(${call}, ${numberText(scale)}); // ${math} · ${numberText(scale)}`;
}

const selfDual = (s: Dual) =>
  `${coefficientsName(s.expansion, s.order)}.second; // [n 1] = E φ${s.order === 0 ? '' : "'"}(√q z)²`;

const fits = (code: string, shape: Shape, math: string, indent: number) =>
  `${code} // ${shape.letters} = ${math}`.length + indent <= lineWidth;

const withMath = (code: string, shape: Shape, math: string, indent: number) =>
  `${code} // ${shape.letters}${math !== '' && fits(code, shape, math, indent) ? ` = ${math}` : ''}`;

/** A comment over as many lines as it needs. */
const wrapped = (text: string, indent: number): readonly string[] =>
  filled(text.split(' '), indent + 5).map((line, i) => `${i === 0 ? '//' : '//  '} ${line}`);

/** `const phi1 = (x) => ...` for a formula activation. */
export function functionLines(name: string, phi: Expr): readonly string[] {
  let count = 0;
  const freshName = () => `u${++count}`;
  const head = `const ${name} = (x: tf.Tensor): tf.Tensor =>`;
  const printed = printExpression(phi, { numbers: new Set(), freshName });
  const comment = `// ${mathText(phi)}`;
  if (printed === undefined) return [`${head} tf.fill(x.shape, ${numericText(phi)}); ${comment}`];
  if (printed.temporaries.length === 0) return [`${head} ${printed.text}; ${comment}`];
  return [
    `${head} {`,
    `  ${comment}`,
    ...printed.temporaries.map((t) => `  const ${t.name} = ${t.text};`),
    `  return ${printed.text};`,
    '};',
  ];
}
