/** How many networks to draw at each width. */
import { NtkcError } from '../errors.ts';
import type { TensorProgram } from '../ir/tensor/tensorProgram.ts';
import { denseNodes, rowsOf } from '../runtime/empirical/index.ts';

/** Random numbers drawn by default, all widths together: about 22 ns each with both passes, so 10 s on one core. */
const parameterBudget = 4e8;
const fewest = 24;
const most = 4000;

/** Numbers drawn for one network. */
export function parameterCount(program: TensorProgram): number {
  return denseNodes(program).reduce((sum, node) => sum + rowsOf(node) * (node.fanIn + 1), 0);
}

/**
 * Networks at each width: as asked, or the budget shared in proportion to √width. The extrapolation leans on the widest
 * networks, whose kernels vary least; the narrow ones are cheap, and locate the bias.
 */
export function planSamples(
  widths: readonly number[],
  parameters: readonly number[],
  asked?: number | readonly number[],
): readonly number[] {
  if (asked !== undefined) {
    const list = typeof asked === 'number' ? widths.map(() => asked) : asked;
    if (list.length !== widths.length || list.some((s) => !Number.isInteger(s) || s < 4))
      throw new NtkcError({
        what: `samples ${JSON.stringify(asked)}`,
        expected: `a whole number >= 4, or one for each of the ${widths.length} widths`,
      });
    return list;
  }
  const roots = widths.map(Math.sqrt);
  const total = roots.reduce((a, b) => a + b, 0);
  return widths.map((_, k) => {
    const share = (parameterBudget * roots[k]!) / total / parameters[k]!;
    return Math.round(Math.min(most, Math.max(fewest, share)));
  });
}

/** Widths to test, ascending. @throws NtkcError unless there are two different ones, all positive integers */
export function checkedWidths(widths: readonly number[]): readonly number[] {
  const sorted = [...new Set(widths)].sort((a, b) => a - b);
  if (sorted.length < 2 || sorted.some((w) => !Number.isInteger(w) || w < 1))
    throw new NtkcError({
      what: `widths ${JSON.stringify(widths)}`,
      expected: 'at least two different whole numbers >= 1',
      next: 'One width cannot tell the bias of finite width from an error.',
    });
  return sorted;
}
