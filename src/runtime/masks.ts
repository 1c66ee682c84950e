/** Samples of which strides leave nothing, where a network averages over what is left. */
import { jsonPath, NtkcError } from '../errors.ts';
import { type AveragedMask, averagedMasks, type Program, positionsOf } from '../ir/program/index.ts';

/**
 * @param present [n p], as Inputs has it: at least one position of each sample
 * @throws NtkcError naming the sample, and the layer that skips all its positions
 */
export function requirePositionsLeft(present: Float64Array, program: Program, name: string): void {
  const found = firstEmptied(present, program);
  if (found !== undefined) throw noneLeft(found.mask, jsonPath(name, [found.sample]));
}

/** The first sample of which nothing is left where the network averages over positions; `present` as above. */
export function firstEmptied(
  present: Float64Array,
  program: Program,
): { readonly sample: number; readonly mask: AveragedMask } | undefined {
  const averaged = averagedMasks(program);
  if (averaged.length === 0) return undefined;
  const positions = positionsOf(program.extents);
  for (let i = 0; i * positions < present.length; i++) {
    const mask = averaged.find((m) => m.positions.every((p) => present[i * positions + p] === 0));
    if (mask !== undefined) return { sample: i, mask };
  }
  return undefined;
}

const noneLeft = ({ path, isUnion, from, to }: AveragedMask, where: string): NtkcError =>
  new NtkcError({
    what: `${isUnion ? `the branches of ${path} together read` : `${path} keeps ${to.join(' x ')} of ${from.join(' x ')} positions and reads`} none that the sample has, so a mean over its positions has no value`,
    where,
    expected: 'a mask that leaves a position to average over',
    next: `Leave the sample out, or take smaller strides or larger windows at ${path}.`,
  });
