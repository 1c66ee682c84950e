/** Contraction plans: from a sum of tensor networks to pairwise steps, chosen over the whole sum. */
export { evaluatePlan } from './evaluate.ts';
export type { TensorNetwork, TensorSpace, TensorUse } from './network.ts';
export { sizeOfAxes } from './network.ts';
export { type ContractionPlan, type PlanOptions, planContraction, planCost } from './plan.ts';
export { bodyNames, einstein, printPlan, quantity, stepNames } from './print.ts';
export { BLOCK, inputsOf, type PlanStep, type SumPart, stepFlops } from './steps.ts';
