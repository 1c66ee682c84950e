export type { Derivation, Step } from './derivation.ts';
export { type DeriveOptions, derive } from './derive.ts';
export { type FiniteOptions, finiteNetwork } from './finite.ts';
