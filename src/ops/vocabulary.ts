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

export * from './builders.generated.ts';

export const vocabulary: ReadonlyMap<string, Op> = new Map(ops.map((op) => [op.name, op]));

/** Names of the ops that lack a part, for errors: "maxPool". */
export const opsWithout = (part: 'kernel' | 'forward', known: ReadonlyMap<string, Op>): string =>
  [...known.values()].flatMap((op) => (op[part] || op.copies ? [] : [op.name])).join(', ');

/**
 * A network from its declaration: checked, defaults filled in, frozen.
 * @throws NtkcError with the path of the first mistake, e.g. layers[3].wStd
 */
export const network = (input: NetworkInput): Network => parseNetwork(input, vocabulary);

/** A network from JSON text. @throws NtkcError */
export const networkFromJson = (text: string): Network => parseNetworkText(text, vocabulary);

/** JSON text of a network, defaults left out; `networkFromJson` reads it back. */
export const networkToJson = (net: Network): string => printNetwork(net, vocabulary);

export const elementwise = (expr: string): LayerInput => ({ op: 'elementwise', expr });
type Branches = readonly (readonly LayerInput[])[];
export const sum = (branches: Branches): LayerInput => ({ op: 'sum', branches });
export const product = (branches: Branches): LayerInput => ({ op: 'product', branches });
export const concat = (branches: Branches, options: { readonly axis?: number } = {}): LayerInput => ({
  op: 'concat',
  branches,
  ...options,
});
export const repeat = (times: number, layers: readonly LayerInput[]): LayerInput => ({ op: 'repeat', times, layers });
