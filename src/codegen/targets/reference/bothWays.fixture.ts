/** Kernels with their layers in loops, and with every layer written out. */
import { dualActivation, erf, expandMany } from '../../../ir/gaussian/index.ts';
import { type Program, positionsOf } from '../../../ir/program/index.ts';
import { arithmetic, referenceBody } from './index.ts';
import { partsOf } from './layers.ts';

export interface Module {
  gram(x1: Float64Array, n1: number, x2?: Float64Array, n2?: number, ...more: readonly unknown[]): unknown;
}

function load(program: Program, loops: boolean): Module {
  const { body } = referenceBody(program, { loops });
  const text = `'use strict';\n${body.replaceAll(/^export /gm, '')}\nreturn { gram };`;
  const names = ['dualActivation', 'erf', 'expandMany', ...Object.keys(arithmetic), text];
  return new Function(...names)(dualActivation, erf, expandMany, ...Object.values(arithmetic)) as Module;
}

/** Gram matrices of few inputs, of one set and of two, from loops and written out. */
export function bothWays(program: Program): readonly (readonly unknown[])[] {
  const positions = positionsOf(program.extents);
  const data = (n: number, seed: number, size: number) =>
    Float64Array.from({ length: n * size }, (_, i) => Math.sin(seed + i * i));
  const [x1, x2] = [data(3, 1, program.features), data(2, 5, program.features)];
  const [given1, given2] = [3, 2].map((n) => ({
    patterns: data(n, 2, positions ** 2),
    present: data(n, 3, positions).map((v) => (v > -0.5 ? 1 : 0)),
  }));
  const weights = program.weights.map((_, i) => 0.5 + 0.25 * i);
  return [true, false].map((loops) => {
    const { gram } = load(program, loops);
    return [gram(x1, 3, undefined, 3, undefined, given1), gram(x1, 3, x2, 2, weights, given1, given2)];
  });
}

export const hasLoop = (program: Program): boolean => partsOf(program).parts.some((part) => part.kind === 'layers');
