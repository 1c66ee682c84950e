/** The forward pass and the derivatives of activations that the plans read, as tfjs calls. */
import {
  activationNodes,
  denseLayers,
  type HierarchyProgram,
  type HierarchyTensor,
  unitAxes,
  valueName,
} from '../../../ir/hierarchy/index.ts';
import { derivative } from '../../../ir/scalar/index.ts';
import type { TensorNode } from '../../../ir/tensor/tensorProgram.ts';
import { numberText } from '../../targets/tfjs/math.ts';
import { functionLines } from '../../targets/tfjs/statements.ts';
import type { HierarchyPlans } from '../plans.ts';
import { preparedTensors } from '../prepared.ts';

export interface Forward {
  /** Statements that define the tensors from parameters, x and output. */
  readonly lines: readonly string[];
  /** Names that plans read. */
  readonly names: readonly string[];
  /** Activations and their derivatives as functions. */
  readonly functions: readonly string[];
}

export function forwardOf(plans: HierarchyPlans): Forward {
  const { network } = plans.program;
  const { tensors, nodes } = preparedTensors(plans);
  const activations = activationNodes(network);
  const axes = unitAxes(network).names;
  const nameOf = (node: number) => valueName(node, network.nodes[node]!, activations);
  const slopes = [...tensors].flatMap(([name, { source }]) => (source.kind === 'slope' ? [{ name, ...source }] : []));
  const functions: string[] = [];
  const lines: string[] = [];
  network.nodes.forEach((node, at) => {
    if (nodes.has(at)) lines.push(...valueLines(node, nameOf(at), nameOf, axes));
    if (node.kind !== 'elementwise') return;
    if (nodes.has(at)) functions.push(...functionLines(functionName(nameOf(at)), node.phi));
    for (const { name, p, only } of slopes.filter((slope) => slope.node === at)) {
      functions.push(...functionLines(functionName(name), derivative(node.phi, 'x', p)));
      const whole = `${functionName(name)}(${nameOf(node.input)})`;
      lines.push(`const ${name} = ${only ? `column(${whole}, output)` : whole};`);
    }
  });
  for (const [name, tensor] of tensors) lines.push(...givenLines(name, tensor, plans.program, nameOf, axes));
  return { lines, names: [...tensors.keys()], functions };
}

const functionName = (name: string): string => `${name}Of`;

function valueLines(
  node: TensorNode,
  name: string,
  nameOf: (node: number) => string,
  axes: readonly string[],
): readonly string[] {
  switch (node.kind) {
    case 'input':
      return [];
    case 'dense': {
      const { layer, weightScale, bias, width } = node;
      const [input, l] = [nameOf(node.input), layer + 1];
      const product = `tf.mul(tf.matMul(${input}, weights(parameters, ${layer}, [${width}, ${axes[node.input]}]), false, true), ${numberText(weightScale)})`;
      const own = bias === undefined ? '' : ` + ${numberText(bias.scale)}·b${l}[o]`;
      return [
        `// ${name}[a o] = ${numberText(weightScale)}·Σ_i W${l}[o i]·${input}[a i]${own}`,
        bias === undefined
          ? `const ${name} = ${product};`
          : `const ${name} = tf.add(${product}, tf.mul(biases(parameters, ${layer}, ${width}), ${numberText(bias.scale)}));`,
      ];
    }
    case 'elementwise':
      return [`const ${name} = ${functionName(name)}(${nameOf(node.input)});`];
    case 'add':
      return [`const ${name} = ${node.inputs.map(nameOf).reduce((sum, other) => `tf.add(${sum}, ${other})`)};`];
    default:
      throw new Error(`ntkc bug: hierarchy: no code for a node of kind ${node.kind}`);
  }
}

function givenLines(
  name: string,
  { source }: HierarchyTensor,
  { network }: HierarchyProgram,
  nameOf: (node: number) => string,
  axes: readonly string[],
): readonly string[] {
  if (source.kind === 'value' && source.only) return [`const ${name} = column(${nameOf(source.node)}, output);`];
  if (source.kind === 'biased') {
    const { weightScale, bias } = denseLayers(network)[source.layer]!;
    const value = numberText((bias?.scale ?? 0) / weightScale);
    return [`const ${name} = tf.concat([${nameOf(source.node)}, tf.fill([n, 1], ${value})], 1);`];
  }
  if (!('layer' in source)) return [];
  const { width, input } = denseLayers(network)[source.layer]!;
  const matrix = `weights(parameters, ${source.layer}, [${width}, ${axes[input]}])`;
  const text = {
    matrix,
    row: `row(${matrix}, output)`,
    column: `column(${matrix}, output)`,
    entry: `row(row(${matrix}, output), output)`,
  };
  return [`const ${name} = ${text[source.kind]};`];
}
