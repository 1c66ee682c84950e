/** Networks in the conventions of papers, so that their numbers can be repeated. */
export { type CntkOptions, cntk } from './cntk.ts';
export { lantkCnn, myrtle, resnet } from './convolutional.ts';
export { type GntkOptions, gntk, graphPattern } from './gntk.ts';
export { type UciOptions, uci } from './uci.ts';
