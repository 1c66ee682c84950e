/** Contraction plans: from a sum of tensor networks to pairwise steps, chosen over the whole sum. */
export { evaluatePlan } from './evaluate.ts';
export type { TensorNetwork, TensorSpace, TensorUse } from './network.ts';
export { sizeOfAxes } from './network.ts';
export { type ContractionPlan, lastUses, type PlanOptions, planContraction } from './plan.ts';
export { inputsOf, type PlanStep, type SumPart, stepFlops } from './steps.ts';
