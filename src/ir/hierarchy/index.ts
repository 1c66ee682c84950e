/** Kernels of the neural tangent hierarchy as data: terms, their tensors, and the networks that plans are made from. */
export { type UnitAxes, unitAxes } from './axes.ts';
export {
  type HierarchyForm,
  type HierarchyNetworks,
  type HierarchyTensor,
  hierarchyNetworks,
  SAMPLES,
  sampleNames,
  valueName,
} from './networks.ts';
export { type LayerArrays, requireParameters } from './parameters.ts';
export type { HierarchyProgram } from './program.ts';
export {
  activationNodes,
  activationTensor,
  type DenseNode,
  denseLayers,
  type ElementwiseNode,
  inputTensor,
  numberOf,
  OUTPUT,
  plainInputTensor,
  weightTensor,
} from './tensors.ts';
