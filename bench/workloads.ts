/** The standard workloads, the same as the peer's: networks in JSON form, the number of inputs, standard normal inputs. */
import { type LayerInput, type Network, network } from '../src/index.ts';

export interface Workload {
  readonly name: string;
  readonly n: number;
  readonly net: Network;
}

const dense: LayerInput = { op: 'dense', wStd: Math.SQRT2, bStd: 0.1 };
const mlp = (activation: LayerInput, depth: number): LayerInput[] => [
  ...Array.from({ length: depth }, () => [dense, activation]).flat(),
  dense,
];
/** Five convolutions on images of 32 x 32 pixels and 3 channels. */
const cnn = (end: LayerInput): LayerInput[] => [
  ...Array.from({ length: 5 }, (): readonly LayerInput[] => [
    { op: 'conv', kernel: [3, 3], padding: 'same', wStd: Math.SQRT2, bStd: 0.1 },
    { op: 'relu' },
  ]).flat(),
  end,
  dense,
];
const workload = (
  name: string,
  n: number,
  layers: readonly LayerInput[],
  shape: readonly number[] = [100],
): Workload => ({
  name,
  n,
  net: network({ name, input: { shape }, layers }),
});

export const workloads: readonly Workload[] = [
  workload('relu-mlp-5', 2000, mlp({ op: 'relu' }, 5)),
  workload('relu-mlp-20', 2000, mlp({ op: 'relu' }, 20)),
  workload('erf-mlp-5', 2000, mlp({ op: 'erf' }, 5)),
  workload('gelu-mlp-5', 2000, mlp({ op: 'gelu' }, 5)),
  workload('tanh-mlp-3', 500, mlp({ op: 'elementwise', expr: 'tanh(x)' }, 3)),
  workload('conv-flatten-5', 40, cnn({ op: 'flatten' }), [32, 32, 3]),
  workload('conv-pool-5', 4, cnn({ op: 'globalAvgPool' }), [32, 32, 3]),
  workload('relu-mlp-5-n8000', 8000, mlp({ op: 'relu' }, 5)),
];
