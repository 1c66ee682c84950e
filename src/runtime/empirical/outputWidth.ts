import { NtkcError } from '../../errors.ts';
import { positionsOf } from '../../ir/program/index.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';

/** Neurons of the output. @throws NtkcError where it has positions: kernels are of outputs without */
export function outputWidth({ nodes }: TensorProgram): number {
  const { width, extents } = nodes.at(-1)!;
  if (positionsOf(extents) === 1) return width;
  throw new NtkcError({
    what: `the network ends with ${positionsOf(extents)} positions`,
    expected: 'one: kernels are of outputs without spatial axes',
    next: 'Insert flatten() or globalAvgPool() before its last dense.',
  });
}
