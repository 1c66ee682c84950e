/** Builders of layers, one an op: typed by the op's fields, those with a default optional. */
import type { LayerInput } from '../ir/arch/index.ts';
import type { Op } from './op.ts';

type InputOf<O extends Op> = O extends { readonly input?: infer I } ? NonNullable<I> : never;
// biome-ignore lint/complexity/noBannedTypes: the type of options of which none is needed
export type Builder<I> = {} extends I ? (options?: I) => LayerInput : (options: I) => LayerInput;

export const builder = <const O extends Op>({ name }: O): Builder<InputOf<O>> =>
  ((options: object = {}): LayerInput => ({ op: name, ...options })) as Builder<InputOf<O>>;
