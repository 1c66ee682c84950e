/** The forward pass and the derivatives of activations that the plans read, as text; how a value is spelled is up to the target. */
import {
  activationNodes,
  type DenseNode,
  denseLayers,
  type HierarchyProgram,
  type HierarchyTensor,
  unitAxes,
  valueName,
} from '../../ir/hierarchy/index.ts';
import { derivative, type Expr } from '../../ir/scalar/index.ts';
import type { TensorNode } from '../../ir/tensor/tensorProgram.ts';
import type { HierarchyPlans } from './plans.ts';
import { preparedTensors } from './prepared.ts';

export interface Forward {
  /** Statements that define the tensors from parameters, x, n and output. */
  readonly lines: readonly string[];
  /** Names that plans read. */
  readonly names: readonly string[];
}

/** W of a layer: its shape as text. */
export interface WeightShape {
  readonly layer: number;
  readonly rows: number;
  readonly columns: string;
}

/** How a target writes a value; every method gives the statements that define `name`. */
export interface ForwardSpelling {
  /** Under a comment that says what it computes. */
  dense(name: string, node: DenseNode, input: string, weights: WeightShape): readonly string[];
  /** A formula of x at every entry of the input, [n axis]. */
  mapped(name: string, formula: Expr, input: string, axis: string): readonly string[];
  sum(name: string, inputs: readonly string[], axis: string): readonly string[];
  /** Column `output` of the value `matrix`, [n columns]. */
  column(name: string, matrix: string, columns: string): string;
  /** [n columns] with one more column that holds a value. */
  biased(name: string, matrix: string, columns: string, value: number): string;
  /** W of a layer, or its row, column or entry of the output. */
  weights(name: string, part: 'matrix' | 'row' | 'column' | 'entry', shape: WeightShape): string;
}

export function forwardOf(plans: HierarchyPlans, spelling: ForwardSpelling): Forward {
  const { network } = plans.program;
  const { tensors, nodes } = preparedTensors(plans);
  const activations = activationNodes(network);
  const axes = unitAxes(network).names;
  const nameOf = (node: number) => valueName(node, network.nodes[node]!, activations);
  const slopes = [...tensors].flatMap(([name, { source }]) => (source.kind === 'slope' ? [{ name, ...source }] : []));
  const context = { spelling, nameOf, axes, program: plans.program };
  const lines: string[] = [];
  network.nodes.forEach((node, at) => {
    if (nodes.has(at)) lines.push(...valueLines(node, at, context));
    if (node.kind !== 'elementwise') return;
    for (const { name, p, only } of slopes.filter((slope) => slope.node === at)) {
      const whole = only ? `${name}All` : name;
      lines.push(...spelling.mapped(whole, derivative(node.phi, 'x', p), nameOf(node.input), axes[at]!));
      if (only) lines.push(spelling.column(name, whole, axes[at]!));
    }
  });
  for (const [name, tensor] of tensors) lines.push(...givenLines(name, tensor, context));
  return { lines, names: [...tensors.keys()] };
}

interface Context {
  readonly spelling: ForwardSpelling;
  readonly program: HierarchyProgram;
  readonly nameOf: (node: number) => string;
  /** Name of the axis of units of each node. */
  readonly axes: readonly string[];
}

function valueLines(node: TensorNode, at: number, { spelling, nameOf, axes }: Context): readonly string[] {
  const name = nameOf(at);
  switch (node.kind) {
    case 'input':
      return [];
    case 'dense': {
      const { layer, weightScale, bias, width, input } = node;
      const own = bias === undefined ? '' : ` + ${bias.scale}·b${layer + 1}[o]`;
      return [
        `// ${name}[a o] = ${weightScale}·Σ_i W${layer + 1}[o i]·${nameOf(input)}[a i]${own}`,
        ...spelling.dense(name, node, nameOf(input), { layer, rows: width, columns: axes[input]! }),
      ];
    }
    case 'elementwise':
      return spelling.mapped(name, node.phi, nameOf(node.input), axes[at]!);
    case 'add':
      return spelling.sum(name, node.inputs.map(nameOf), axes[at]!);
    default:
      throw new Error(`ntkc bug: hierarchy: no code for a node of kind ${node.kind}`);
  }
}

function givenLines(
  name: string,
  { source }: HierarchyTensor,
  { spelling, program, nameOf, axes }: Context,
): readonly string[] {
  if (source.kind === 'value' && source.only) return [spelling.column(name, nameOf(source.node), axes[source.node]!)];
  const layers = denseLayers(program.network);
  if (source.kind === 'biased') {
    const { weightScale, bias } = layers[source.layer]!;
    return [spelling.biased(name, nameOf(source.node), axes[source.node]!, (bias?.scale ?? 0) / weightScale)];
  }
  if (!('layer' in source)) return [];
  const { width, input } = layers[source.layer]!;
  return [spelling.weights(name, source.kind, { layer: source.layer, rows: width, columns: axes[input]! })];
}
