/** How wide the networks are, and how many of them are drawn at each width. */
import { NtkcError } from '../errors.ts';
import { positionsOf } from '../ir/program/index.ts';
import type { TensorProgram } from '../ir/tensor/tensorProgram.ts';
import { denseNodes, ntkCosts, rowsOf, usesOf } from '../runtime/empirical/index.ts';

/** Cost of all networks drawn by default, in random numbers: about 22 ns each with both passes, so 10 s on one core. */
const budget = 4e8;
/** The same where inputs have positions: 30 s. */
const spatialBudget = 1.2e9;
/**
 * Widths by default: the first whose widest network is cheap enough to draw some two hundred times. At a given cost wider
 * networks say less: a network costs as the square of its width, and its kernels vary as the inverse.
 */
const defaultWidths = [
  [64, 256, 1024],
  [32, 128, 512],
  [16, 64, 256],
  [8, 32, 128],
  [8, 16, 64],
  [4, 8, 32],
] as const;
const widestCost = spatialBudget / 380;
const fewest = 24;
const most = 4000;

/** φ and φ' of one number, in random numbers: 0.1 µs; half of it of relu, twice of formulas such as tanh(x). */
const elementwiseCost = 5;

/**
 * Cost of one network, both passes and the NTK on n samples, in random numbers drawn. Of vectors it is these alone, with
 * the default five samples; a product takes about a thirtieth as long.
 */
export function costOf(program: TensorProgram, n: number): number {
  if (program.nodes.every(({ extents }) => extents.length === 0)) return parameterCount(program);
  const products = denseNodes(program).reduce((sum, node) => {
    const positions = usesOf(program, node.layer).reduce((count, { extents }) => count + positionsOf(extents), 0);
    const { pairs, gradients } = ntkCosts(node, positions, { n, n1: n, n2: n, offset: 0 }, 1);
    return sum + 3 * n * positions * node.width * node.fanIn + Math.min(pairs, gradients);
  }, 0);
  const values = program.nodes.reduce(
    (sum, { kind, extents, width }) => sum + (kind === 'elementwise' ? n * positionsOf(extents) * width : 0),
    0,
  );
  return parameterCount(program) + products / 30 + elementwiseCost * values;
}

/** Widths that can be afforded, for networks whose inputs have positions or not. */
export function affordableWidths(programAt: (width: number) => TensorProgram, n: number): readonly number[] {
  const [wide] = defaultWidths;
  if (programAt(wide[0]).nodes[0]!.extents.length === 0) return wide;
  const found = defaultWidths.find((widths) => costOf(programAt(widths.at(-1)!), n) <= widestCost);
  return found ?? defaultWidths.at(-1)!;
}

/** Multiply-adds of a pass for one sample: of vectors, the number of parameters. */
export const passCost = ({ nodes }: TensorProgram): number =>
  nodes.reduce((sum, node) => {
    if (node.kind !== 'dense') return sum;
    return sum + positionsOf(node.extents) * node.width * (node.fanIn + 1);
  }, 0);

/** Numbers drawn for one network. */
function parameterCount(program: TensorProgram): number {
  return denseNodes(program).reduce((sum, node) => sum + rowsOf(node) * (node.fanIn + 1), 0);
}

/**
 * Networks at each width: as asked, or the budget shared in proportion to √width. The extrapolation leans on the widest
 * networks, whose kernels vary least; the narrow ones are cheap, and locate the bias.
 */
export function planSamples(
  widths: readonly number[],
  costs: readonly number[],
  hasPositions: boolean,
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
    const share = ((hasPositions ? spatialBudget : budget) * roots[k]!) / total / costs[k]!;
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
