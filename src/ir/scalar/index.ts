export { call } from './call.ts';
export { derivative, differentiate } from './differentiate.ts';
export { compileScalar, evaluate, power, type Scope } from './evaluate.ts';
export { add, compare, div, type Expr, mul, neg, num, pi, pow, sqrt, sub, sym } from './expr.ts';
export { type ScalarFunction, scalarFunction, scalarFunctions } from './functions/index.ts';
export { formulaTex, parseScalar } from './parse.ts';
export { printScalar } from './print.ts';
export { simplify } from './simplify.ts';
export { children, mapChildren, size, substitute, symbols } from './walk.ts';
