/** Expected kernels of four inputs as straight-line programs: all 24 orders of four inputs, and parallel first inputs. */
import type { TupleOutput, TupleProgram } from '../../../../ir/expectation/index.ts';
import { add, call, type Expr, mul, num, pow, sub, sym } from '../../../../ir/scalar/index.ts';
import { flatSquare, parallelSquare } from '../coincidence.ts';
import type { Family } from '../families.ts';
import type { MomentFactor } from '../moments.ts';
import { gaussianMoment, type NeuronTerm, neuronKernel, parallelNeuronKernel } from '../neuron.ts';
import type { TwoLayers } from '../twoLayers.ts';
import { TupleBuilder } from './builder.ts';
import type { WriteMoment } from './moments.ts';

interface Shape {
  /** C[γ ξ] = C[ξ γ] for all γ and ξ, so that the two are added before they are multiplied. */
  readonly isSymmetric: boolean;
  readonly family: Family & { readonly write: WriteMoment };
  readonly output: TwoLayers['output'];
}

const pairs = [
  [0, 1, 2, 3],
  [0, 2, 1, 3],
  [0, 3, 1, 2],
  [1, 2, 0, 3],
  [1, 3, 0, 2],
  [2, 3, 0, 1],
] as const;

/** Σ over the orders of inputs in the slots: K4 is symmetric in its first two. */
export function tupleProgram(shape: Shape): TupleProgram {
  const kernel = new Kernel(shape, neuronKernel(4), 1);
  const guards = kernel.guards([0, 1, 2, 3]);
  return kernel.program(
    guards,
    pairs.flatMap((places) => kernel.outputs(places)),
  );
}

/** The same where the inputs in slots 0 and 1 are parallel, α and β, u_1 = ±|u_1/u_0|·u_0: the limit there. */
export function parallelProgram(shape: Shape, sign: 1 | -1): TupleProgram {
  const kernel = new Kernel(shape, parallelNeuronKernel(4), sign);
  return kernel.program(kernel.guards([0, 2, 3]), kernel.outputs([0, 1, 2, 3]));
}

class Kernel {
  readonly #builder = new TupleBuilder();
  readonly #shape: Shape;
  readonly #terms: readonly NeuronTerm[];
  readonly #sign: number;

  constructor(shape: Shape, terms: readonly NeuronTerm[], sign: number) {
    this.#shape = shape;
    this.#terms = terms;
    this.#sign = sign;
  }

  program(guards: readonly string[], outputs: readonly TupleOutput[]): TupleProgram {
    return { slots: 4, values: this.#builder.values, guards, outputs };
  }

  outputs([i, j, k, l]: readonly [number, number, number, number]): readonly TupleOutput[] {
    const [one, other] = [this.#kernelAt([i, j, k, l]), this.#kernelAt([i, j, l, k])];
    const row = [i, j] as const;
    if (this.#shape.isSymmetric) return [{ row, weight: [k, l], expr: add(one, other) }];
    return [
      { row, weight: [k, l], expr: one },
      { row, weight: [l, k], expr: other },
    ];
  }

  /** width · E K4 with α, β, γ, ξ in these slots. */
  #kernelAt(places: readonly number[]): Expr {
    const { std, scale } = this.#shape.output;
    return add(
      ...this.#terms.map((term) =>
        mul(
          scale ** 4 * term.coefficient * gaussianMoment(term.power, std),
          this.#grams(term.grams.map(([i, j]) => [places[i] as number, places[j] as number])),
          this.#moment(term, places),
        ),
      ),
    );
  }

  /** Π G, one value, for it is shared. */
  #grams(grams: readonly (readonly [number, number])[]): Expr {
    const names = grams.map(([i, j]) => `${Math.min(i, j)}${Math.max(i, j)}`).sort();
    return this.#builder.define(`G${names.join('G')}`, () => mul(...names.map((name) => sym(`g${name}`))));
  }

  #moment(term: NeuronTerm, places: readonly number[]): Expr {
    const factors = term.factors
      .map(({ at, fn, order }): MomentFactor => ({ slot: places[at] as number, fn, order }))
      .sort((a, b) => a.slot - b.slot);
    const name = `M${factors.map(({ slot, fn, order }) => `${fn}${'p'.repeat(order)}${slot}`).join('')}`;
    const moment = this.#builder.define(name, () => this.#shape.family.write(this.#builder, factors, this.#sign));
    // φ(cu) = |c| φ(±u) where there is a kink at zero.
    return factors.some(({ fn }) => fn === 'square') ? mul(this.#ratio(), moment) : moment;
  }

  #ratio(): Expr {
    return this.#builder.define('ratio01', () => mul(call('abs', sym('s01')), pow(sym('q0'), -1)));
  }

  /** Positive where no two of the slots are parallel, and no three in a plane: see coincidenceOf. */
  guards(slots: readonly number[]): readonly string[] {
    if (!this.#shape.family.kinked) return [];
    const builder = this.#builder;
    const square = (i: number, j: number) =>
      builder.define(`f${i}${j}`, () =>
        sub(1, mul(pow(sym(`s${i}${j}`), 2), pow(sym(`q${i}`), -1), pow(sym(`q${j}`), -1))),
      );
    const two = slots.flatMap((j) => slots.filter((i) => i < j).map((i) => [i, j] as const));
    const three = two.flatMap(([i, j]) => slots.filter((k) => k > j).map((k) => [i, j, k] as const));
    for (const [i, j] of two) builder.define(`F${i}${j}`, () => sub(square(i, j), num(parallelSquare)));
    for (const [i, j, k] of three) {
      const [ij, ik, jk] = [builder.correlation(i, j), builder.correlation(i, k), builder.correlation(j, k)];
      const squares = [pow(ij, 2), pow(ik, 2), pow(jk, 2)].map((e) => mul(-1, e));
      const largest = call('max', square(i, j), call('max', square(i, k), square(j, k)));
      const determinant = add(1, ...squares, mul(2, ij, ik, jk));
      builder.define(`F${i}${j}${k}`, () => add(determinant, mul(-flatSquare, largest)));
    }
    return [...two, ...three].map((list) => `F${list.join('')}`);
  }
}
