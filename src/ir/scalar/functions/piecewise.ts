import { callNode, type Expr, num, sub } from '../expr.ts';
import { jsMath, type ScalarFunction, texOp, tfOp } from './facts.ts';

export const abs: ScalarFunction = {
  name: 'abs',
  arity: 1,
  value: Math.abs,
  derivative: ([x]) => [callNode('sign', x as Expr)],
  js: jsMath('abs'),
  tfjs: tfOp('abs'),
  tex: ([x]) => `\\left|${x}\\right|`,
  kinks: ([x]) => [x as Expr],
};

export const sign: ScalarFunction = {
  name: 'sign',
  arity: 1,
  value: Math.sign,
  derivative: () => [num(0)],
  js: jsMath('sign'),
  tfjs: tfOp('sign'),
  tex: texOp('\\operatorname{sign}'),
  kinks: ([x]) => [x as Expr],
};

/** 1 where x > 0, else 0: the indicator that a.e. derivatives of max, min and select are made of. */
export const step: ScalarFunction = {
  name: 'step',
  arity: 1,
  value: (x) => (x > 0 ? 1 : 0),
  derivative: () => [num(0)],
  js: ([x]) => `(${x} > 0 ? 1 : 0)`,
  tfjs: ([x]) => `tf.step(${x})`,
  tex: ([x]) => `1_{${x}>0}`,
  kinks: ([x]) => [x as Expr],
};

const extremum = (name: 'max' | 'min'): ScalarFunction => ({
  name,
  arity: 2,
  value: Math[name],
  derivative: ([a, b]) => {
    const first = callNode('step', name === 'max' ? sub(a as Expr, b as Expr) : sub(b as Expr, a as Expr));
    return [first, sub(1, first)];
  },
  js: jsMath(name),
  tfjs: ([a, b]) => `tf.${name}imum(${a}, ${b})`,
  tex: texOp(`\\${name}`),
  kinks: ([a, b]) => [sub(a as Expr, b as Expr)],
  fold: ([a, b]) => (a === b ? (a as Expr) : undefined),
});
export const max = extremum('max');
export const min = extremum('min');

/** select(c, a, b): a where c > 0, else b. */
export const select: ScalarFunction = {
  name: 'select',
  arity: 3,
  value: (c, a, b) => ((c as number) > 0 ? (a as number) : (b as number)),
  derivative: ([c]) => [num(0), callNode('step', c as Expr), sub(1, callNode('step', c as Expr))],
  js: ([c, a, b]) => `(${c} > 0 ? ${a} : ${b})`,
  tfjs: ([c, a, b]) => `tf.where(tf.greater(${c}, 0), ${a}, ${b})`,
  tex: ([c, a, b]) => `\\begin{cases}${a} & ${c}>0\\\\ ${b} & \\text{otherwise}\\end{cases}`,
  kinks: ([c]) => [c as Expr],
  fold: ([, a, b]) => (a === b ? (a as Expr) : undefined),
};
