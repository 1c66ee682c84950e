export { type CholeskyFactor, type CholeskyOptions, cholesky, logDeterminant } from './cholesky.ts';
export { solveCholesky, solveLower, solveUpper } from './triangular.ts';
