/** Where the pre-activations of a finite network lie among the kinks of its activations. */
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { kinksOf } from '../../ops/kinks.ts';
import type { Activations } from '../../runtime/empirical/index.ts';

export interface KinkedNode {
  /** The node an activation with kinks reads. */
  readonly input: number;
  readonly kinks: readonly number[];
}

export const kinkedNodes = ({ nodes }: TensorProgram): readonly KinkedNode[] =>
  nodes.flatMap((node) => {
    const kinks = node.kind === 'elementwise' ? kinksOf(node.phi) : [];
    return node.kind === 'elementwise' && kinks.length > 0 ? [{ input: node.input, kinks }] : [];
  });

/** The least distance of a pre-activation from a kink, in units of the root mean square of its layer; no kinks: Infinity. */
export function marginOf(kinked: readonly KinkedNode[], activations: Activations): number {
  const margins = kinked.map(({ input, kinks }) => {
    const z = activations[input]!;
    const size = Math.sqrt(z.reduce((sum, v) => sum + v * v, 0) / z.length) || 1;
    return (
      Math.min(...kinks.map((kink) => z.reduce((least, v) => Math.min(least, Math.abs(v - kink)), Infinity))) / size
    );
  });
  return Math.min(Number.POSITIVE_INFINITY, ...margins);
}

/** Which piece of its activation each pre-activation is on: equal before and after a step that crosses no kink. */
export const piecesOf = (kinked: readonly KinkedNode[], activations: Activations): string =>
  kinked
    .map(({ input, kinks }) =>
      Array.from(activations[input]!, (z) => kinks.reduce((piece, kink) => piece + Math.sign(z - kink), 0)).join(),
    )
    .join(';');
