export { type IncreasingTree, increasingTrees, neighboursOf } from './increasing.ts';
