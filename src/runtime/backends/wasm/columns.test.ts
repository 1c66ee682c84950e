import { expect, it } from 'vitest';
import { evaluate, parseScalar, scalarFunctions, sym } from '../../../ir/scalar/index.ts';
import { evaluateColumns } from './columns.ts';

const n = 1100; // two whole blocks and a part of one
const columns: Readonly<Record<string, Float64Array | number>> = {
  x: Float64Array.from({ length: n }, (_, i) => 2.5 * Math.sin(i * i)),
  y: Float64Array.from({ length: n }, (_, i) => 3 + Math.cos(1.7 * i)),
  w: -0.7,
};
const names = ['x', 'y', 'w'] as const;
const calls = scalarFunctions.map(({ name, arity }) => {
  const of = (args: readonly string[]) => `${name}(${args.slice(0, arity).join(', ')})`;
  return `${of(['x', 'y', 'w'])} + ${of(['w', 'x', 'y'])}`;
});
const exprs = [
  ...['3', 'w', 'pi*w', '1.1*x + 0.3*y + 0.7', 'x^2*y^-0.5/w', 'x^0.5 + x^3', '(x + w)^2*(x + w)*y', ...calls].map(
    (text) => parseScalar(text, names),
  ),
  sym('x'),
];

it('gives each sample the bits that evaluate gives it', () => {
  expect(exprs.length).toBeGreaterThan(20);
  const got = evaluateColumns(exprs, n, (name) => columns[name] as Float64Array | number);
  exprs.forEach((e, at) => {
    const want = Float64Array.from({ length: n }, (_, i) => {
      const of = (name: string) => (typeof columns[name] === 'number' ? columns[name] : (columns[name]?.[i] as number));
      return evaluate(e, Object.fromEntries(names.map((name) => [name, of(name)])));
    });
    expect(got[at], `expression ${at}`).toEqual(want);
  });
});
