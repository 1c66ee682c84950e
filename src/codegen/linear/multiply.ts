/** C −= A·Bᵀ for panels: where all blocked algorithms spend their time. */
import type { Instruction, WasmFunction } from '../targets/wasm/assembler/index.ts';
import { each, Frame, integers, subtractProduct, vectors } from './instructions.ts';
import { columnBytes, panelBytes, panelRows } from './shape.ts';

/** 2 vectors of rows by 6 columns are 12 sums, which with 3 operands fit in the 15 vector registers of V8. */
const rowVectors = 2;
const columns = 6;
/** Steps of the sum in a turn of the loop; a divisor of every depth. */
const unrolled = 4;

/** block(c, a, b, depth): C[4 6] −= Σ_{k<depth} A[4 k] B[6 k], each sum in the order of k. */
function blockFunction(relaxed: boolean): WasmFunction {
  const sums = each(rowVectors, (v) => each(columns, (j) => [`sum${v}${j}`]));
  const parameters = integers(['c', 'a', 'b', 'depth']);
  const locals = [...integers(['end']), ...vectors([...sums, 'a0', 'a1', 'element'])];
  const f = new Frame<string>([...parameters, ...locals]);
  const step = (k: number): readonly Instruction[] => [
    ...each(rowVectors, (v): readonly Instruction[] => [
      f.get('a'),
      ['v128.load', columnBytes * k + 16 * v],
      f.set(`a${v}`),
    ]),
    ...each(columns, (j): readonly Instruction[] => [
      f.get('b'),
      ['v128.load64_splat', columnBytes * k + 8 * j],
      f.set('element'),
      ...each(rowVectors, (v): readonly Instruction[] => [
        ...subtractProduct([[f.get(`sum${v}${j}`)], [f.get(`a${v}`)], [f.get('element')]], relaxed),
        f.set(`sum${v}${j}`),
      ]),
    ]),
  ];
  const sumsWith = (phrase: (name: string, offset: number) => readonly Instruction[]) =>
    each(rowVectors, (v) => each(columns, (j) => phrase(`sum${v}${j}`, columnBytes * j + 16 * v)));
  const body: readonly Instruction[] = [
    ...f.indexed('a', 'depth', columnBytes),
    f.set('end'),
    ...sumsWith((name, offset) => [f.get('c'), ['v128.load', offset], f.set(name)]),
    ...f.repeat('a', columnBytes * unrolled, 'end', [
      ...each(unrolled, step),
      ...f.plus('b', columnBytes * unrolled),
      f.set('b'),
    ]),
    ...sumsWith((name, offset) => [f.get('c'), f.get(name), ['v128.store', offset]]),
  ];
  return { name: 'block', parameters, results: [], locals, body };
}

/**
 * block, and multiply(c, a, b, depth, rowPanels, columnPanels): C[i j] −= Σ_{k<depth} A[i k] B[j k] for so many panels of
 * A and of B, at least one each. Addresses in bytes; depth a positive multiple of 12.
 */
export function multiplyFunctions(relaxed: boolean): readonly WasmFunction[] {
  const parameters = integers(['c', 'a', 'b', 'depth', 'rowPanels', 'columnPanels']);
  const locals = integers(['i', 'j', 'cAt', 'aAt', 'bAt']);
  const f = new Frame<string>([...parameters, ...locals]);
  const blockRows = 2 * rowVectors;
  const blocks = each(panelRows / blockRows, (i) =>
    each(panelRows / columns, (j): readonly Instruction[] => [
      ...f.plus('cAt', 8 * blockRows * i + columnBytes * columns * j),
      ...f.plus('aAt', 8 * blockRows * i),
      ...f.plus('bAt', 8 * columns * j),
      f.get('depth'),
      ['call', 0],
    ]),
  );
  const body: readonly Instruction[] = f.repeat('j', 1, 'columnPanels', [
    ...f.indexed('b', 'j', panelBytes),
    f.set('bAt'),
    ...f.indexed('c', 'j', columnBytes * panelRows),
    f.set('cAt'),
    f.get('a'),
    f.set('aAt'),
    ['i32.const', 0],
    f.set('i'),
    ...f.repeat('i', 1, 'rowPanels', [
      ...blocks,
      ...f.plus('aAt', panelBytes),
      f.set('aAt'),
      ...f.plus('cAt', panelBytes),
      f.set('cAt'),
    ]),
  ]);
  return [blockFunction(relaxed), { name: 'multiply', parameters, results: [], locals, body }];
}
