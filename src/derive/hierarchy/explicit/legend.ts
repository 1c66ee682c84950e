/** What the symbols of a hierarchy stand for, one entry a symbol. */
import { type Factor, PARAMETER } from '../../../ir/einsum/index.ts';
import { activationNodes, OUTPUT, weightTensor } from '../../../ir/hierarchy/index.ts';
import { layoutScalar, num, subscript, superscript } from '../../../ir/scalar/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { type LayerSymbols, type Symbols, sampleName } from './symbols.ts';

export function legend(
  program: TensorProgram,
  order: number,
  symbols: Symbols,
  notes: readonly string[],
): readonly string[] {
  const samples = Array.from({ length: order }, (_, sample) => sampleName(sample).text).join(', ');
  return [
    `samples ${samples}; ⊙ is the entrywise product, a² = a ⊙ a; repeated indices under Σ are summed`,
    ...activationLines(program),
    ...weightLines(symbols),
    ...sumLines(symbols.layers, program),
    ...scaleLines(symbols.layers, program),
    ...symbols.layers.flatMap((layer) => biasLine(layer, program)),
    ...notes,
  ];
}

function weightLines({ layers, kind }: Symbols): readonly string[] {
  if (layers.length < 2) return [];
  const last: Factor = {
    tensor: weightTensor(layers.length - 1),
    derivative: 0,
    sample: PARAMETER,
    indices: [OUTPUT, 0],
  };
  const { text } = kind(last);
  const vectors =
    text === 'a' ? 'a: weights of the last layer' : `${text} and alike: weights of a layer that ends at the output`;
  return [`${vectors}${layers.length > 2 ? '; Wˡ: weights of layer l' : ''}`];
}

function activationLines(program: TensorProgram): readonly string[] {
  const nodes = activationNodes(program);
  return nodes.map((at, e) => {
    const { phi, input } = program.nodes[at] as Extract<TensorNode, { kind: 'elementwise' }>;
    const name = nodes.length === 1 ? 'σ' : `σ${subscript(e + 1)}`;
    const formula = layoutScalar(phi, 'text');
    return `${name}(α) = ${formula} at the ${valuesRead(program.nodes[input]!)} for x_α; ${name}′, ${name}″, … its derivatives there`;
  });
}

function valuesRead(node: TensorNode): string {
  if (node.kind === 'dense') return `outputs of layer ${node.layer + 1}`;
  return node.kind === 'add' ? 'sum of branches' : 'values it reads';
}

/** d, m: widths; w: gains. */
function scaleLines(layers: readonly LayerSymbols[], program: TensorProgram): readonly string[] {
  const widths = new Map(
    layers.flatMap(({ fanIn, node }) =>
      fanIn === undefined
        ? []
        : [[fanIn.text, `${fanIn.text}: number of ${widthMeaning(node.input, program)}`] as const],
    ),
  );
  const gains = layers.flatMap(({ gain, node }) =>
    gain === undefined ? [] : [`${gain.text} = ${number(gain.value)}: wStd of layer ${node.layer + 1}`],
  );
  return [
    ...(widths.size === 0 ? [] : [[...widths.values()].join('; ')]),
    ...(gains.length === 0 ? [] : [gains.join('; ')]),
  ];
}

function widthMeaning(at: number, program: TensorProgram): string {
  const node = program.nodes[at]!;
  if (node.kind === 'input') return 'features';
  if (node.kind === 'add') return widthMeaning(node.inputs[0]!, program);
  return node.kind === 'elementwise' ? widthMeaning(node.input, program) : valuesRead(node);
}

/** Inputs of layers that are sums of branches have no other name. */
const sumLines = (layers: readonly LayerSymbols[], program: TensorProgram): readonly string[] =>
  layers.flatMap(({ node }) => {
    const { kind } = program.nodes[node.input]!;
    if (kind === 'input' || kind === 'elementwise') return [];
    return [`z${superscript(node.layer + 1)}: inputs of layer ${node.layer + 1}`];
  });

function biasLine({ node, fanIn, gain }: LayerSymbols, program: TensorProgram): readonly string[] {
  if (node.bias === undefined) return [];
  const input = program.nodes[node.input]!;
  const letter = input.kind === 'input' ? 'x' : input.kind === 'elementwise' ? 'σ' : 'z';
  const squared = number(node.bias.scale ** 2);
  const factor =
    fanIn === undefined ? '' : gain === undefined ? `·${fanIn.text}` : `·${fanIn.text}/${gain.text}${superscript(2)}`;
  return [
    `~ adds the bias of layer ${node.layer + 1}: the inner product of its inputs ${letter}\u0303 is that of ${letter}, plus ${squared}${factor}`,
  ];
}

const number = (value: number): string => layoutScalar(num(Number(value.toPrecision(12))), 'text');
