/** A tuple program as JavaScript: tables of what depends on one or two inputs, and four loops over the rest. */
import type { TupleOutput, TupleProgram, TupleRange } from '../../ir/expectation/index.ts';
import { type Expr, sym } from '../../ir/scalar/index.ts';
import { ExpressionPrinter } from '../targets/reference/expression.ts';
import { Places, type Table } from './tables.ts';

type Kind = TupleRange['kind'];

const inputs = ['a', 'b', 'c', 'd'] as const;
const variable = (slot: number) => inputs[slot] as string;

/**
 * The body of a function of (n, q, s, g, C, N, orthantRemainder, erf) that returns `run(heads, from, to, M)`: it adds, for
 * the pairs (a, b) of `heads` in a range, the contributions of all tuples that begin with them to M[n n], each to one of
 * [α β] and [β α]; it returns the number of tuples (α, β, γ, ξ) with a weight. N[i j] counts the weights of {i, j} that are
 * not zero.
 */
export function tupleSource(program: TupleProgram, kind: Kind): string {
  const places = new Places(program);
  const writer = new Writer(program, places, kind);
  return [...places.tables.flatMap((table) => tableLines(table, places)), ...writer.lines()].join('\n');
}

/** How a symbol reads where slots are the given variables. */
function reader(places: Places, at: (slot: number) => string, named: boolean) {
  return (name: string): string => {
    const place = places.of(name);
    if (named || place.kind === 'local') return name;
    const [i, j] = place.slots.map(at);
    return j === undefined ? `${place.table}[${i}]` : `${place.table}[${i} * n + ${j}]`;
  };
}

const printed = (e: Expr, symbol: (name: string) => string) => new ExpressionPrinter([], symbol).print(e).text;

function tableLines({ name, value: { slots, of } }: Table, places: Places): readonly string[] {
  if (of.kind !== 'map') throw new Error('ntkc bug: a table of a remainder');
  const text = printed(
    of.expr,
    reader(places, (slot) => (slot === slots[0] ? 'i' : 'j'), false),
  );
  if (slots.length === 1) return [`const ${name} = Float64Array.from(q, (_, i) => ${text});`];
  return [
    `const ${name} = new Float64Array(n * n);`,
    `for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) ${name}[i * n + j] = ${text};`,
  ];
}

class Writer {
  readonly #program: TupleProgram;
  readonly #places: Places;
  readonly #kind: Kind;

  constructor(program: TupleProgram, places: Places, kind: Kind) {
    this.#program = program;
    this.#places = places;
    this.#kind = kind;
  }

  lines(): readonly string[] {
    const { outputs } = this.#program;
    const inLoop = (level: number) => sumsAt(outputs, level);
    return [
      'return function run(heads, from, to, M) {',
      'let count = 0;',
      'for (let h = from; h < to; h++) {',
      'const a = heads[2 * h], b = heads[2 * h + 1];',
      ...this.#level(0),
      ...this.#level(1),
      ...inLoop(1).map((name) => `let ${name} = 0;`),
      `for (let c = ${this.#kind === 'distinct' ? 'b + 1' : this.#kind === 'repeated' ? 'b' : '0'}; c < n; c++) {`,
      ...this.#level(2),
      ...inLoop(2).map((name) => `let ${name} = 0;`),
      `for (let d = ${this.#kind === 'repeated' ? 'c' : 'c + 1'}; d < n; d++) {`,
      `const some = ${this.#countText()};`,
      'if (some === 0) continue;',
      ...this.#level(3),
      ...this.#weightLines(),
      ...rowsOf(outputs).map((row) => this.#addition(row)),
      '}',
      ...inLoop(2).map((name) => `M[${place(name)}] += ${name};`),
      '}',
      ...inLoop(1).map((name) => `M[${place(name)}] += ${name};`),
      '}',
      'return count;',
      '};',
    ];
  }

  /** Loads, values and guards that the last of their slots decides. */
  #level(level: number): readonly string[] {
    const { values, guards, outputs } = this.#program;
    const locals = values.filter(({ name }) => this.#places.of(name).kind === 'local');
    const read = [
      ...locals.flatMap(({ of }) => (of.kind === 'map' ? [of.expr] : of.correlations)),
      ...guards.map((name) => sym(name)),
      ...outputs.map(({ expr }) => expr),
    ];
    const loads = this.#places
      .read(read)
      .map((name) => ({ name, at: this.#places.of(name) }))
      .filter(({ at }) => at.kind === 'table' && last(at.slots) === level);
    const text = reader(this.#places, variable, false);
    const symbol = reader(this.#places, variable, true);
    const guarded = new Set(guards);
    const check = (name: string) => (guarded.has(name) ? ` if (!(${name} > 0)) continue;` : '');
    return [
      ...loads.map(({ name }) => `const ${name} = ${text(name)};${check(name)}`),
      ...locals
        .filter(({ slots }) => Math.max(0, last(slots)) === level)
        .map(({ name, of }) => {
          const right =
            of.kind === 'map'
              ? printed(of.expr, symbol)
              : `orthantRemainder(${of.correlations.map((r) => printed(r, symbol)).join(', ')})`;
          return `const ${name} = ${right};${check(name)}`;
        }),
    ];
  }

  /** Weights of this tuple that are not zero, of unordered pairs (γ, ξ). */
  #countText(): string {
    const pairs = new Set(this.#program.outputs.map(({ weight: [k, l] }) => [Math.min(k, l), Math.max(k, l)].join()));
    return [...pairs].map((pair) => `N[${at(pair.split(',').map(Number))}]`).join(' + ');
  }

  /** How often the tuple counts: an order of equal inputs once, (α, β) and (β, α) together. */
  #weightLines(): readonly string[] {
    if (this.#kind === 'distinct') return ['count += 2 * some;'];
    if (this.#kind === 'pairs') return ['count += (a === b ? 1 : 2) * some;', 'const once = a === b ? 0.5 : 1;'];
    const runs = ['b === a', 'c === b', 'd === c'].map(
      (same, k) => `const run_${k + 1} = ${same} ? ${k === 0 ? '1' : `run_${k}`} + 1 : 1;`,
    );
    return [...runs, 'const once = 1 / (run_1 * run_2 * run_3);'];
  }

  #addition(row: readonly [number, number]): string {
    const symbol = reader(this.#places, variable, true);
    const parts = this.#program.outputs
      .filter((output) => output.row.join() === row.join())
      .map(({ weight, expr }) => `C[${at(weight)}] * (${printed(expr, symbol)})`);
    const sum = this.#kind === 'distinct' ? parts.join(' + ') : `once * (${parts.join(' + ')})`;
    return row[1] === 3 ? `M[${at(row)}] += ${sum};` : `${sumName(row)} += ${sum};`;
  }
}

const last = (slots: readonly number[]): number => slots[slots.length - 1] ?? 0;
const at = (slots: readonly number[]): string => {
  const [i, j] = slots as readonly [number, number];
  return `${variable(i)} * n + ${variable(j)}`;
};

const rowsOf = (outputs: readonly TupleOutput[]): readonly (readonly [number, number])[] => [
  ...new Map(outputs.map(({ row }) => [row.join(), row])).values(),
];

/** Sums that a loop keeps in a variable: those whose last slot it fixes. No value has such a name. */
const sumName = ([i, j]: readonly [number, number]) => `sum_${i}${j}`;
const sumsAt = (outputs: readonly TupleOutput[], level: number) =>
  rowsOf(outputs)
    .filter(([, j]) => j === level)
    .map(sumName);
const place = (name: string) => at([...name.slice(4)].map(Number));
