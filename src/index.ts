/**
 * ntkc: from a declared network to the kernels of its infinite-width limit.
 *
 *     const net = network({ input: { shape: [9] }, layers: [dense({ wStd: Math.SQRT2, bStd: 0.1 }), relu(), dense()] });
 *     console.log(derive(net, 'ntk').toText());
 *     const k = await gram(await compile(net, { kernel: 'ntk' }), x1, x2);   // Float64Array [n1, n2]
 */
export { type CompileOptions, compile } from './compile.ts';
export { type CompileHierarchyOptions, compileHierarchy } from './compileHierarchy.ts';
export type { DeepDerivation } from './derive/hierarchy/deep/index.ts';
export { expectedDerivation, expectedHierarchy } from './derive/hierarchy/expectation.ts';
export type { ExpectedDerivation, ExpectedOptions } from './derive/hierarchy/expected/index.ts';
export { type ExplicitHierarchy, explicitHierarchy } from './derive/hierarchy/explicit/index.ts';
export { type TreeTerms, treeTerms } from './derive/hierarchy/treeTerms.ts';
export {
  type Derivation,
  type DeriveOptions,
  derive,
  type FiniteOptions,
  finiteNetwork,
  type ReadableDerivation,
  type Step,
} from './derive/index.ts';
export { NtkcError } from './errors.ts';
export { type ContractedExpectation, type ContractionOptions, expectedContraction } from './expectedContraction.ts';
export {
  type GenerateHierarchyOptions,
  type GenerateOptions,
  generate,
  generateHierarchy,
  type HierarchyTarget,
  type SourceTarget,
} from './generate.ts';
export type { Layer, LayerInput, Network, NetworkInput, Shape } from './ir/arch/index.ts';
export { type KernelName, type Program, parseProgram, printProgram } from './ir/program/index.ts';
export * from './ops/builders.generated.ts';
export {
  concat,
  elementwise,
  network,
  networkFromJson,
  networkToJson,
  product,
  repeat,
  sum,
} from './ops/vocabulary.ts';
export {
  type CntkOptions,
  cntk,
  type GntkOptions,
  gntk,
  graphPattern,
  lantkCnn,
  myrtle,
  resnet,
  type UciOptions,
  uci,
} from './presets/index.ts';
export {
  finiteTimeKernel,
  gradientFlow,
  type HierarchyStart,
  hierarchyStart,
  labelWeights,
  type Training,
  type Trajectory,
  truncatedHierarchy,
} from './runtime/dynamics/index.ts';
export { type HierarchyOptions, hierarchyAt } from './runtime/empirical/hierarchy/index.ts';
export { initialise, type Parameters, parametersFromJson } from './runtime/empirical/index.ts';
export {
  type Block,
  type GramOptions,
  type GramSink,
  gram,
  gramTo,
  type InputRows,
  type MatrixOptions,
} from './runtime/gram.ts';
export { gramZarr, type ZarrOptions, type ZarrResult } from './runtime/gramZarr.ts';
export type { CompiledHierarchy, HierarchySamples, PreparedHierarchy } from './runtime/hierarchy/index.ts';
export {
  type DenseArray,
  type ImageSet,
  type LabelledImages,
  type LabelledTable,
  loadArray,
  parseCifar10,
  parseIdxImages,
  parseIdxLabels,
  parseTable,
  saveArray,
} from './runtime/io/index.ts';
export type { CompiledKernel, DType, Inputs } from './runtime/kernel.ts';
export type { NumberArrays } from './runtime/numbers.ts';
export { type Edge, patternsOfEdges } from './runtime/patterns.ts';
export {
  type CrossValidated,
  type CrossValidation,
  crossValidate,
  type FitOptions,
  type Fitted,
  fit,
  type GramFunction,
  gramOf,
  type Prediction,
  predict,
  type Ridge,
  type TrainingData,
} from './runtime/predict/index.ts';
export { type SampledContractionOptions, sampledContraction } from './sampledContraction.ts';
export { type SampledKernel, type SampledKernelOptions, sampledKernel } from './sampledKernel.ts';
export { compareDynamics, type DynamicsReport, dynamicsTable } from './verify/dynamics/index.ts';
export {
  type HierarchyKernel,
  type HierarchyResult,
  type HierarchyRoutes,
  type VerifiedKernel,
  type VerifyOptions,
  type VerifyProgress,
  type VerifyReport,
  verify,
  verifyTable,
} from './verify/index.ts';
export { version } from './version.ts';
