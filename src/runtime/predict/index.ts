export {
  type CrossValidated,
  type CrossValidation,
  crossValidate,
  type FoldScore,
  type Summary,
} from './crossValidate.ts';
export { type FitOptions, type Fitted, fit, type GramFunction, predict, type TrainingData } from './fit.ts';
export { type Fold, kFold } from './folds.ts';
export { gramOf } from './gramOf.ts';
export { kernelRidge, predictRidge, type Ridge, type RidgeProblem, type RidgeSolution } from './kernelRidge.ts';
export { fromModel, type ModelContext, parseModel, predictModel, type SavedModel, toModel } from './model.ts';
export { fitStandardisation, noStandardisation, type Standardisation, standardise } from './standardise.ts';
export { type Coding, classesOf, codingOf, decode, encode, outputsOf, type Prediction } from './targets.ts';
