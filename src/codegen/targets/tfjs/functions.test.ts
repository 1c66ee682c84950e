import { expect, it } from 'vitest';
import { parseProgram } from '../../../ir/program/index.ts';
import { functionNames } from './body.ts';

it("names φ' of a formula where only a later expansion reads it", () => {
  const program = parseProgram(`
program "recurrent" nngp features 1
self q0 = inner 1
pair k0 = inner 1
self e1 = expand q0 phi tanh(x) dphi 1 - tanh(x)^2 kinks [] tolerance 1e-10 degree 8
self q1 = dual e1 q0 order 0
pair k1 = dual e1 k0 order 0
self e2 = expand q1 phi tanh(x) dphi 1 - tanh(x)^2 kinks [] tolerance 1e-10 degree 8
self q2 = dual e2 q1 order 1
pair k2 = dual e2 k1 order 1
output nngp = k2 diagonal q2
`);
  expect([...functionNames(program).values()]).toEqual(['phi', 'dphi']);
});
