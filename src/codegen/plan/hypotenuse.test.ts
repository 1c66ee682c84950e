import { describe, expect, it } from 'vitest';
import { type Expr, parseScalar, printScalar, symbols } from '../../ir/scalar/index.ts';
import { squaredHypotenuse } from './hypotenuse.ts';

const placeOf = (e: Expr) => {
  const ends = new Set(symbols(e).map((s) => (s.endsWith('_x') ? 'row' : s.endsWith('_y') ? 'column' : 'pair')));
  return ends.size === 0 ? 'constant' : ends.size === 1 ? ([...ends][0] as 'row') : 'pair';
};
const length = (y: string, x: string) => {
  const split = squaredHypotenuse(parseScalar(y), parseScalar(x), placeOf);
  return split && [printScalar(split.row), printScalar(split.column)];
};

describe('the length of a vector as a product', () => {
  it.each([
    ['sqrt(q_x*q_y - k^2)', 'k', ['q_x', 'q_y']],
    ['sqrt(3*q_x^2*q_y^2 - k^2)', 'k', ['3*q_x^2', 'q_y^2']],
    ['2*k', 'sqrt(2*q_x + 2*q_y + 4*q_x*q_y - 4*k^2 + 1)', ['2*q_x + 1', '2*q_y + 1']],
    ['k', 'sqrt(q_x + q_y + q_x*q_y - k^2 + 1)', ['q_x + 1', 'q_y + 1']],
    ['k', 'sqrt(2*q_x + q_y + 0.5*q_x*q_y - k^2 + 4)', ['2*q_x + 4', '0.25*q_y + 1']],
    ['k', 'sqrt(2*q_x + q_y + 0.6*q_x*q_y - k^2 + 4)', undefined],
    ['k', 'sqrt(2*q_x + q_y + 0.5*q_x*q_y - k^2 + 4) + 1', undefined],
    ['k', 'q_x', undefined],
    ['k', 'sqrt(q_x*q_y + k^2)', undefined],
    ['sqrt(-q_x*q_y - k^2)', 'k', undefined],
    ['k', 'sqrt(2*q_x + 2*q_y + 4*q_x*q_y - 4*k^2 + 1)', undefined],
  ] as const)('%s, %s', (y, x, want) => {
    expect(length(y, x)).toEqual(want);
  });
});
