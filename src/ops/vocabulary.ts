/** The registry as maps and builders: the only place where ops meet the network IR. */
import {
  type LayerInput,
  type Network,
  type NetworkInput,
  parseNetwork,
  parseNetworkText,
  printNetwork,
} from '../ir/arch/index.ts';
import type { Op } from './op.ts';
import { ops } from './registry.generated.ts';

export const vocabulary: ReadonlyMap<string, Op> = new Map(ops.map((op) => [op.name, op]));

/**
 * A network from its declaration: checked, defaults filled in, frozen.
 * @throws NtkcError with the path of the first mistake, e.g. layers[3].wStd
 */
export const network = (input: NetworkInput): Network => parseNetwork(input, vocabulary);

/** A network from JSON text. @throws NtkcError */
export const networkFromJson = (text: string): Network => parseNetworkText(text, vocabulary);

/** JSON text of a network, defaults left out; `networkFromJson` reads it back. */
export const networkToJson = (net: Network): string => printNetwork(net, vocabulary);

type Options = Readonly<Record<string, unknown>>;
const layer =
  (op: string) =>
  (options: Options = {}): LayerInput => ({ op, ...options });

interface DenseOptions extends Options {
  readonly wStd?: number;
  readonly bStd?: number;
  readonly parameterization?: 'ntk' | 'standard';
  readonly width?: number;
  readonly ntkWeight?: number;
}
interface SinusoidOptions extends Options {
  readonly amplitude?: number;
  readonly frequency?: number;
  readonly phase?: number;
}

export const dense = (options: DenseOptions = {}): LayerInput => layer('dense')(options);
export const relu = (): LayerInput => layer('relu')();
export const erf = (options: { readonly a?: number; readonly b?: number; readonly c?: number } = {}): LayerInput =>
  layer('erf')({ ...options });
export const gelu = (): LayerInput => layer('gelu')();
export const exp = (options: { readonly a?: number; readonly b?: number } = {}): LayerInput =>
  layer('exp')({ ...options });
export const identity = (): LayerInput => layer('identity')();
export const leakyRelu = (options: { readonly slope: number }): LayerInput => layer('leakyRelu')({ ...options });
export const abRelu = (options: { readonly a: number; readonly b: number }): LayerInput =>
  layer('abRelu')({ ...options });
export const sin = (options: SinusoidOptions = {}): LayerInput => layer('sin')(options);
export const cos = (options: SinusoidOptions = {}): LayerInput => layer('cos')(options);
export const elementwise = (expr: string): LayerInput => layer('elementwise')({ expr });
type Branches = readonly (readonly LayerInput[])[];
export const sum = (branches: Branches): LayerInput => layer('sum')({ branches });
export const product = (branches: Branches): LayerInput => layer('product')({ branches });
export const concat = (branches: Branches): LayerInput => layer('concat')({ branches });
export const layerNorm = (options: { readonly eps?: number } = {}): LayerInput => layer('layerNorm')({ ...options });
export const dropout = (options: { readonly keep: number; readonly mode?: 'train' | 'test' }): LayerInput =>
  layer('dropout')({ ...options });
export const repeat = (times: number, layers: readonly LayerInput[]): LayerInput => layer('repeat')({ times, layers });
