/** X·Lᵀ = C for one block of 12 columns: what is left of a triangular solve when earlier columns are subtracted. */
import type { Instruction, WasmFunction } from '../targets/wasm/assembler/index.ts';
import { each, Frame, integers, subtractProduct, vectors } from './instructions.ts';
import { columnBytes, panelBytes, panelRows } from './shape.ts';

/** Rows at a time, as vectors of two. */
const rowVectors = panelRows / 2;

/**
 * substitute(x, l, inverses, panels): X[i j] = (X[i j] − Σ_{k<j} X[i k] L[j k])·inverses[j] in place, for 12 columns of so
 * many panels of X, at least one. L[12 12] lies column by column as in its panel; inverses[j] = 1/L[j j].
 */
export function substituteFunction(relaxed: boolean): WasmFunction {
  const parameters = integers(['x', 'l', 'inverses', 'panels']);
  const rows = each(rowVectors, (v) => [`row${v}`]);
  const locals = [...integers(['end']), ...vectors([...rows, 'element'])];
  const f = new Frame<string>([...parameters, ...locals]);
  const splat = (base: string, offset: number): readonly Instruction[] => [
    f.get(base),
    ['v128.load64_splat', offset],
    f.set('element'),
  ];
  const column = (j: number): readonly Instruction[] => [
    ...each(rowVectors, (v): readonly Instruction[] => [
      f.get('x'),
      ['v128.load', columnBytes * j + 16 * v],
      f.set(`row${v}`),
    ]),
    ...each(j, (k): readonly Instruction[] => [
      ...splat('l', columnBytes * k + 8 * j),
      ...each(rowVectors, (v) => [...subtractLoaded(v, k), f.set(`row${v}`)]),
    ]),
    ...splat('inverses', 8 * j),
    ...each(rowVectors, (v): readonly Instruction[] => [
      f.get('x'),
      f.get(`row${v}`),
      f.get('element'),
      ['f64x2.mul'],
      ['v128.store', columnBytes * j + 16 * v],
    ]),
  ];
  const subtractLoaded = (v: number, k: number): readonly Instruction[] => {
    const loaded: readonly Instruction[] = [f.get('x'), ['v128.load', columnBytes * k + 16 * v]];
    return subtractProduct([[f.get(`row${v}`)], loaded, [f.get('element')]], relaxed);
  };
  const body: readonly Instruction[] = [
    ...f.indexed('x', 'panels', panelBytes),
    f.set('end'),
    ...f.repeat('x', panelBytes, 'end', each(panelRows, column)),
  ];
  return { name: 'substitute', parameters, results: [], locals, body };
}
