export { type NeuronSum, neuronAxes, type Rows } from './neuronSum.ts';
export {
  type Contraction,
  dependence,
  isGiven,
  type Remainder,
  slotsOf,
  type TupleOutput,
  type TupleProgram,
  type TupleRange,
  type TupleValue,
} from './tupleProgram.ts';
