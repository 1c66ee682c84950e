/** What of a tuple program is tabulated: values of one or two inputs, once for every input or pair. */
import { isGiven, type TupleProgram, type TupleValue } from '../../ir/expectation/index.ts';
import { type Expr, symbols } from '../../ir/scalar/index.ts';

/** A value of slot 0, or of slots 0 and 1, for all inputs: other slots read the same table. */
export interface Table {
  readonly name: string;
  readonly value: TupleValue;
}

/** Where a value is found: a table at some slots, or a constant of the loop that fixes its last slot. */
export type Place =
  | { readonly kind: 'table'; readonly table: string; readonly slots: readonly number[] }
  | { readonly kind: 'local' };

export class Places {
  readonly tables: readonly Table[];
  readonly #places: ReadonlyMap<string, Place>;

  constructor({ values }: TupleProgram) {
    const tables = new Map<string, Table>();
    const places = new Map<string, Place>();
    for (const value of values) {
      const { name, slots, of } = value;
      const isTabulated = of.kind === 'map' && slots.length > 0 && slots.length <= 2;
      if (!isTabulated) {
        places.set(name, { kind: 'local' });
        continue;
      }
      const table = templateName(name, slots);
      if (!tables.has(table)) tables.set(table, { name: table, value });
      places.set(name, { kind: 'table', table, slots });
    }
    this.tables = [...tables.values()];
    this.#places = places;
  }

  of(name: string): Place {
    const place = this.#places.get(name);
    if (place !== undefined) return place;
    if (!isGiven(name)) throw new Error(`ntkc bug: ${name} is not defined in the program`);
    return { kind: 'table', table: name.charAt(0), slots: [...name.slice(1)].map(Number) };
  }

  /** Names of tables with the number of slots they are read at, in the order of definition. */
  read(expressions: readonly Expr[]): readonly string[] {
    return [...new Set(expressions.flatMap((e) => [...symbols(e)]))].filter((name) => name !== 'pi');
  }
}

/** The name with its slots renamed to 0 and 1; a slot it does not depend on keeps its digit, behind a letter. */
const templateName = (name: string, slots: readonly number[]): string =>
  `T${name.replace(/\d/g, (digit) => {
    const at = slots.indexOf(Number(digit));
    return at < 0 ? `n${digit}` : String(at);
  })}`;
