export { type ContractOptions, contract } from './contract.ts';
