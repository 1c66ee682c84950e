import { NtkcError } from '../errors.ts';
import { type Domain, resolve } from '../ir/program/index.ts';
import { add, type Expr, symbols } from '../ir/scalar/index.ts';
import type { Activation } from '../ops/dual.ts';
import type { Kernel, KernelBuilder } from '../ops/op.ts';
import { PositionsBuilder, placeOf } from './positionsBuilder.ts';
import { type Forced, gridOf } from './statements.ts';
import { type KernelLetter, type Letter, letters, type Notation, selfLetters } from './values.ts';

type Activate = (
  b: ProgramBuilder,
  activation: Activation,
  k: Kernel,
) => { readonly kappa: Kernel; readonly dotKappa: Kernel };

/** Collects statements, gives values their names, and remembers how each is written. */
export class ProgramBuilder extends PositionsBuilder implements KernelBuilder {
  readonly #activate: Activate;
  /** Full values that read variances at both ends. */
  readonly #betweenEnds = new Set<string>();

  constructor(activate: Activate) {
    super();
    this.#activate = activate;
  }

  activate(activation: Activation, k: Kernel) {
    return this.#activate(this, activation, k);
  }

  lift(inputs: readonly Kernel[], formula: (...values: Expr[]) => Expr): Kernel {
    const pair = formula(...inputs.map((k) => k.pair));
    const self = formula(...inputs.map((k) => k.self));
    const placed = inputs.find((k) => k.extents !== undefined);
    if (placed === undefined) return { pair, self };
    const masks = new Set(inputs.filter((k) => k.extents !== undefined).map((k) => k.present));
    if (masks.size > 1)
      throw new NtkcError({
        what: 'branches of a masked network end with different masks',
        expected: 'the same strides and windows in every branch',
      });
    // A kernel without positions is read at all of them alike.
    return { pair, self, full: formula(...inputs.map(fullOf)), ...placeOf(placed) };
  }

  sideBySide(parts: readonly Kernel[], places: readonly Kernel[]): Kernel {
    const sum = this.lift(
      parts.map(({ present: _, ...k }) => k),
      add,
    );
    const masks = places.flatMap(({ present }) => present ?? []);
    if (sum.extents === undefined || masks.length === 0) return sum;
    return { ...sum, present: this.anyOf(masks, sum.extents) };
  }

  /** Gives a kernel names, e.g. sigma2 and q2, also where it is a copy or a number: `withoutCopies` takes these out. */
  name(letter: KernelLetter, index: number | string, kernel: Kernel, of?: number, isNoisy = false): Kernel {
    const suffix = of === undefined ? `${index}` : `${index}of${of}`;
    const note = (domain: Domain): Notation => ({
      letter: letters[letter],
      index: `${index}`,
      domain,
      ...(of !== undefined && { of: `${of}` }),
    });
    const { extents } = kernel;
    const selfName = `${selfLetters[letter]}${suffix}`;
    const self = this.define(selfName, 'self', kernel.self, note('self'), extents);
    const pair = this.define(`${letter}${suffix}`, 'pair', kernel.pair, note('pair'), extents);
    if (kernel.full === undefined || extents === undefined) return { self, pair };
    const fullName = `${letter}Full${suffix}`;
    // Where a formula reads variances at both ends, it loses digits at equal positions; noise is of one position alone.
    const needsDiagonal = isNoisy || this.#readsEnds(kernel.full);
    const full = this.define(
      fullName,
      'full',
      kernel.full,
      note('full'),
      extents,
      needsDiagonal ? selfName : undefined,
    );
    return { self, pair, full, ...placeOf(kernel) };
  }

  /** A named value of pairs, or of full kernels, that only helps to write others: the angle between two inputs. */
  label(
    letter: Letter & { readonly letter: string },
    index: number,
    expr: Expr,
    domain: 'pair' | 'full',
    extents: Kernel['extents'],
  ): Expr {
    const name = `${letter.letter}${domain === 'full' ? 'Full' : ''}${index}`;
    if (domain === 'full' && this.#readsEnds(expr)) this.#betweenEnds.add(name);
    return this.define(name, domain, expr, { letter, index: `${index}`, domain }, extents);
  }

  /** Whether a formula reads variances at p and p', itself or through what labels name. */
  #readsEnds(full: Expr): boolean {
    return symbols(full).some((s) => resolve(s).at !== 'here' || this.#betweenEnds.has(s));
  }

  /** E φ(u)φ(v) (order 0) or E φ'(u)φ'(v) (order 1) by an expansion, on pairs and on the diagonal. */
  dual(letter: KernelLetter, index: number, expansion: string, of: Forced, order: 0 | 1): Kernel {
    const { extents } = of;
    const selfName = `${selfLetters[letter]}${index}`;
    const one = (domain: Domain, name: string, covariance: string) =>
      this.push(
        {
          kind: 'dual',
          name,
          domain,
          expansion,
          covariance,
          order,
          ...gridOf(domain, extents),
          ...(domain === 'full' && { diagonal: selfName }),
        },
        { letter: letters[letter], index: `${index}`, domain },
      );
    const self = one('self', selfName, of.self);
    const pair = one('pair', `${letter}${index}`, of.pair);
    if (extents === undefined || of.full === undefined) return { self, pair };
    return { self, pair, full: one('full', `${letter}Full${index}`, of.full), ...placeOf(of) };
  }
}

const fullOf = (k: Kernel): Expr => k.full ?? k.self;
