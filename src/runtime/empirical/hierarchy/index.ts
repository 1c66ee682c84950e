/** The neural tangent hierarchy of a finite network, at the level of trees: any order, any network. */
export { type HierarchyOptions, hierarchyAt } from './hierarchyAt.ts';
export { MAX_ORDER, requireTuples } from './tuples.ts';
