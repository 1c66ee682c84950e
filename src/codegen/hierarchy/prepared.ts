/** What a module prepares once for its samples: the tensors that its plans read, and the nodes these are made of. */
import type { HierarchyTensor } from '../../ir/hierarchy/index.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import type { FormPlan, HierarchyPlans } from './plans.ts';

export interface PreparedTensors {
  /** By name, rows by the name of the whole; without the weights of a contraction. */
  readonly tensors: ReadonlyMap<string, HierarchyTensor>;
  /** Nodes whose values must be known. */
  readonly nodes: ReadonlySet<number>;
}

export const formsOf = ({ one, pairs, contracted }: HierarchyPlans): readonly FormPlan[] => [
  one,
  pairs,
  ...(contracted === undefined ? [] : [contracted]),
];

export function preparedTensors(plans: HierarchyPlans): PreparedTensors {
  const all = formsOf(plans).flatMap((form) => [...form.tensors.values()]);
  const tensors = new Map(
    all.filter(({ source }) => source.kind !== 'weights').map((tensor) => [tensor.whole, tensor]),
  );
  return { tensors, nodes: neededNodes(plans.program.network, [...tensors.values()]) };
}

/** Names of the prepared tensors that a plan reads. */
export const readNames = ({ tensors }: FormPlan): readonly string[] => [
  ...new Set([...tensors.values()].flatMap(({ source, whole }) => (source.kind === 'weights' ? [] : [whole]))),
];

function neededNodes({ nodes }: TensorProgram, tensors: readonly HierarchyTensor[]): ReadonlySet<number> {
  const needed = new Set<number>();
  const visit = (at: number) => {
    needed.add(at);
    const node = nodes[at]!;
    if (node.kind === 'add') node.inputs.forEach(visit);
    else if (node.kind === 'dense' || node.kind === 'elementwise') visit(node.input);
  };
  for (const { source } of tensors) {
    const node = 'node' in source ? nodes[source.node]! : undefined;
    if (source.kind === 'slope' && node?.kind === 'elementwise') visit(node.input);
    else if ('node' in source) visit(source.node);
  }
  return needed;
}
