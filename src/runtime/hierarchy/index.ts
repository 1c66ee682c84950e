/** Kernels of the neural tangent hierarchy by planned, emitted code. */
export type { HierarchySamples } from './checks.ts';
export {
  type CompiledHierarchy,
  type HierarchyLoadOptions,
  type HierarchyTarget,
  hierarchyTargets,
  loadHierarchy,
  type PreparedHierarchy,
} from './hierarchy.ts';
