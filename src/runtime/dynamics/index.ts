/** How a finite network trains: exactly, by the neural tangent hierarchy cut off at some order, and in closed form. */
export { finiteTimeKernel, type LabelWeights, labelWeights } from './finiteTime.ts';
export { type GradientFlowOptions, gradientFlow } from './gradientFlow.ts';
export { type HierarchyStart, hierarchyStart, type StartOptions } from './start.ts';
export type { Training, Trajectory } from './training.ts';
export { type TruncationOptions, truncatedHierarchy } from './truncated.ts';
