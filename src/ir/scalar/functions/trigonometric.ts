import { add, callNode, div, type Expr, neg, pow, sub } from '../expr.ts';
import { jsMath, type ScalarFunction, texOp, tfOp } from './facts.ts';

export const sin: ScalarFunction = {
  name: 'sin',
  arity: 1,
  value: Math.sin,
  derivative: ([x]) => [callNode('cos', x as Expr)],
  js: jsMath('sin'),
  tfjs: tfOp('sin'),
  tex: texOp('\\sin'),
};

export const cos: ScalarFunction = {
  name: 'cos',
  arity: 1,
  value: Math.cos,
  derivative: ([x]) => [neg(callNode('sin', x as Expr))],
  js: jsMath('cos'),
  tfjs: tfOp('cos'),
  tex: texOp('\\cos'),
};

export const tan: ScalarFunction = {
  name: 'tan',
  arity: 1,
  value: Math.tan,
  derivative: ([x]) => [add(1, pow(callNode('tan', x as Expr), 2))],
  js: jsMath('tan'),
  tfjs: tfOp('tan'),
  tex: texOp('\\tan'),
  domain: 'x not an odd multiple of pi/2',
};

/** Arguments beyond ±1 by rounding are taken as ±1. */
export const asin: ScalarFunction = {
  name: 'asin',
  arity: 1,
  value: (x) => Math.asin(Math.max(-1, Math.min(1, x))),
  derivative: ([x]) => [pow(sub(1, pow(x as Expr, 2)), -0.5)],
  js: ([x]) => `Math.asin(Math.max(-1, Math.min(1, ${x})))`,
  tfjs: ([x]) => `tf.asin(tf.clipByValue(${x}, -1, 1))`,
  tex: texOp('\\arcsin'),
};

export const atan: ScalarFunction = {
  name: 'atan',
  arity: 1,
  value: Math.atan,
  derivative: ([x]) => [div(1, add(1, pow(x as Expr, 2)))],
  js: jsMath('atan'),
  tfjs: tfOp('atan'),
  tex: texOp('\\arctan'),
};

/** atan2(y, x): the angle of the point (x, y). */
export const atan2: ScalarFunction = {
  name: 'atan2',
  arity: 2,
  value: Math.atan2,
  derivative: ([y, x]) => {
    const r2 = add(pow(x as Expr, 2), pow(y as Expr, 2));
    return [div(x as Expr, r2), neg(div(y as Expr, r2))];
  },
  js: jsMath('atan2'),
  tfjs: tfOp('atan2'),
  tex: texOp('\\operatorname{atan2}'),
};

const hyperbolic = (name: 'sinh' | 'cosh', other: 'sinh' | 'cosh'): ScalarFunction => ({
  name,
  arity: 1,
  value: Math[name],
  derivative: ([x]) => [callNode(other, x as Expr)],
  js: jsMath(name),
  tfjs: tfOp(name),
  tex: texOp(`\\${name}`),
});
export const sinh = hyperbolic('sinh', 'cosh');
export const cosh = hyperbolic('cosh', 'sinh');

export const tanh: ScalarFunction = {
  name: 'tanh',
  arity: 1,
  value: Math.tanh,
  derivative: ([x]) => [sub(1, pow(callNode('tanh', x as Expr), 2))],
  js: jsMath('tanh'),
  tfjs: tfOp('tanh'),
  tex: texOp('\\tanh'),
};
