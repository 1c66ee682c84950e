/** Kernels between tensors of any layout: what packs them for `multiply`, sums where that would not pay, entrywise steps. */
import type { Instruction, WasmFunction } from '../targets/wasm/assembler/index.ts';
import { each, Frame, integers } from './instructions.ts';
import { columnBytes, panelBytes, panelRows } from './shape.ts';

/** Leaves the address base + table[at] on the stack; `at` is the address of an entry of a table of byte offsets. */
const looked = <Name extends string>(f: Frame<Name>, base: Name, at: Name): readonly Instruction[] => [
  f.get(base),
  f.get(at),
  ['i32.load', 0],
  ['i32.add'],
];

/** name += bytes. */
const moved = <Name extends string>(f: Frame<Name>, name: Name, bytes: number): readonly Instruction[] => [
  ...f.plus(name, bytes),
  f.set(name),
];

/**
 * pack(to, depth, panels, from, rows, inner, ...): panels of 12 rows in the format of `multiply`,
 * to[panel][k][r] = from[rows[12·panel + r] + inner[k]], k < depth; tables of byte offsets. With `factors` = 2 the product of
 * two tensors, each with its own three parameters: an entrywise product that is never stored.
 */
export function packFunction(factors: 1 | 2): WasmFunction {
  const of = (name: string) => each(factors, (t) => [`${name}${t}`]);
  const parameters = integers([
    'to',
    'depth',
    'panels',
    ...each(factors, (t) => [`from${t}`, `rows${t}`, `inner${t}`]),
  ]);
  const rows = each(factors, (t) => each(panelRows, (r) => [`row${t}_${r}`]));
  const locals = integers(['panel', 'k', 'at', ...of('column'), ...of('offset'), ...rows]);
  const f = new Frame<string>([...parameters, ...locals]);
  const entry = (r: number, t: number): readonly Instruction[] => [
    f.get(`row${t}_${r}`),
    f.get(`offset${t}`),
    ['i32.add'],
    ['f64.load', 0],
  ];
  const column: readonly Instruction[] = [
    ...each(factors, (t): readonly Instruction[] => [
      f.get(`column${t}`),
      ['i32.load', 0],
      f.set(`offset${t}`),
      ...moved(f, `column${t}`, 4),
    ]),
    ...each(panelRows, (r): readonly Instruction[] => [
      f.get('at'),
      ...each(factors, (t) => entry(r, t)),
      ...(factors === 2 ? ([['f64.mul']] as const) : []),
      ['f64.store', 8 * r],
    ]),
    ...moved(f, 'at', columnBytes),
  ];
  const panel: readonly Instruction[] = [
    ...each(factors, (t) =>
      each(panelRows, (r): readonly Instruction[] => [
        f.get(`from${t}`),
        f.get(`rows${t}`),
        ['i32.load', 4 * r],
        ['i32.add'],
        f.set(`row${t}_${r}`),
      ]),
    ),
    ...each(factors, (t): readonly Instruction[] => [
      ...moved(f, `rows${t}`, 4 * panelRows),
      f.get(`inner${t}`),
      f.set(`column${t}`),
    ]),
    f.get('to'),
    f.set('at'),
    ['i32.const', 0],
    f.set('k'),
    ...f.repeat('k', 1, 'depth', column),
    ...moved(f, 'to', panelBytes),
  ];
  const body: readonly Instruction[] = [...f.repeat('panel', 1, 'panels', panel)];
  return { name: factors === 1 ? 'pack' : 'packProduct', parameters, results: [], locals, body };
}

/** store(to, panel, rows, columns, stride): to[r][c] = −C[c][r] for the first rows of a panel, rows `stride` bytes apart. */
export function storeFunction(): WasmFunction {
  const parameters = integers(['to', 'panel', 'rows', 'columns', 'stride']);
  const locals = integers(['r', 'at', 'from', 'end']);
  const f = new Frame<string>([...parameters, ...locals]);
  const body: readonly Instruction[] = f.repeat('r', 1, 'rows', [
    f.get('to'),
    f.set('at'),
    f.get('panel'),
    f.set('from'),
    ...f.indexed('to', 'columns', 8),
    f.set('end'),
    ...f.repeat('at', 8, 'end', [
      f.get('at'),
      ['f64.const', 0],
      f.get('from'),
      ['f64.load', 0],
      ['f64.sub'],
      ['f64.store', 0],
      ...moved(f, 'from', columnBytes),
    ]),
    ...moved(f, 'panel', 8),
    f.get('to'),
    f.get('stride'),
    ['i32.add'],
    f.set('to'),
  ]);
  return { name: 'store', parameters, results: [], locals, body };
}

/** dots(to, count, a, aOuter, b, bOuter, inner, aInner, bInner): to[e] += Σ_k a[aOuter[e] + aInner[k]]·b[bOuter[e] + bInner[k]]. */
export function dotsFunction(): WasmFunction {
  const parameters = integers(['to', 'count', 'a', 'aOuter', 'b', 'bOuter', 'inner', 'aInner', 'bInner']);
  const integerLocals = integers(['end', 'aAt', 'bAt', 'aRow', 'bRow', 'aEnd']);
  const locals = [...integerLocals, { name: 'sum', type: 'f64' as const }];
  const f = new Frame<string>([...parameters, ...locals]);
  const body: readonly Instruction[] = [
    ...f.indexed('to', 'count', 8),
    f.set('end'),
    ...f.indexed('aInner', 'inner', 4),
    f.set('aEnd'),
    ...f.repeat('to', 8, 'end', [
      ...looked(f, 'a', 'aOuter'),
      f.set('aRow'),
      ...looked(f, 'b', 'bOuter'),
      f.set('bRow'),
      f.get('aInner'),
      f.set('aAt'),
      f.get('bInner'),
      f.set('bAt'),
      f.get('to'),
      ['f64.load', 0],
      f.set('sum'),
      ...f.repeat('aAt', 4, 'aEnd', [
        f.get('sum'),
        ...looked(f, 'aRow', 'aAt'),
        ['f64.load', 0],
        ...looked(f, 'bRow', 'bAt'),
        ['f64.load', 0],
        ['f64.mul'],
        ['f64.add'],
        f.set('sum'),
        ...moved(f, 'bAt', 4),
      ]),
      f.get('to'),
      f.get('sum'),
      ['f64.store', 0],
      ...moved(f, 'aOuter', 4),
      ...moved(f, 'bOuter', 4),
    ]),
  ];
  return { name: 'dots', parameters, results: [], locals, body };
}
