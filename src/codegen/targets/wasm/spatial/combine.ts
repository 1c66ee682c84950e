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
  const parameter = (name: string) => locals.parameter(name);
  const get = (name: string): Instruction => ['local.get', parameter(name)];
  const weight = locals.named('weight', 'i32');
  const factor = locals.take();
  const sums = Array.from({ length: laneChunk / 2 }, locals.take);
  const term: readonly Instruction[] = [
    get('coefficients'),
    ['v128.load64_splat', 0],
    ['local.set', factor],
    ...sums.flatMap((sum, vector): readonly Instruction[] => [
      ['local.get', factor],
      ['local.get', weight],
      ['v128.load', 16 * vector],
      ...addProduct(sum, relaxed),
    ]),
    ...move(weight, ['i32.const', 8 * laneChunk]),
    ...move(parameter('coefficients'), ['i32.const', 8]),
  ];
  const body: readonly Instruction[] = [
    ...cleared(sums),
    get('adds'),
    ['if'],
    ...sums.flatMap((sum, vector): readonly Instruction[] => [
      get('out'),
      ['v128.load', 16 * vector],
      ['local.set', sum],
    ]),
    ['end'],
    ...set(weight, get('weights')),
    ...repeated(locals.named('terms', 'i32'), get('points'), term),
    ...sums.flatMap((sum, vector): readonly Instruction[] => [
      get('out'),
      ['local.get', sum],
      ['v128.store', 16 * vector],
    ]),
    ...move(parameter('out'), ['i32.const', 8 * laneChunk]),
  ];
  const all = repeated(locals.named('left', 'i32'), get('count'), body);
  return { name: 'combine', parameters, results: [], locals: locals.declared, body: all };
}
