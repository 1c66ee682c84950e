/** Finite networks: initialisation, passes, empirical kernels, Monte Carlo. Everything in float64. */
export { backward, type Signals, unitCotangents } from './backward.ts';
export { type Activations, forward } from './forward.ts';
export { type EmpiricalNtk, empiricalNngp, empiricalNtk, type NtkOptions, weightedNtk } from './kernels.ts';
export { ntkCosts } from './layerNtk.ts';
export type { Moments } from './moments.ts';
export { type MonteCarloOptions, type MonteCarloResult, monteCarlo, type Quantity } from './monteCarlo.ts';
export { addGradient, zeroParameters } from './parameterGradient.ts';
export {
  denseNodes,
  initialise,
  type LayerParameters,
  type Parameters,
  type ParametersJson,
  parametersFromJson,
  parametersToJson,
  rowsOf,
  usesOf,
} from './parameters.ts';
export { normals, type Seed } from './random.ts';
export { sampleRows } from './samples.ts';
