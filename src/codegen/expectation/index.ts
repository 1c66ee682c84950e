export { tupleSource } from './generate.ts';
export { type NeuronSource, neuronSource } from './neurons.ts';
