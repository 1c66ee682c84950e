export { evaluateLanes, type LaneInputs } from './evaluate.ts';
export { type Lane, LaneBuilder, type LaneOp, type LaneProgram, printLanes } from './lanes.ts';
