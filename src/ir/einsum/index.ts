export { type Canonical, type CanonicalNames, canonical, canonicalNames } from './canonical.ts';
export { contractionEvaluator, type EinsumScope, evaluateByLoops, evaluateTensor, type Tensor } from './evaluate.ts';
export {
  contractDeltas,
  delta,
  dummiesOf,
  type Factor,
  headKey,
  isDummy,
  PARAMETER,
  parseFactors,
  printFactor,
  renamed,
} from './factor.ts';
export {
  type Contraction,
  type ContractionTable,
  contractionTable,
  likeKey,
  mergeLikeTerms,
  multiply,
  type Term,
  termOf,
} from './term.ts';
