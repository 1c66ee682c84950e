import { NtkcError } from '../errors.ts';
import {
  type Domain,
  type LinearAxis,
  type MovingStatement,
  type Program,
  positionsOf,
  type ShiftAxis,
  type Span,
  type Statement,
} from '../ir/program/index.ts';
import { add, call, type Expr, mul, num, pow, sym } from '../ir/scalar/index.ts';
import type { Kernel } from '../ops/op.ts';
import type { Step } from './derivation.ts';
import { readAt } from './formulas.ts';
import { type Forced, gridOf, Statements, same } from './statements.ts';
import { letters, type Moved, type Notation } from './values.ts';

export const zeroKernel: Kernel = { pair: num(0), self: num(0) };

/** What softmax makes 0, in float32 too: the score of a position that is not there. */
const noScore = -1e30;

/** Kernels moved over positions: the statements of src/ir/program/spatial.ts, for pairs, diagonals and full kernels at once. */
export class PositionsBuilder extends Statements {
  /** Kernels moved over positions, each made once. */
  readonly #known = new Map<string, Kernel>();
  /** Self values moved alone, each made once. */
  readonly #selves = new Map<string, Expr>();
  /** Masks of fewer positions than their inputs have. */
  readonly #masks = new Set<string>();
  /** Matrices of attention, each made once. */
  readonly #matrices = new Map<Expr | string, Expr>();

  /** What programs have besides outputs; masks at the layers that made them. */
  body(steps: readonly Pick<Step, 'path' | 'statements'>[]): Pick<Program, 'statements' | 'masks'> {
    const masks = steps.flatMap(({ path, statements }) =>
      statements.filter((name) => this.#masks.has(name)).map((value) => ({ value, path })),
    );
    return { statements: this.statements, masks };
  }

  shiftSum(k: Kernel, scale: number, axes: readonly ShiftAxis[]): Kernel {
    const extents = axes.map((axis) => axis[0]?.length ?? 0);
    // Where windows keep every position, those that are there stay the same; else those are that read one that is.
    const isSame = same(extents, k.extents);
    const present = isSame
      ? k.present
      : this.#anyPresent(k, extents, (of) => ({ kind: 'shiftSum', of, scale: 1, axes }));
    const each = { self: 'self', pair: 'pair', full: 'full' } as const;
    return this.#moved(k, 'Conv', { extents, present }, each, (of) => ({ kind: 'shiftSum', of, scale, axes }));
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
    const present = this.#anyPresent(k, extents, (of) => ({ kind: 'average', of, axes }));
    return this.#moved(k, 'Pool', { extents, present }, ofAllPairs, (of) => ({ kind: 'linear', of, axes }));
  }

  reduce(k: Kernel, over: Span, scale: number): Kernel {
    const [how, self] = over === 'all' ? (['Mean', 'full'] as const) : (['Trace', 'self'] as const);
    return this.#moved(k, how, {}, { self, pair: 'pair' }, (of) => ({ kind: 'reduce', of, over, scale }));
  }

  meanOverAll(k: Kernel): Kernel {
    const { present, extents = [] } = k;
    if (present === undefined) return this.reduce(k, 'all', 1 / positionsOf(extents) ** 2);
    const count = this.#movedSelf(nameOf(present), 'Trace', undefined, {
      kind: 'reduce',
      of: nameOf(present),
      over: 'diagonal',
      scale: 1,
    });
    const total = this.reduce(k, 'all', 1);
    return {
      pair: mul(total.pair, pow(readAt('x', count), -1), pow(readAt('y', count), -1)),
      self: mul(total.self, pow(count, -2)),
    };
  }

  onlyDiagonal(k: Kernel): Kernel {
    const from = { pair: 'pair', full: 'full' } as const;
    return this.#moved(k, 'Local', placeOf(k), from, (of) => ({ kind: 'onlyDiagonal', of }));
  }

  contract(k: Kernel, matrix: Expr): Kernel {
    const name = nameOf(matrix);
    return this.#moved(k, 'Mixed', placeOf(k), ofAllPairs, (of) => ({ kind: 'contract', of, matrix: name }));
  }

  matrix(k: Kernel): Expr {
    return this.#attention(k.full as Expr, (name) => ({
      kind: 'map',
      name,
      domain: 'full',
      expr: k.full as Expr,
      ...gridOf('full', k.extents),
    }));
  }

  softmax(k: Kernel): Expr {
    const { present, full = k.self } = k;
    const scores = present === undefined ? full : call('select', readAt('y', present), full, num(noScore));
    const of = this.force({ ...k, full: scores }).full as string;
    return this.#attention(of, (name) => ({
      kind: 'softmax',
      name,
      domain: 'full',
      of,
      ...gridOf('full', k.extents),
    }));
  }

  /** A matrix of attention, made once for each key. */
  #attention(key: Expr | string, make: (name: string) => Statement): Expr {
    const known = this.#matrices.get(key);
    if (known !== undefined) return known;
    const index = `${this.next('attention')}`;
    const made = this.push(make(`attention${index}`), { letter: letters.attention, index, domain: 'full' });
    this.#matrices.set(key, made);
    return made;
  }

  pattern(extents: readonly number[]): Expr {
    const nodes = this.statements[0]?.grid?.extents ?? [];
    if (nodes.join() !== extents.join())
      throw new NtkcError({
        what: `its input has ${extents.join(' x ')} positions, and the pattern that comes with a sample is over the ${nodes.join(' x ')} of the network's input`,
        expected: 'the positions of the input, which pooling, strides and slices change',
        next: 'Move aggregate() before these.',
      });
    if (this.notation.has('pattern')) return sym('pattern');
    const statement = { kind: 'pattern', name: 'pattern', domain: 'full', ...gridOf('full', extents) } as const;
    return this.push(statement, { letter: letters.pattern, index: '', domain: 'full' });
  }

  present(extents: readonly number[]): Expr {
    const statement = { kind: 'present', name: 'present', domain: 'self', ...gridOf('self', extents) } as const;
    return this.push(statement, { letter: letters.present, index: '', domain: 'self' });
  }

  /** The average of a self value over positions, one for each position again. */
  average(q: Expr, extents: readonly number[], axes: readonly LinearAxis[]): Expr {
    const { self } = this.force({ self: q, pair: num(0), extents });
    return this.#movedSelf(self, 'Average', extents, { kind: 'average', of: self, axes });
  }

  /** A statement of the self domain alone, of a value's notation. */
  #movedSelf(from: string, how: Moved, extents: readonly number[] | undefined, statement: Moving): Expr {
    const key = JSON.stringify(statement);
    const known = this.#selves.get(key);
    if (known !== undefined) return known;
    const notation = { ...(this.notation.get(from) as Notation), moved: how } as const;
    const name = this.fresh(`${from}${how}`);
    const made = this.push({ ...statement, name, domain: 'self', ...gridOf('self', extents) } as Statement, notation);
    this.#selves.set(key, made);
    return made;
  }

  /** Where at least one of the positions is there that `sum` adds up; made once. */
  #anyPresent({ present }: Kernel, extents: readonly number[], sum: (of: string) => Moving): Expr | undefined {
    if (present === undefined) return undefined;
    const of = nameOf(present);
    const counted = this.#movedSelf(of, 'Conv', extents, sum(of));
    const key = `present where ${nameOf(counted)}`;
    const known = this.#selves.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('present');
    const result = this.define(name, 'self', call('step', counted), this.#nextMask(), extents);
    this.#selves.set(key, result);
    this.#masks.add(name);
    return result;
  }

  /** The mask that comes with a sample is m, those made of it m¹, m², ... */
  #nextMask(): Notation {
    return { letter: letters.present, index: `${this.next('mask')}`, domain: 'self' };
  }

  /** Where one of some masks is 1, no two of which are at the same position; made once. */
  protected anyOf(masks: readonly Expr[], extents: readonly number[]): Expr {
    const key = `present in ${masks.map(nameOf).join()}`;
    const known = this.#selves.get(key);
    if (known !== undefined) return known;
    const result = this.define(this.fresh('present'), 'self', add(...masks), this.#nextMask(), extents);
    this.#selves.set(key, result);
    this.#masks.add(nameOf(result));
    return result;
  }

  /** Zero at positions that are not there: what a statement over several positions may add up. */
  #masked(k: Kernel): Kernel {
    const { present, full, extents } = k;
    if (present === undefined || extents === undefined) return k;
    const both = mul(readAt('x', present), readAt('y', present));
    const masked = { self: mul(k.self, present), pair: mul(k.pair, both), extents };
    return { ...masked, ...(full && { full: mul(full, both) }) };
  }

  /** A kernel moved over positions: a statement for each of its values that `from` has. Zero stays zero. */
  #moved(unmasked: Kernel, how: Moved, place: Place, from: Sources, statement: (of: string) => Moving): Kernel {
    if (unmasked.pair.kind === 'num' && unmasked.pair.value === 0) return zeroKernel;
    const k = this.#masked(unmasked);
    const of = this.force(k) as Required<Forced>;
    const { extents } = place;
    const key = JSON.stringify(statement(of.pair));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const one = (domain: Domain): Expr | undefined => {
      const source = from[domain];
      if (source === undefined) return undefined;
      const own = of[domain];
      const note = { ...(this.notation.get(own) as Notation), domain, moved: how };
      const placed = { name: this.fresh(`${own}${how}`), domain, ...gridOf(domain, extents) };
      return this.push({ ...statement(of[source]), ...placed } as Statement, note);
    };
    const [self, pair, full] = [one('self') ?? sym(of.self), one('pair') as Expr, one('full')];
    const result = { self, pair, ...(full && { full, ...placeOf(place) }) };
    this.#known.set(key, result);
    return result;
  }
}

/** The value that the statement of each domain moves; of a domain without one the value stays. */
type Sources = { readonly [D in Domain]?: Domain };
/** Where even a diagonal needs all pairs of positions. */
const ofAllPairs: Sources = { self: 'full', pair: 'pair', full: 'full' };

type Place = { readonly [P in 'extents' | 'present']?: Kernel[P] | undefined };

export const placeOf = ({ extents, present }: Place): Pick<Kernel, 'extents' | 'present'> => ({
  ...(extents && { extents }),
  ...(present && { present }),
});

function nameOf(e: Expr): string {
  if (e.kind !== 'sym') throw new Error('ntkc bug: a value without a name');
  return e.name;
}

type Moving = MovingStatement extends infer S
  ? S extends MovingStatement
    ? Omit<S, 'name' | 'domain' | 'grid'>
    : never
  : never;
