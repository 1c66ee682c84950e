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
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { ExpressionPrinter } from '../../targets/reference/expression.ts';

export interface Forward {
  /** Statements that define `tensors` from parameters, x, n and output. */
  readonly lines: readonly string[];
  /** Names that plans read. */
  readonly names: readonly string[];
  readonly helpers: ReadonlySet<string>;
}

/** @param tensors those that plans read, with or without a position */
export function forwardOf(program: HierarchyProgram, tensors: readonly HierarchyTensor[]): Forward {
  const { network } = program;
  const helpers = new Set<string>();
  const wanted = new Map(
    tensors.filter(({ source }) => source.kind !== 'weights').map((tensor) => [tensor.whole, tensor]),
  );
  const activations = activationNodes(network);
  const axes = unitAxes(network).names;
  const nameOf = (node: number) => valueName(node, network.nodes[node]!, activations);
  const slopes = [...wanted].flatMap(([name, { source }]) => (source.kind === 'slope' ? [{ name, ...source }] : []));
  const needed = neededNodes(network, [...wanted.values()]);
  const lines: string[] = [];
  network.nodes.forEach((node, at) => {
    if (node.kind === 'input' || !needed.has(at)) return;
    lines.push(...valueLines(node, nameOf(at), nameOf, axes, helpers));
    if (node.kind !== 'elementwise') return;
    for (const { name, p, only } of slopes.filter((slope) => slope.node === at))
      lines.push(...slopeLines({ name, p, only, input: nameOf(node.input), axis: axes[at]!, phi: node.phi }, helpers));
  });
  for (const [name, tensor] of wanted) lines.push(...givenLines(name, tensor, program, nameOf, axes, helpers));
  return { lines, names: [...wanted.keys()], helpers };
}

/** Nodes whose values the tensors are made of. */
function neededNodes({ nodes }: TensorProgram, tensors: readonly HierarchyTensor[]): ReadonlySet<number> {
  const needed = new Set<number>();
  const visit = (at: number) => {
    needed.add(at);
    const node = nodes[at]!;
    if (node.kind === 'add') node.inputs.forEach(visit);
    else if (node.kind === 'dense' || node.kind === 'elementwise') visit(node.input);
  };
  for (const { source } of tensors) if ('node' in source) visit(source.node);
  return needed;
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
  return [line, `const ${name} = Float64Array.from({ length: ${SAMPLES} }, (_, a) => ${whole}[a * ${axis} + output]);`];
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
  switch (source.kind) {
    case 'matrix':
      return [`const ${name} = parameters[${source.layer}].W;`];
    case 'row': {
      const axis = axes[denseLayers(network)[source.layer]!.input]!;
      return [`const ${name} = parameters[${source.layer}].W.subarray(output * ${axis}, (output + 1) * ${axis});`];
    }
    case 'biased': {
      helpers.add('withColumn');
      const { weightScale, bias } = denseLayers(network)[source.layer]!;
      return [
        `const ${name} = withColumn(${nameOf(source.node)}, ${axes[source.node]!}, ${(bias?.scale ?? 0) / weightScale});`,
      ];
    }
    default:
      return [];
  }
}
