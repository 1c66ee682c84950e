import {
  type Domain,
  type LinearAxis,
  resolve,
  type ShiftAxis,
  type Span,
  type SpatialStatement,
  type Statement,
} from '../ir/program/index.ts';
import { type Expr, num, sym, symbols } from '../ir/scalar/index.ts';
import type { Kernel, KernelBuilder } from '../ops/op.ts';
import { type Forced, gridOf, Statements } from './statements.ts';
import { type KernelLetter, type Letter, letters, type Moved, type Notation, selfLetters } from './values.ts';

export const zeroKernel: Kernel = { pair: num(0), self: num(0) };

/** Collects statements, gives values their names, and remembers how each is written. */
export class ProgramBuilder extends Statements implements KernelBuilder {
  /** Kernels moved over positions, each made once. */
  readonly #known = new Map<string, Kernel>();

  lift(inputs: readonly Kernel[], formula: (...values: Expr[]) => Expr): Kernel {
    const pair = formula(...inputs.map((k) => k.pair));
    const self = formula(...inputs.map((k) => k.self));
    const extents = inputs.find((k) => k.extents !== undefined)?.extents;
    // A kernel without positions is read at all of them alike.
    return { pair, self, ...(extents && { extents, full: formula(...inputs.map(fullOf)) }) };
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
    const needsDiagonal = isNoisy || symbols(kernel.full).some((s) => resolve(s).at !== 'here');
    const full = this.define(
      fullName,
      'full',
      kernel.full,
      note('full'),
      extents,
      needsDiagonal ? selfName : undefined,
    );
    return { self, pair, full, extents };
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
    return this.define(name, domain, expr, { letter, index: `${index}`, domain }, extents);
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
    return { self, pair, full: one('full', `${letter}Full${index}`, of.full), extents };
  }

  shiftSum(k: Kernel, scale: number, axes: readonly ShiftAxis[]): Kernel {
    const extents = axes.map((axis) => axis[0]?.length ?? 0);
    return this.#moved(k, 'Conv', extents, ({ self, pair, full }) => ({
      self: { kind: 'shiftSum', of: self, scale, axes },
      pair: { kind: 'shiftSum', of: pair, scale, axes },
      full: { kind: 'shiftSum', of: full, scale, axes },
    }));
  }

  linear(k: Kernel, axes: readonly LinearAxis[]): Kernel {
    // A choice of positions needs of a full kernel no more than its diagonal, as a convolution does.
    const isChoice = axes.every((axis) =>
      axis.every(({ weights: [w, ...others] }) => others.length === 0 && (w ?? 1) === 1),
    );
    if (isChoice)
      return this.shiftSum(
        k,
        1,
        axes.map((axis) => [axis.map((row) => (row.weights.length === 0 ? -1 : row.from))]),
      );
    const extents = axes.map((axis) => axis.length);
    return this.#moved(k, 'Pool', extents, ({ pair, full }) => ({
      self: { kind: 'linear', of: full, axes },
      pair: { kind: 'linear', of: pair, axes },
      full: { kind: 'linear', of: full, axes },
    }));
  }

  reduce(k: Kernel, over: Span, scale: number): Kernel {
    return this.#moved(k, over === 'all' ? 'Mean' : 'Trace', undefined, ({ self, pair, full }) => ({
      self: { kind: 'reduce', of: over === 'all' ? full : self, over, scale },
      pair: { kind: 'reduce', of: pair, over, scale },
    }));
  }

  onlyDiagonal(k: Kernel): Kernel {
    const { self, pair, full, extents } = this.#moved(k, 'Local', k.extents, (of) => ({
      pair: { kind: 'onlyDiagonal', of: of.pair },
      full: { kind: 'onlyDiagonal', of: of.full },
    }));
    return { self, pair, ...(full && extents && { full, extents }) };
  }

  contract(k: Kernel, matrix: Expr): Kernel {
    if (matrix.kind !== 'sym') throw new Error('ntkc bug: a matrix without a name');
    const { name } = matrix;
    return this.#moved(k, 'Mixed', k.extents, ({ pair, full }) => ({
      self: { kind: 'contract', of: full, matrix: name },
      pair: { kind: 'contract', of: pair, matrix: name },
      full: { kind: 'contract', of: full, matrix: name },
    }));
  }

  softmax(k: Kernel): Expr {
    const of = this.force(k).full as string;
    const index = `${this.next('attention')}`;
    const statement = { kind: 'softmax', name: `attention${index}`, domain: 'full', of } as const;
    return this.push(
      { ...statement, ...gridOf('full', k.extents) },
      { letter: letters.attention, index, domain: 'full' },
    );
  }

  pattern(extents: readonly number[]): Expr {
    if (this.notation.has('pattern')) return sym('pattern');
    const statement = { kind: 'pattern', name: 'pattern', domain: 'full', ...gridOf('full', extents) } as const;
    return this.push(statement, { letter: letters.pattern, index: '', domain: 'full' });
  }

  /** The average of a self value over positions, one for each position again. */
  average(q: Expr, extents: readonly number[], axes: readonly LinearAxis[]): Expr {
    const { self } = this.force({ self: q, pair: num(0), extents });
    const name = this.fresh(`${self}Average`);
    const notation = { ...(this.notation.get(self) as Notation), moved: 'Average' } as const;
    return this.push({ kind: 'average', name, domain: 'self', of: self, axes, ...gridOf('self', extents) }, notation);
  }

  /** A kernel moved over positions: one statement for each of its values that `make` gives. Zero stays zero. */
  #moved(
    k: Kernel,
    how: Moved,
    extents: readonly number[] | undefined,
    make: (of: Required<Forced>) => { readonly [D in Domain]?: Moving },
  ): Kernel {
    if (k.pair.kind === 'num' && k.pair.value === 0) return zeroKernel;
    const of = this.force(k) as Required<Forced>;
    const made = make(of);
    const key = JSON.stringify(made.pair);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const one = (domain: Domain): Expr | undefined => {
      const statement = made[domain];
      if (statement === undefined) return undefined;
      const from = of[domain];
      const note = { ...(this.notation.get(from) as Notation), domain, moved: how };
      return this.push(
        { ...statement, name: this.fresh(`${from}${how}`), domain, ...gridOf(domain, extents) } as Statement,
        note,
      );
    };
    const [self, pair, full] = [one('self') ?? sym(of.self), one('pair') as Expr, one('full')];
    const result = { self, pair, ...(full && extents && { full, extents }) };
    this.#known.set(key, result);
    return result;
  }
}

type Moving = SpatialStatement extends infer S
  ? S extends SpatialStatement
    ? Omit<S, 'name' | 'domain' | 'grid'>
    : never
  : never;

const fullOf = (k: Kernel): Expr => k.full ?? k.self;
