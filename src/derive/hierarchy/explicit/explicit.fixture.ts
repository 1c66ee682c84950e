import type { Network } from '../../../ir/arch/index.ts';
import { dense, erf, network } from '../../../ops/vocabulary.ts';

/** A multilayer perceptron of erf, with biases but in its last layer. */
export const deep = (layers: number): Network =>
  network({
    name: `${layers} layers`,
    input: { shape: [3] },
    layers: [...Array.from({ length: layers - 1 }, () => [dense({ bStd: 0.1 }), erf()]).flat(), dense()],
  });
