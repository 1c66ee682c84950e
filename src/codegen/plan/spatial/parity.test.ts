import { expect, it } from 'vitest';
import type { Expand } from '../../../ir/program/index.ts';
import { parseScalar } from '../../../ir/scalar/index.ts';
import { storedOf } from './parity.ts';

const storedIn = (phi: string, kinks: readonly number[] = []) => {
  const expand = { phi: parseScalar(phi, ['x']), kinks } as unknown as Expand;
  return ([0, 1] as const).map((order) => {
    const { first, step } = storedOf(expand, order);
    return `${first} by ${step}`;
  });
};
const [odd, even, neither] = [
  ['1 by 2', '0 by 2'],
  ['0 by 2', '1 by 2'],
  ['0 by 1', '0 by 1'],
];

it.each([
  ['tanh(x)', odd],
  ['x*exp(-x^2)', odd],
  ['x*tanh(x)', even],
  ['cos(x)', even],
  ['x/(1+exp(-x))', neither],
  ['log(1+exp(x))', neither],
  ['tanh(x) + 1e-12*x^2', neither],
])('%s keeps the coefficients that may differ from 0', (phi, stored) => {
  expect(storedIn(phi)).toEqual(stored);
});

it('a kink far from 0 on one side takes the parity away', () => {
  expect(storedIn('x + max(x-1e4, 0)', [1e4])).toEqual(neither);
  expect(storedIn('max(x-2, 0) + min(x+2, 0)', [-2, 2])).toEqual(odd);
});
