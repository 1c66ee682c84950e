import { erf as erfValue } from '../../gaussian/erf.ts';
import { callNode, type Expr, mul, neg, pi, pow } from '../expr.ts';
import { type ScalarFunction, texOp, tfOp } from './facts.ts';

export const erf: ScalarFunction = {
  name: 'erf',
  arity: 1,
  value: erfValue,
  derivative: ([x]) => [mul(2, pow(pi, -0.5), callNode('exp', neg(pow(x as Expr, 2))))],
  js: ([x]) => `erf(${x})`,
  jsHelper: 'erf',
  tfjs: tfOp('erf'),
  tex: texOp('\\operatorname{erf}'),
};
