/** A network around an op, to show and to test it. */
import { type Fields, inferShapes, type LayerInput, type Network } from '../ir/arch/index.ts';

import type { Op } from './op.ts';
import { network, vocabulary } from './vocabulary.ts';

/** dense, the op, and dense again; a flatten before it where the op leaves positions. */
export function exampleNetwork(op: Op, fields: Fields = op.examples[0] ?? {}): Network {
  const input = { shape: op.exampleInput ?? [3] };
  const start: readonly LayerInput[] = [
    { op: 'dense', wStd: 1.1, bStd: 0.2 },
    { op: op.name, ...fields },
  ];
  const shape = inferShapes(network({ input, layers: start }), vocabulary)[1]?.output ?? [];
  const end: readonly LayerInput[] = [...(shape.length > 1 ? [{ op: 'flatten' }] : []), { op: 'dense', wStd: 0.9 }];
  return network({ name: op.name, input, layers: [...start, ...end] });
}
