/** The forward pass and the derivatives of activations that the plans read, as JavaScript. */
import {
  activationNodes,
  denseLayers,
  type HierarchyProgram,
  type HierarchyTensor,
  SAMPLES,
  unitAxes,
  valueName,
} from '../../../ir/hierarchy/index.ts';
import { derivative, type Expr } from '../../../ir/scalar/index.ts';
import type { TensorNode } from '../../../ir/tensor/tensorProgram.ts';
import { ExpressionPrinter } from '../../targets/reference/expression.ts';
import type { HierarchyPlans } from '../plans.ts';
import { preparedTensors } from '../prepared.ts';

export interface Forward {
  /** Statements that define `tensors` from parameters, x, n and output. */
  readonly lines: readonly string[];
  /** Names that plans read. */
  readonly names: readonly string[];
  readonly helpers: ReadonlySet<string>;
}

export function forwardOf(plans: HierarchyPlans): Forward {
  const { network } = plans.program;
  const helpers = new Set<string>();
  const { tensors, nodes } = preparedTensors(plans);
  const activations = activationNodes(network);
  const axes = unitAxes(network).names;
  const nameOf = (node: number) => valueName(node, network.nodes[node]!, activations);
  const slopes = [...tensors].flatMap(([name, { source }]) => (source.kind === 'slope' ? [{ name, ...source }] : []));
  const lines: string[] = [];
  network.nodes.forEach((node, at) => {
    if (node.kind === 'input') return;
    if (nodes.has(at)) lines.push(...valueLines(node, nameOf(at), nameOf, axes, helpers));
    if (node.kind !== 'elementwise') return;
    for (const { name, p, only } of slopes.filter((slope) => slope.node === at))
      lines.push(...slopeLines({ name, p, only, input: nameOf(node.input), axis: axes[at]!, phi: node.phi }, helpers));
  });
  for (const [name, tensor] of tensors) lines.push(...givenLines(name, tensor, plans.program, nameOf, axes, helpers));
  return { lines, names: [...tensors.keys()], helpers };
}

function valueLines(
  node: TensorNode,
  name: string,
  nameOf: (node: number) => string,
  axes: readonly string[],
  helpers: Set<string>,
): readonly string[] {
  switch (node.kind) {
    case 'dense': {
      helpers.add('multiply');
      const { layer, weightScale, bias, width } = node;
      const input = axes[node.input]!;
      const own = bias === undefined ? '' : ` + ${bias.scale} * parameters[${layer}].b[at % ${width}]`;
      return [
        `// ${name}[a o] = ${weightScale}·Σ_i W${layer + 1}[o i]·${nameOf(node.input)}[a i]${bias === undefined ? '' : ` + ${bias.scale}·b${layer + 1}[o]`}`,
        `const ${name} = multiply(${nameOf(node.input)}, parameters[${layer}].W, 1, ${SAMPLES}, ${width}, ${input});`,
        `for (let at = 0; at < ${name}.length; at++) ${name}[at] = ${weightScale} * ${name}[at]${own};`,
      ];
    }
    case 'elementwise':
      return [`const ${name} = ${mappedText(node.phi, nameOf(node.input), helpers)};`];
    case 'add': {
      const [first, ...rest] = node.inputs.map(nameOf);
      const sum = rest.map((other) => ` + ${other}[at]`).join('');
      return [`const ${name} = ${first}.map((value, at) => value${sum});`];
    }
    default:
      throw new Error(`ntkc bug: hierarchy: no code for a node of kind ${node.kind}`);
  }
}

interface Slope {
  readonly name: string;
  readonly p: number;
  readonly only: boolean;
  readonly input: string;
  readonly axis: string;
  readonly phi: Expr;
}

function slopeLines({ name, p, only, input, axis, phi }: Slope, helpers: Set<string>): readonly string[] {
  const formula = derivative(phi, 'x', p);
  const whole = only ? `${name}All` : name;
  const line = `const ${whole} = ${mappedText(formula, input, helpers)};`;
  if (!only) return [line];
  return [line, columnLine(name, whole, SAMPLES, axis)];
}

function mappedText(formula: Expr, input: string, helpers: Set<string>): string {
  helpers.add('mapped');
  const printer = new ExpressionPrinter([formula], (symbol) => symbol);
  const { declarations, text } = printer.print(formula);
  for (const helper of printer.helpers) helpers.add(helper);
  if (declarations.length === 0) return `mapped(${input}, (x) => ${text})`;
  return `mapped(${input}, (x) => { ${[...declarations, `return ${text};`].join(' ')} })`;
}

function givenLines(
  name: string,
  { source }: HierarchyTensor,
  { network }: HierarchyProgram,
  nameOf: (node: number) => string,
  axes: readonly string[],
  helpers: Set<string>,
): readonly string[] {
  if (source.kind === 'value' && source.only)
    return [columnLine(name, nameOf(source.node), SAMPLES, axes[source.node]!)];
  if (source.kind === 'biased') {
    helpers.add('withColumn');
    const { weightScale, bias } = denseLayers(network)[source.layer]!;
    const value = (bias?.scale ?? 0) / weightScale;
    return [`const ${name} = withColumn(${nameOf(source.node)}, ${axes[source.node]}, ${value});`];
  }
  if (!('layer' in source)) return [];
  const { width, input } = denseLayers(network)[source.layer]!;
  const [W, columns] = [`parameters[${source.layer}].W`, axes[input]!];
  switch (source.kind) {
    case 'matrix':
      return [`const ${name} = ${W};`];
    case 'row':
      return [`const ${name} = ${W}.subarray(output * ${columns}, (output + 1) * ${columns});`];
    case 'column':
      return [columnLine(name, W, `${width}`, columns)];
    case 'entry':
      return [`const ${name} = Float64Array.of(${W}[output * ${columns} + output]);`];
  }
}

const columnLine = (name: string, matrix: string, rows: string, columns: string): string =>
  `const ${name} = Float64Array.from({ length: ${rows} }, (_, a) => ${matrix}[a * ${columns} + output]);`;
