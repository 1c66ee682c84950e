/** Lane programs applied to arrays, in WebAssembly. */
import type { LaneProgram } from '../../../ir/loop/index.ts';
import { encodeModule, type Instruction } from './assembler/index.ts';
import { elements } from './element.ts';
import { ConstantPool, emitLanes, expandCalls, type LaneTarget, type Spelling } from './lanes.ts';
import { Locals } from './locals.ts';

const tableBytes = 4096;
const page = 65536;

/**
 * The first result of the program at every i, with its column inputs from `columns[name][i]`. Lengths are whole multiples
 * of chains vectors.
 */
export function applyLanes(
  program: LaneProgram,
  columns: Readonly<Record<string, Float64Array>>,
  options: { readonly relaxed: boolean; readonly chains: number } & Spelling,
): Float64Array {
  const { type = 'float64', relaxed, chains } = options;
  const element = elements[type];
  const Numbers = type === 'float64' ? Float64Array : Float32Array;
  const names = Object.keys(columns);
  const n = (columns[names[0] as string] as Float64Array).length;
  const offset = (name: string) => tableBytes + 8 * n * (1 + names.indexOf(name));
  const pages = Math.ceil((tableBytes + 8 * n * (1 + names.length)) / page);
  const constants = new ConstantPool(0, element);
  const locals = new Locals([{ name: 'at', type: 'i32' }]);
  const target: LaneTarget = {
    relaxed,
    chains,
    element,
    constants,
    row: () => [],
    load: (_, name, chain): readonly Instruction[] => [
      ['local.get', 0],
      ['v128.load', offset(name) + 16 * chain],
    ],
    series: () => [],
    take: locals.take,
    free: locals.free,
  };
  const { body, results } = emitLanes(expandCalls(program, options), target);
  const loop: Instruction[] = [
    ['loop'],
    ...body,
    ...(results[0] as number[]).flatMap((local, chain): Instruction[] => [
      ['local.get', 0],
      ['local.get', local],
      ['v128.store', tableBytes + 16 * chain],
    ]),
    ['local.get', 0],
    ['i32.const', 16 * chains],
    ['i32.add'],
    ['local.tee', 0],
    ['i32.const', element.bytes * n],
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
  ];
  const bytes = encodeModule({
    head: [],
    memory: { minimumPages: pages, maximumPages: pages, shared: false },
    functions: [{ name: 'apply', parameters: locals.parameters, results: [], locals: locals.declared, body: loop }],
    data: { offset: 0, bytes: constants.bytes() },
  });
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { ntkc: { memory } });
  for (const name of names) new Numbers(memory.buffer, offset(name), n).set(columns[name] as Float64Array);
  (exports.apply as (at: number) => void)(0);
  return Float64Array.from(new Numbers(memory.buffer, tableBytes, n));
}
