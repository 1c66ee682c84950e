import { NtkcError } from '../../../errors.ts';
import type { Network } from '../../../ir/arch/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { finiteNetwork } from '../../finite.ts';

type DenseNode = Extract<TensorNode, { kind: 'dense' }>;

/** z_l = scale_l · (W_l h + bias), φ_l(z_l), over and over, with W ~ N(0, 1), in units of the width of the first layer. */
export interface Mlp {
  readonly features: number;
  readonly layers: readonly MlpLayer[];
  /** Activations after layers 1 .. layers − 1. */
  readonly phi: readonly Expr[];
  /** With widths of 1009 where none are declared. */
  readonly program: TensorProgram;
}

export interface MlpLayer {
  /** Width over that of the first layer. */
  readonly width: number;
  /** Weight scale: gain/√(features, or the width before, in those units). */
  readonly scale: number;
  /** bStd², which the bias adds to the covariance of z and to the tangent ⟨∂z, ∂z'⟩ alike. */
  readonly bias: number;
}

/**
 * Reads a network where dense layers and activations take turns.
 * @throws NtkcError where it has another form, or where width · E K_4 has no limit
 */
export function readMlp(network: Network): Mlp {
  const [program, wider] = [1009, 2018].map((width) => finiteNetwork(network, { width, outputs: 1 }));
  const { nodes } = program!;
  checkForm(network, nodes);
  const hidden = denseOf(nodes).slice(0, -1);
  const declared = denseOf(wider!.nodes)
    .slice(0, -1)
    .map(({ width }, l) => width === hidden[l]!.width);
  if (declared.some((d) => d !== declared[0]))
    throw new NtkcError({
      what: 'some hidden widths are declared and some are not, so their ratio in the limit is open',
      expected: 'a width on every hidden layer, or on none',
    });
  return {
    features: nodes[0]!.width,
    layers: denseOf(nodes).map((node, l) => layerOf(node, l, hidden)),
    phi: nodes.flatMap((node) => (node.kind === 'elementwise' ? [node.phi] : [])),
    program: program!,
  };
}

const denseOf = (nodes: readonly TensorNode[]): readonly DenseNode[] =>
  nodes.filter(({ kind }) => kind === 'dense') as DenseNode[];

function checkForm(network: Network, nodes: readonly TensorNode[]): void {
  const isMlp =
    nodes.length % 2 === 0 &&
    nodes.length > 2 &&
    nodes.every(({ kind }, at) => kind === (at === 0 ? 'input' : at % 2 === 1 ? 'dense' : 'elementwise'));
  if (!isMlp)
    throw new NtkcError({
      what: `the expected hierarchy is known for layers in a chain, and this network is ${network.layers.map(({ op }) => op).join(', ')}`,
      expected: 'dense, an activation, dense, an activation, ..., dense',
      next: 'For other networks take the hierarchy of a finite network with given parameters.',
    });
  const silent = denseOf(nodes).find(({ weightScale }) => weightScale === 0);
  if (silent !== undefined)
    throw new NtkcError({
      what: `layer ${silent.layer + 1} has wStd 0`,
      expected: 'wStd > 0 in the expected hierarchy',
    });
  const standard = denseOf(nodes).find(
    ({ weightStd, bias }) => weightStd !== 1 || (bias !== undefined && bias.std !== 1),
  );
  if (standard !== undefined)
    throw new NtkcError({
      what: `layer ${standard.layer + 1} is in standard parameterization, where the orders of the width of the layers differ`,
      expected: 'parameterization "ntk" in every dense of a network of more than two layers',
    });
}

function layerOf({ weightScale, bias, width }: DenseNode, l: number, hidden: readonly DenseNode[]): MlpLayer {
  const unit = hidden[0]!.width;
  return {
    width: width / unit,
    scale: l === 0 ? weightScale : weightScale * Math.sqrt(unit),
    bias: (bias?.scale ?? 0) ** 2,
  };
}
