/** What an error about an unknown op suggests, and that a suggested formula is the function of that name. */
import { describe, expect, it } from 'vitest';
import { derive } from '../derive/index.ts';
import { evaluateProgram } from '../ir/program/index.ts';
import { differentiate, evaluate } from '../ir/scalar/index.ts';
import { readFormula } from './formula.ts';
import { network, vocabulary } from './vocabulary.ts';

const complaintAbout = (op: string): string => {
  try {
    network({ input: { shape: [2] }, layers: [{ op }] });
    return '';
  } catch (error) {
    return String(error);
  }
};

describe('an unknown op', () => {
  it.each([
    ['tanh', 'Write { "op": "elementwise", "expr": "tanh(x)" }.'],
    ['SiLU', 'Write { "op": "elementwise", "expr": "x*(0.5 + 0.5*tanh(x/2))" }.'],
    ['Dense', 'Did you mean "dense"?'],
    ['dens', 'Did you mean "dense"?'],
    ['Leaky_ReLU', 'Did you mean "leakyRelu"?'],
    ['layer-norm', 'Did you mean "layerNorm"?'],
    ['Conv2d', 'Did you mean "conv"?'],
    ['Linear', 'Did you mean "dense"?'],
    ['residual', 'Did you mean "sum"?'],
  ])('%s: %s', (op, says) => {
    expect(complaintAbout(op)).toContain(`sumPool. ${says}`);
  });

  it.each(['batchNorm', 'lstm', 'x', '', 'zz', '__proto__', 'q'.repeat(1000)])('no guess about %s', (op) => {
    expect(complaintAbout(op)).toMatch(/unknown op .* Expected one of .* sumPool\.$/);
  });

  it('names that mean something else belong to no op', () => {
    for (const { alsoCalled = {} } of vocabulary.values())
      for (const other of Object.keys(alsoCalled)) expect(vocabulary.has(other), other).toBe(false);
  });
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const elu = (x: number) => (x > 0 ? x : Math.exp(x) - 1);
const softplus = (x: number) => Math.log(1 + Math.exp(x));
const relu6 = (x: number) => Math.min(6, Math.max(0, x));
/** Written from the papers' definitions. */
const functions: Readonly<Record<string, (x: number) => number>> = {
  tanh: Math.tanh,
  sigmoid,
  logistic: sigmoid,
  silu: (x) => x * sigmoid(x),
  swish: (x) => x * sigmoid(x),
  softplus,
  mish: (x) => x * Math.tanh(softplus(x)),
  elu,
  celu: elu,
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.exp(x) - 1)),
  softsign: (x) => x / (1 + Math.abs(x)),
  hardtanh: (x) => (x < -1 ? -1 : x > 1 ? 1 : x),
  relu6,
  hardswish: (x) => (x * relu6(x + 3)) / 6,
  hardsigmoid: (x) => relu6(x + 3) / 6,
};

describe('formulas that are suggested', () => {
  const suggested = Object.entries(vocabulary.get('elementwise')?.alsoCalled ?? {});
  it.each(suggested)('%s', (name, { expr }) => {
    const phi = readFormula(String(expr));
    for (const x of [-8, -3, -1.5, -0.4, 0, 0.3, 1, 2.5, 4, 7])
      expect(evaluate(phi, { x })).toBeCloseTo(functions[name]?.(x) ?? Number.NaN, 12);
  });

  const overflowing = ['softplus'];
  it.each(suggested.filter(([name]) => !overflowing.includes(name)))('%s and its derivative far out', (_, { expr }) => {
    const phi = readFormula(String(expr));
    for (const f of [phi, differentiate(phi, 'x')])
      for (const x of [-1e5, -800, 800, 1e5]) expect(Math.abs(evaluate(f, { x }))).toBeLessThanOrEqual(2e5);
  });

  const simple = { sigmoid: 'sigmoid(x)', silu: 'x*sigmoid(x)', mish: 'x*tanh(log1p(exp(x)))' };
  it.each(Object.entries(simple))('%s: as smooth as %s, and its kernels', (name, plain) => {
    const expr = suggested.find(([other]) => other === name)?.[1].expr;
    const [ours, theirs] = [expr, plain].map((formula) => {
      const layers = [{ op: 'dense', wStd: 3 }, { op: 'elementwise', expr: formula }, { op: 'dense' }];
      const { program } = derive(network({ input: { shape: [2] }, layers }), 'ntk');
      const expand = program.statements.find((s) => s.kind === 'expand');
      const sample = (x: readonly number[]) => ({ x });
      const value = evaluateProgram(program, sample([1, 0.5]), sample([0.3, -0.6])).get('ntk');
      return { kinks: expand?.kinks, value: value as number };
    });
    expect(ours?.kinks).toEqual([]);
    expect(theirs?.kinks).toEqual([]);
    // Both promise 1e-10.
    expect(Math.abs((ours?.value ?? Number.NaN) / (theirs?.value ?? Number.NaN) - 1)).toBeLessThan(1e-9);
  });
});
