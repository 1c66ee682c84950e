/**
 * Expressions at every sample of a batch, one operation after the other over columns of samples: a walk of the tree for
 * each sample takes five times as long.
 */
import { type Expr, power, scalarFunction } from '../../../ir/scalar/index.ts';

/** Samples at a time: the columns of all subexpressions stay in the cache, and take little memory at any n. */
const blockSamples = 512;

type Column = Float64Array | number;

/**
 * Each expression at n samples, in the roundings of `evaluate`, equal subexpressions once.
 * @param columnOf a symbol's value at each sample, or at all of them
 */
export function evaluateColumns(
  exprs: readonly Expr[],
  n: number,
  columnOf: (name: string) => Column,
): readonly Float64Array[] {
  const out = exprs.map(() => new Float64Array(n));
  for (let from = 0; from < n; from += blockSamples) {
    const to = Math.min(from + blockSamples, n);
    const block = new Block(to - from, (name) => {
      const column = columnOf(name);
      return typeof column === 'number' ? column : column.subarray(from, to);
    });
    exprs.forEach((e, at) => {
      const column = block.of(e);
      const target = (out[at] as Float64Array).subarray(from, to);
      if (typeof column === 'number') target.fill(column);
      else target.set(column);
    });
  }
  return out;
}

class Block {
  readonly #n: number;
  readonly #columnOf: (name: string) => Column;
  readonly #known = new Map<Expr, Column>();

  constructor(n: number, columnOf: (name: string) => Column) {
    this.#n = n;
    this.#columnOf = columnOf;
  }

  of(e: Expr): Column {
    const known = this.#known.get(e);
    if (known !== undefined) return known;
    const column = this.#fresh(e);
    this.#known.set(e, column);
    return column;
  }

  #fresh(e: Expr): Column {
    switch (e.kind) {
      case 'num':
        return e.value;
      case 'sym':
        return e.name === 'pi' ? Math.PI : this.#columnOf(e.name);
      case 'add':
        return this.#sum(e);
      case 'mul':
        return this.#product(e);
      case 'call':
        return this.#call(e);
    }
  }

  #sum({ terms, constant }: Extract<Expr, { kind: 'add' }>): Float64Array {
    const sum = new Float64Array(this.#n).fill(constant);
    for (const { coefficient, term } of terms) {
      const column = this.of(term);
      if (typeof column === 'number') for (let i = 0; i < sum.length; i++) sum[i]! += coefficient * column;
      else for (let i = 0; i < sum.length; i++) sum[i]! += coefficient * column[i]!;
    }
    return sum;
  }

  #product({ factors }: Extract<Expr, { kind: 'mul' }>): Float64Array {
    const product = new Float64Array(this.#n).fill(1);
    for (const { base, exponent } of factors) {
      const column = this.of(base);
      if (typeof column === 'number') {
        const factor = power(column, exponent);
        for (let i = 0; i < product.length; i++) product[i]! *= factor;
      } else if (exponent === 1) for (let i = 0; i < product.length; i++) product[i]! *= column[i]!;
      else for (let i = 0; i < product.length; i++) product[i]! *= power(column[i]!, exponent);
    }
    return product;
  }

  #call({ fn, args }: Extract<Expr, { kind: 'call' }>): Float64Array {
    const { value } = scalarFunction(fn);
    const columns = args.map((a) => this.of(a));
    const values = columns.map((column) => (typeof column === 'number' ? column : 0));
    return Float64Array.from({ length: this.#n }, (_, i) => {
      columns.forEach((column, k) => {
        if (typeof column !== 'number') values[k] = column[i]!;
      });
      return value(...values);
    });
  }
}
