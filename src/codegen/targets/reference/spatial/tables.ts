/** Tables of positions as short text: windows by their size, stride and padding, all others number by number. */
import type { LinearAxis, ShiftAxis } from '../../../../ir/program/index.ts';
import { pool, slide, spread } from './arithmetic.ts';

/** The constants of a module: each table once, in the order of their use. */
export class Tables {
  readonly #names = new Map<string, string>();
  /** Functions of arithmetic.ts that the texts call. */
  readonly helpers = new Set<string>();

  /** The name of a table of reads. */
  reads(axis: ShiftAxis, inputs: number): string {
    return this.#named(`window`, readsText(axis, inputs));
  }

  /** The name of the rows of a matrix. */
  rows(axis: LinearAxis, inputs: number): string {
    return this.#named('rows', rowsText(axis, inputs));
  }

  declarations(): readonly string[] {
    return [...this.#names].map(([text, name]) => `const ${name} = ${text};`);
  }

  #named(kind: string, text: string): string {
    const helper = /^\w+(?=\()/.exec(text)?.[0];
    if (helper !== undefined) this.helpers.add(helper);
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = `${kind}${[...this.#names.values()].filter((n) => n.startsWith(kind)).length + 1}`;
    this.#names.set(text, name);
    return name;
  }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export function readsText(axis: ShiftAxis, inputs: number): string {
  const outputs = axis[0]?.length ?? 0;
  for (const window of windowsLike(axis, inputs, outputs)) {
    const build = window.transposed ? spread : slide;
    const { stride, low, circular } = window;
    if (same(build(inputs, outputs, axis.length, stride, low, circular), axis))
      return `${build.name}(${[inputs, outputs, axis.length, stride, low, ...(circular ? ['true'] : [])].join(', ')})`;
  }
  return listText(axis.map((table) => `[${table.join(', ')}]`));
}

/** Windows that agree with the first position read: each stride that is possible, with the padding it then must have. */
function* windowsLike(axis: ShiftAxis, inputs: number, outputs: number) {
  const first = axis.findIndex((table) => table.some((p) => p >= 0));
  const P = axis[first]?.findIndex((p) => p >= 0) ?? -1;
  const p = axis[first]?.[P] ?? 0;
  for (const stride of strides(axis.map((table) => table.filter((q) => q >= 0)))) {
    const low = P * stride + first - p;
    yield { transposed: false, stride, low, circular: false };
    // Wrapped, the position read may be one beyond the other end.
    for (const turns of [0, 1]) yield { transposed: false, stride, low: low + turns * inputs, circular: true };
  }
  for (let stride = 2; stride * inputs <= outputs; stride++) {
    const low = P + first - p * stride;
    yield { transposed: true, stride, low, circular: false };
    for (const turns of [0, 1]) yield { transposed: true, stride, low: low + turns * stride * inputs, circular: true };
  }
}

export function rowsText(axis: LinearAxis, inputs: number): string {
  const size = Math.max(0, ...axis.map((row) => row.weights.length));
  const whole = axis.findIndex((row) => row.weights.length === size);
  const weight = axis[whole]?.weights[0];
  for (const stride of strides([axis.map((row) => row.from), axis.map((row) => row.from + row.weights.length)])) {
    const low = whole * stride - (axis[whole]?.from ?? 0);
    for (const given of [undefined, weight])
      if (same(pool(inputs, axis.length, size, stride, low, given), axis))
        return `pool(${[inputs, axis.length, size, stride, low, ...(given === undefined ? [] : [given])].join(', ')})`;
  }
  return listText(axis.map(({ from, weights }) => `{ from: ${from}, weights: [${weights.join(', ')}] }`));
}

/** Steps between neighbours that occur: one of them is the stride, if there is one. */
const strides = (lists: readonly (readonly number[])[]): ReadonlySet<number> =>
  new Set([...lists.flatMap((list) => list.slice(1).map((p, i) => p - (list[i] as number))), 1].filter((s) => s > 0));

const listText = (entries: readonly string[]) => `[\n${entries.map((e) => `  ${e},\n`).join('')}]`;
