export {
  type CrossValidated,
  type CrossValidation,
  crossValidate,
  type FoldScore,
  type Summary,
} from './crossValidate.ts';
export { type FitOptions, type Fitted, fit, type GramFunction, predict, type TrainingData } from './fit.ts';
export { gramOf } from './gramOf.ts';
export type { Ridge } from './kernelRidge.ts';
export { parseModel, predictModel, type SavedModel, toModel } from './model.ts';
export type { Prediction } from './targets.ts';
