/** Entrywise products and sums of tensors, row by row: the result lies in order, each part in steps of its own. */
import type { Instruction, WasmFunction } from '../targets/wasm/assembler/index.ts';
import { Frame, integers } from './instructions.ts';

/** The body once for each entry of `rows` rows of `length`; `parts` are walked from base + table[row] in steps. */
function overRows(f: Frame<string>, parts: readonly string[], entry: readonly Instruction[]): readonly Instruction[] {
  const advance = (name: string, by: Instruction): readonly Instruction[] => [
    f.get(name),
    by,
    ['i32.add'],
    f.set(name),
  ];
  return f.repeat('row', 1, 'rows', [
    ...parts.flatMap((part): readonly Instruction[] => [
      f.get(part),
      f.get(`${part}Rows`),
      ['i32.load', 0],
      ['i32.add'],
      f.set(`${part}At`),
      ...advance(`${part}Rows`, ['i32.const', 4]),
    ]),
    ...f.indexed('to', 'length', 8),
    f.set('end'),
    ...f.repeat('to', 8, 'end', [...entry, ...parts.flatMap((part) => advance(`${part}At`, f.get(`${part}Step`)))]),
  ]);
}

const partParameters = (part: string): readonly string[] => [part, `${part}Rows`, `${part}Step`];

/** product(to, rows, length, a, aRows, aStep, b, bRows, bStep): to[row][e] = a[aRows[row] + e·aStep]·b[bRows[row] + e·bStep]. */
export function productFunction(): WasmFunction {
  const parameters = integers(['to', 'rows', 'length', ...partParameters('a'), ...partParameters('b')]);
  const locals = integers(['row', 'end', 'aAt', 'bAt']);
  const f = new Frame<string>([...parameters, ...locals]);
  const body = overRows(
    f,
    ['a', 'b'],
    [f.get('to'), f.get('aAt'), ['f64.load', 0], f.get('bAt'), ['f64.load', 0], ['f64.mul'], ['f64.store', 0]],
  );
  return { name: 'product', parameters, results: [], locals, body };
}

/** add(to, rows, length, a, aRows, aStep, coefficient): to[row][e] += coefficient·a[aRows[row] + e·aStep]. */
export function addFunction(): WasmFunction {
  const coefficient = { name: 'coefficient', type: 'f64' as const };
  const parameters = [...integers(['to', 'rows', 'length', ...partParameters('a')]), coefficient];
  const locals = integers(['row', 'end', 'aAt']);
  const f = new Frame<string>([...parameters, ...locals]);
  const term: readonly Instruction[] = [f.get('aAt'), ['f64.load', 0], f.get('coefficient'), ['f64.mul']];
  const entry: readonly Instruction[] = [
    f.get('to'),
    f.get('to'),
    ['f64.load', 0],
    ...term,
    ['f64.add'],
    ['f64.store', 0],
  ];
  return { name: 'add', parameters, results: [], locals, body: overRows(f, ['a'], entry) };
}
