/** How a statement over positions reads a value: as a tensor that broadcasts against its own shape. */
import { type Program, positionsOf, resolve, type Statement } from '../../../../ir/program/index.ts';
import { type Expr, substitute, sym, symbols } from '../../../../ir/scalar/index.ts';
import { lineWidth } from '../lines.ts';
import { ofPair, ofSample, type Shape } from '../statements.ts';

type Placed = Pick<Statement, 'domain' | 'grid'>;

export const countOf = ({ grid }: Pick<Statement, 'grid'>): number => positionsOf(grid?.extents ?? []);

/** A statement's shape: [n p] of samples, [n p p'] of samples at all pairs of positions, [n m p p'] of pairs. */
export function shapeAt(s: Placed): Shape {
  const p = countOf(s);
  if (s.grid === undefined) return s.domain === 'pair' ? ofPair : ofSample;
  if (s.domain === 'self') return { letters: '[n p]', dimensions: `[n, ${p}]` };
  if (s.domain === 'full') return { letters: "[n p p']", dimensions: `[n, ${p}, ${p}]` };
  return s.grid.span === 'all'
    ? { letters: "[n m p p']", dimensions: `[n, m, ${p}, ${p}]` }
    : { letters: '[n m p]', dimensions: `[n, m, ${p}]` };
}

/** Constants declared where statements stand, each once. */
export class Scope {
  readonly lines: string[] = [];
  readonly #names = new Map<string, string>();

  /** The constant's name: the one wanted, or with a number if that is another's. `math` is what it is, if there is room. */
  declare(wanted: string, text: string, letters: string, math = ''): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const names = new Set(this.#names.values());
    let name = wanted;
    for (let i = 2; names.has(name); i++) name = `${wanted}${i}`;
    this.#names.set(text, name);
    const line = `const ${name} = ${text}; // ${letters}`;
    const full = math === '' ? line : `${line} = ${math}`;
    this.lines.push(full.length + 6 <= lineWidth ? full : line);
    return name;
  }
}

export class Forms {
  readonly #statements: ReadonlyMap<string, Statement>;
  readonly #inLoops: ReadonlySet<string>;

  /** `inLoops`: names of values that are kept of each layer. */
  constructor({ statements }: Program, inLoops: ReadonlySet<string>) {
    this.#statements = new Map(statements.map((s) => [s.name, s]));
    this.#inLoops = inLoops;
  }

  /** What pairs read of a sample: a field, or of layers that repeat that of the layer. */
  field(end: 'x' | 'y', name: string): string {
    return this.#inLoops.has(name) ? `layerOf(${end}.${name}, layer)` : `${end}.${name}`;
  }

  /** The expression in names that broadcast. */
  of(e: Expr, by: Placed, scope: Scope): Expr {
    return substitute(e, new Map(symbols(e).map((symbol) => [sym(symbol), sym(this.read(symbol, by, scope))])));
  }

  /** Whether what an expression reads has all axes of its statement, so that it broadcasts to its shape by itself. */
  covers(s: Extract<Statement, { kind: 'map' }>): boolean {
    const axes = new Set<string>();
    const read = symbols(s.expr).filter((symbol) => this.#statements.has(nameIn(symbol, s)));
    for (const symbol of read) {
      const { at } = s.domain === 'self' ? { at: 'here' as const } : resolve(symbol);
      const hasGrid = this.#statements.get(nameIn(symbol, s))?.grid !== undefined;
      for (const end of at === 'here' ? (['x', 'y'] as const) : [at])
        for (const axis of hasGrid ? [end, letterOf(s, end)] : [end]) axes.add(axis);
    }
    if (read.length === 0) return true; // a number, which fills
    const samples = s.domain === 'pair' ? ['x', 'y'] : [];
    const places = s.grid === undefined ? [] : s.domain === 'self' ? ['p'] : [letterOf(s, 'x'), letterOf(s, 'y')];
    return [...samples, ...places].every((axis) => axes.has(axis));
  }

  /** The name a statement reads a symbol by. */
  read(symbol: string, by: Placed, scope: Scope): string {
    const { name, at } = by.domain === 'self' ? { name: symbol, at: 'here' } : resolve(symbol);
    const value = this.#statements.get(name);
    if (value === undefined) return symbol;
    if (at !== 'here') {
      const end = at as 'x' | 'y';
      const text = by.domain === 'pair' ? this.field(end, name) : name;
      return ofEnd(symbol, text, end, value, by, scope);
    }
    if (value.grid !== undefined || by.grid === undefined || by.domain === 'self') return name;
    const axes = by.domain === 'pair' && by.grid.span === 'all' ? 2 : 1;
    const text = Array.from({ length: axes }).reduce<string>((inner) => `tf.expandDims(${inner}, -1)`, name);
    const letters = [...(by.domain === 'full' ? ['n', '1'] : ['n', 'm']), ...Array.from({ length: axes }, () => '1')];
    return scope.declare(`${name}_p`, text, `[${letters.join(' ')}]`);
  }
}

const nameIn = (symbol: string, { domain }: Placed): string => (domain === 'self' ? symbol : resolve(symbol).name);

/** A self value at one end, as `text` gives it. */
function ofEnd(symbol: string, text: string, at: 'x' | 'y', value: Statement, by: Placed, scope: Scope): string {
  const isPair = by.domain === 'pair';
  const [own, letter] = value.grid === undefined ? ['1', '1'] : [`${countOf(value)}`, letterOf(by, at)];
  const [samples, letters] = isPair
    ? at === 'x'
      ? [
          ['-1', '1'],
          ['n', '1'],
        ]
      : [
          ['1', '-1'],
          ['1', 'm'],
        ]
    : [['-1'], ['n']];
  const shape = [...(samples as string[]), ...placesOf(by, at, own)].join(', ');
  const shown = [...(letters as string[]), ...placesOf(by, at, letter)].join(' ');
  return scope.declare(symbol, `tf.reshape(${text}, [${shape}])`, `[${shown}]`);
}

const letterOf = ({ grid, domain }: Placed, at: 'x' | 'y'): string =>
  at === 'x' || domain === 'self' || (domain === 'pair' && grid?.span === 'diagonal') ? 'p' : "p'";

/** Along the axes of positions: the value's own, and 1 along the other's. */
function placesOf({ domain, grid }: Placed, at: 'x' | 'y', own: string): readonly string[] {
  if (grid === undefined) return [];
  if (domain === 'pair' && grid.span === 'diagonal') return [own];
  return at === 'x' ? [own, '1'] : ['1', own];
}
