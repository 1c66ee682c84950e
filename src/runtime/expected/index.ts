export { type ContractOptions, contract } from './contract.ts';
export { type SampledMean, type SampleOptions, sampleNeurons } from './sample.ts';
