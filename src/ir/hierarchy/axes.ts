/** Names of what the units of each node run over: d for the input, m1, m2, ... for layers; the same where values are added. */
import type { TensorNode, TensorProgram } from '../tensor/tensorProgram.ts';

export interface UnitAxes {
  /** By node. */
  readonly names: readonly string[];
  readonly sizes: Readonly<Record<string, number>>;
}

export function unitAxes({ nodes }: TensorProgram): UnitAxes {
  const classes = nodes.map((_, at) => at);
  const rootOf = (at: number): number => (classes[at] === at ? at : rootOf(classes[at]!));
  nodes.forEach((node, at) => {
    for (const input of sameUnits(node)) {
      const [a, b] = [rootOf(at), rootOf(input)];
      classes[Math.max(a, b)] = Math.min(a, b);
    }
  });
  const names = nodes.map((_, at) => {
    const root = nodes[rootOf(at)]!;
    return root.kind === 'dense' ? `m${root.layer + 1}` : 'd';
  });
  return { names, sizes: Object.fromEntries(names.map((name, at) => [name, nodes[at]!.width])) };
}

function sameUnits(node: TensorNode): readonly number[] {
  if (node.kind === 'elementwise') return [node.input];
  return node.kind === 'add' ? node.inputs : [];
}
