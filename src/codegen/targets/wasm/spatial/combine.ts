/** Coefficients of a block of positions from those at a few variances, as a WebAssembly function. */
import type { Instruction, Variable, WasmFunction } from '../assembler/index.ts';
import { Locals } from '../locals.ts';
import { addProduct, cleared, move, repeated, set } from './loops.ts';
import { laneChunk } from './pointers.ts';

/** Variances that coefficients may be combined of, at most. */
export const mostPoints = 24;

/** Numbers that a combination reads: weights [point lane], then coefficients [p point]. */
export const combinedNumbers = (mostDegree: number): number => mostPoints * (laneChunk + mostDegree);

/**
 * combine(weights, coefficients, out, points, count, adds): out[p lane] = Σ_k coefficients[p k] weights[k lane] for count p,
 * at these addresses; added to what is there where `adds` is not 0.
 */
export function combineFunction(relaxed: boolean): WasmFunction {
  const names = ['weights', 'coefficients', 'out', 'points', 'count', 'adds'];
  const parameters = names.map((name): Variable => ({ name, type: 'i32' }));
  const locals = new Locals(parameters);
  const get = (name: string): Instruction => ['local.get', locals.parameter(name)];
  const [pairs, rest] = [2, 1].map((rows) => rowsOf(locals, rows, relaxed)) as [
    readonly Instruction[],
    readonly Instruction[],
  ];
  const body: readonly Instruction[] = [
    get('count'),
    ['i32.const', 1],
    ['i32.shr_s'],
    ['local.tee', locals.named('pairs', 'i32')],
    ['if'],
    ...repeated(locals.named('left', 'i32'), ['local.get', locals.named('pairs', 'i32')], pairs),
    ['end'],
    get('count'),
    ['i32.const', 1],
    ['i32.and'],
    ['if'],
    ...rest,
    ['end'],
  ];
  return { name: 'combine', parameters, results: [], locals: locals.declared, body };
}

/** So many p at a time, two of them for the processor to have enough sums that wait for nothing. */
function rowsOf(locals: Locals, rows: number, relaxed: boolean): readonly Instruction[] {
  const parameter = (name: string) => locals.parameter(name);
  const get = (name: string): Instruction => ['local.get', parameter(name)];
  const weight = locals.named('weight', 'i32');
  const sums = Array.from({ length: rows }, () => Array.from({ length: laneChunk / 2 }, locals.take));
  const factors = sums.map(locals.take);
  const at = sums.map((_, row) => locals.named(`coefficients${row}`, 'i32'));
  const each = (of: (sum: number, offset: number) => readonly Instruction[]): readonly Instruction[] =>
    sums.flatMap((vectors, row) => vectors.flatMap((sum, v) => of(sum, 8 * laneChunk * row + 16 * v)));
  const body: readonly Instruction[] = [
    ...cleared(sums.flat()),
    get('adds'),
    ['if'],
    ...each((sum, offset) => [get('out'), ['v128.load', offset], ['local.set', sum]]),
    ['end'],
    ...set(weight, get('weights')),
    ...at.flatMap((to, row) => [
      ...set(to, row === 0 ? get('coefficients') : ['local.get', at[row - 1] as number]),
      ...(row === 0 ? [] : pointsOn(to, get('points'))),
    ]),
    ...repeated(locals.named('terms', 'i32'), get('points'), term({ at, factors, sums, weight }, relaxed)),
    ...each((sum, offset) => [get('out'), ['local.get', sum], ['v128.store', offset]]),
    ...set(parameter('coefficients'), ['local.get', at.at(-1) as number]),
    ...move(parameter('out'), ['i32.const', 8 * laneChunk * rows]),
  ];
  for (const local of [...sums.flat(), ...factors]) locals.free(local);
  return body;
}

/** Locals of some rows. */
interface Rows {
  /** Where the coefficients are, and the coefficient at the point. */
  readonly at: readonly number[];
  readonly factors: readonly number[];
  /** [row vector]. */
  readonly sums: readonly (readonly number[])[];
  /** Where the weights of the point are. */
  readonly weight: number;
}

/** Adds what one point counts, and goes on to the next. */
const term = ({ at, factors, sums, weight }: Rows, relaxed: boolean): readonly Instruction[] => [
  ...at.flatMap((from, row): readonly Instruction[] => [
    ['local.get', from],
    ['v128.load64_splat', 0],
    ['local.set', factors[row] as number],
    ...move(from, ['i32.const', 8]),
  ]),
  ...sums.flatMap((vectors, row) =>
    vectors.flatMap((sum, vector): readonly Instruction[] => [
      ['local.get', factors[row] as number],
      ['local.get', weight],
      ['v128.load', 16 * vector],
      ...addProduct(sum, relaxed),
    ]),
  ),
  ...move(weight, ['i32.const', 8 * laneChunk]),
];

/** Adds 8 · points to an address. */
const pointsOn = (to: number, points: Instruction): readonly Instruction[] => [
  ['local.get', to],
  points,
  ['i32.const', 3],
  ['i32.shl'],
  ['i32.add'],
  ['local.set', to],
];
