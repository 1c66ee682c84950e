import { callNode, div, type Expr } from '../expr.ts';
import { jsMath, type ScalarFunction, texOp, tfOp } from './facts.ts';

export const exp: ScalarFunction = {
  name: 'exp',
  arity: 1,
  value: Math.exp,
  derivative: ([x]) => [callNode('exp', x as Expr)],
  js: jsMath('exp'),
  tfjs: tfOp('exp'),
  tex: ([x]) => `e^{${x}}`,
};

export const log: ScalarFunction = {
  name: 'log',
  arity: 1,
  value: Math.log,
  derivative: ([x]) => [div(1, x as Expr)],
  js: jsMath('log'),
  tfjs: tfOp('log'),
  tex: texOp('\\ln'),
  domain: 'x > 0',
};
