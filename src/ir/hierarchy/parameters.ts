/** Parameters of a finite network, as the hierarchy reads them. */
import { NtkcError } from '../../errors.ts';
import type { TensorProgram } from '../tensor/tensorProgram.ts';
import { denseLayers } from './tensors.ts';

/** Raw parameters of one layer: W[o i] row-major, b[o]; b is read where the layer has a bias. */
export interface LayerArrays {
  readonly W: Float64Array;
  readonly b?: Float64Array;
}

/** @throws NtkcError where their number or sizes are not those of the network */
export function requireParameters(program: TensorProgram, parameters: readonly LayerArrays[]): void {
  const dense = denseLayers(program);
  if (parameters.length !== dense.length)
    throw new NtkcError({ what: `parameters of ${parameters.length} layers`, expected: `of ${dense.length} layers` });
  dense.forEach(({ width, fanIn, bias }, l) => {
    const { W, b } = parameters[l]!;
    if (W.length !== width * fanIn)
      throw new NtkcError({
        what: `${W.length} weights`,
        where: `parameters[${l}].W`,
        expected: `${width} rows of ${fanIn} numbers`,
      });
    if (bias !== undefined && b?.length !== width)
      throw new NtkcError({
        what: `${b?.length ?? 'no'} biases`,
        where: `parameters[${l}].b`,
        expected: `${width} numbers`,
      });
  });
}
