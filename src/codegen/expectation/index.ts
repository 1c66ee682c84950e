export { tupleSource } from './generate.ts';
