export { evaluateProgram, type Sample } from './evaluate.ts';
export { findLoops, type Loop } from './loops.ts';
export { type AveragedMask, averagedMasks } from './masks.ts';
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
  type MovingStatement,
  type Named,
  type Output,
  type PointStatement,
  type Program,
  pointStatements,
  resolve,
  type SingleKernel,
  type SpatialStatement,
  type Statement,
  singleKernels,
} from './program.ts';
export { prune, reads } from './prune.ts';
export { renamed } from './rename.ts';
export { withSpans } from './spans.ts';
export {
  type Grid,
  type LinearAxis,
  positionsOf,
  type ShiftAxis,
  type Span,
} from './spatial.ts';
export { matrixRows, type Row, shifts } from './spatialValue.ts';
export { verifyProgram } from './verify.ts';
