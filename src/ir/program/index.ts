export { evaluateProgram } from './evaluate.ts';
export { parseProgram, printProgram } from './print.ts';
export {
  atX,
  atY,
  type Domain,
  type Dual,
  type Expand,
  type Inner,
  type KernelName,
  kernelNames,
  type LayerWeight,
  type MapStatement,
  type Output,
  type Program,
  resolve,
  type SingleKernel,
  type Statement,
  singleKernels,
} from './program.ts';
export { prune, reads } from './prune.ts';
export { verifyProgram } from './verify.ts';
