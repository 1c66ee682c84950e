/** Shapes that branches end in: what must be equal where they are joined, and how to make it so. */
import { NtkcError } from '../../errors.ts';
import type { Shape } from './network.ts';
import { shapeText } from './vocabulary.ts';

/** An op on branches that are joined entry by entry: sum, product. */
export const commonShape = (_: unknown, inputs: readonly Shape[]): Shape => {
  requireFitting(inputs);
  return (inputs[0] as Shape).map((_, axis) => Math.min(...inputs.map((s) => s[axis] as number)));
};

/**
 * Branches must agree; a free width (∞) agrees with any width.
 * @param along the axis, from 0, in which they may differ; none where left out
 * @throws NtkcError naming two branches that do not, and what would make them
 */
export function requireFitting(inputs: readonly Shape[], along?: number): void {
  for (const [j, b] of inputs.entries()) {
    const i = inputs.findIndex((a) => !fits(a, b, along));
    if (i < 0) continue;
    const [first, second] = [i, j].sort((k, l) => k - l) as [number, number];
    throw unequal({ at: first, shape: inputs[first] as Shape }, { at: second, shape: inputs[second] as Shape }, along);
  }
}

const fits = (a: Shape, b: Shape, along: number | undefined): boolean =>
  a.length === b.length &&
  a.every(
    (s, axis) =>
      axis === along || s === b[axis] || (axis === a.length - 1 && Math.max(s, b[axis] as number) === Infinity),
  );

interface Branch {
  readonly at: number;
  readonly shape: Shape;
}
const nameOf = ({ at }: Branch): string => `branches[${at}]`;
const extentsOf = ({ shape }: Branch): readonly number[] => shape.slice(0, -1);

function unequal(a: Branch, b: Branch, along: number | undefined): NtkcError {
  const [m, n] = [extentsOf(a), extentsOf(b)];
  const others = along === undefined || along === a.shape.length - 1 ? '' : ` but along axis ${along + 1}`;
  if (m.length === n.length && m.every((size, axis) => axis === along || size === n[axis]))
    return new NtkcError({
      what: `${nameOf(a)} ends in shape ${shapeText(a.shape)} and ${nameOf(b)} in ${shapeText(b.shape)}`,
      expected: `the same shape from every branch${others}`,
      next: 'Give the last layer of each branch the same width.',
    });
  const count = (extents: readonly number[]) => (extents.length === 0 ? 'none' : extents.join(' x '));
  return new NtkcError({
    what: `${nameOf(a)} ends with ${m.length === 0 ? 'no positions' : `${count(m)} positions`} and ${nameOf(b)} with ${count(n)}`,
    expected: `the same positions from every branch${others}`,
    next:
      m.length === n.length
        ? (strided(a, b, along) ?? strided(b, a, along) ?? 'Take the same strides and padding in every branch.')
        : withoutPositions(m.length === 0 ? a : b),
  });
}

const withoutPositions = (branch: Branch): string =>
  `Move the flatten or global pooling of ${nameOf(branch)} behind the branches, or end the other with one too.`;

/** How a branch gets as few positions as another, if strides make it so. */
function strided(large: Branch, small: Branch, along: number | undefined): string | undefined {
  const target = extentsOf(small);
  const strides = extentsOf(large).map((n, axis) => (axis === along ? 1 : Math.ceil(n / (target[axis] as number))));
  const isReached = extentsOf(large).every(
    (n, axis) => axis === along || Math.ceil(n / (strides[axis] as number)) === target[axis],
  );
  if (!isReached) return undefined;
  return `End ${nameOf(large)} with a conv of kernel [${strides.map(() => 1).join(', ')}] and strides [${strides.join(', ')}].`;
}
