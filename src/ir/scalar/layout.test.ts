import { describe, expect, it } from 'vitest';
import { parseScalar } from './index.ts';
import { layoutScalar } from './layout.ts';

const both = (formula: string) => {
  const e = parseScalar(formula);
  return [layoutScalar(e, 'text'), layoutScalar(e, 'tex')];
};

describe('layoutScalar', () => {
  it.each([
    ['0.5*pi^(-1)*(s + k*(-a + pi))', '(s + k·(π − a))/(2π)', '\\frac{s + k \\, \\left(\\pi - a\\right)}{2 \\pi}'],
    ['-0.5*a*pi^(-1) + 0.5', '1/2 − a/(2π)', '\\tfrac{1}{2} - \\frac{a}{2 \\pi}'],
    ['2.0000000000000004*q + 0.010000000000000002', '2·q + 0.01', '2 q + 0.01'],
    ['0.75*q', '3·q/4', '\\tfrac{3}{4} q'],
    ['q/3', 'q/3', '\\tfrac{1}{3} q'],
    ['0.333333333333*q', '0.333333333333·q', '0.333333333333 q'],
    ['1.5*q', '1.5·q', '1.5 q'],
    ['q*0.7071067811865476', 'q/√2', '\\frac{q}{\\sqrt{2}}'],
    ['q*1.4142135623730951', '√2·q', '\\sqrt{2} \\, q'],
    ['sqrt(a*b - k^2)', '√(a·b − k²)', '\\sqrt{a \\, b - k^{2}}'],
    ['4*(4*q + 1)^(-0.5)*pi^(-1)', '4/(π·√(4·q + 1))', '\\frac{4}{\\pi \\, \\sqrt{4 q + 1}}'],
    ['(q + 1)^(-1.5)', '1/(q + 1)^(3/2)', '\\frac{1}{\\left(q + 1\\right)^{3/2}}'],
    ['exp(x)^2', 'exp(x)²', '\\left(e^{x}\\right)^{2}'],
    ['1/(1 + exp(-x))', '1/(exp(−x) + 1)', '\\frac{1}{e^{-x} + 1}'],
    ['-a - b', '−a − b', '-a - b'],
    [
      'x*(x > 0 ? 1 : 2)',
      'x·(1 if x > 0 else 2)',
      'x \\, \\left(\\begin{cases}1 & x>0\\\\ 2 & \\text{otherwise}\\end{cases}\\right)',
    ],
    ['1e-7*x', '1e-7·x', '1 \\cdot 10^{-7} \\, x'],
    ['0', '0', '0'],
    ['-0.5', '−1/2', '-\\tfrac{1}{2}'],
    ['a/(b*c)', 'a/(b·c)', '\\frac{a}{b \\, c}'],
    ['a/b', 'a/b', '\\frac{a}{b}'],
  ])('%s', (formula, text, tex) => {
    expect(both(formula)).toEqual([text, tex]);
  });

  it('writes symbols as told, in the order of their ranks', () => {
    const writer = { write: (n: string) => n.toUpperCase(), rank: (n: string) => (n === 'b' ? 0 : 1) };
    expect(layoutScalar(parseScalar('a*b'), 'text', writer)).toBe('B·A');
  });
});
