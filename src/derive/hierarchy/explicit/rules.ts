/**
 * The product and chain rule on a finite network in Einstein notation.
 * D_γ is the derivative along ∇f(x_γ): D_γ θ = ∂f_γ/∂θ for every parameter θ, so K_{r+1}(.., γ) = D_γ K_r and K_2 = D_β f_α.
 * The tensors are those of a HierarchyProgram.
 * @eq lantk (11), with the rule of one factor written once
 */
import { delta, type Factor, PARAMETER } from '../../../ir/einsum/index.ts';
import {
  activationNodes,
  activationTensor,
  inputTensor,
  numberOf,
  OUTPUT,
  plainInputTensor,
  weightTensor,
} from '../../../ir/hierarchy/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';

/** powers[l] counts the weight scale of layer l + 1. */
export interface Product {
  readonly powers: readonly number[];
  readonly factors: readonly Factor[];
}

export interface Rules {
  /** K_2 of samples α and β: D_β f_α. */
  readonly start: (alpha: number, beta: number) => readonly Product[];
  /** D_γ of one factor, by the chain rule. */
  readonly derivative: (factor: Factor, gamma: number) => readonly Product[];
}

/** What the rules read: the network, its dense nodes by layer, its activations by node, and fresh names of dummies. */
interface Calculus {
  readonly nodes: readonly TensorNode[];
  readonly denseAt: readonly number[];
  readonly activationOf: ReadonlyMap<number, number>;
  /** φ^(p) of an activation, or nothing where it vanishes. */
  readonly phi: (activation: number, p: number, sample: number, i: number) => readonly Product[];
  readonly product: (...factors: readonly Factor[]) => Product;
  readonly fresh: () => number;
}

/** @param vanishes whether φ^(p) of activation e is zero (almost) everywhere; products with it are left out */
export function hierarchyRules(program: TensorProgram, vanishes: (activation: number, p: number) => boolean): Rules {
  const { nodes, layers } = program;
  const none = Array.from({ length: layers }, () => 0);
  const product = (...factors: readonly Factor[]): Product => ({ powers: none, factors });
  let dummies = firstFreshDummy;
  const calculus: Calculus = {
    nodes,
    denseAt: none.map((_, layer) => nodes.findIndex((node) => node.kind === 'dense' && node.layer === layer)),
    activationOf: new Map(activationNodes(program).map((node, activation) => [node, activation])),
    phi: (activation, p, sample, i) =>
      vanishes(activation, p)
        ? []
        : [product({ tensor: activationTensor(activation), derivative: p, sample, indices: [i] })],
    product,
    fresh: () => dummies++,
  };
  return {
    start: (alpha, beta) => forward(calculus, nodes.length - 1, beta, alpha, OUTPUT),
    derivative: (factor, gamma) => derivativeOf(calculus, factor, gamma),
  };
}

/** Canonical forms name their dummies 0, 1, 2, ...: far below. */
const firstFreshDummy = 1_000_000;

const weight = (layer: number, i: number, j: number): Factor => ({
  tensor: weightTensor(layer),
  derivative: 0,
  sample: PARAMETER,
  indices: [i, j],
});
const inputOf = (layer: number, sample: number, j: number): Factor => ({
  tensor: inputTensor(layer),
  derivative: 0,
  sample,
  indices: [j],
});

/**
 * Inputs of layers by one name where two would have one value: `u` where a W or σ^(p) on its index is 0 at the bias, or
 * all others are `u`; `h` beside an `h`.
 */
export function namedInputs(factors: readonly Factor[]): readonly Factor[] {
  const isInput = ({ tensor }: Factor) => tensor.startsWith('u') || tensor.startsWith('h');
  if (!factors.some(({ tensor }) => tensor.startsWith('h'))) return factors;
  return factors.map((factor) => {
    if (!isInput(factor)) return factor;
    const meeting = factors.filter(({ indices }) => indices.includes(factor.indices[0]!));
    const plain = meeting.every(isInput) && meeting.some(({ tensor }) => tensor.startsWith('h'));
    const layer = numberOf(factor.tensor);
    return { ...factor, tensor: plain ? plainInputTensor(layer) : inputTensor(layer) };
  });
}

/** ∂f_γ/∂node[i], by the nodes that read it. */
function backward(calculus: Calculus, at: number, gamma: number, i: number): readonly Product[] {
  const { nodes, activationOf, phi, product, fresh } = calculus;
  const byReader = nodes.flatMap((reader, to): readonly Product[] => {
    if (reader.kind === 'add')
      return reader.inputs.flatMap((input) => (input === at ? backward(calculus, to, gamma, i) : []));
    if ((reader.kind !== 'dense' && reader.kind !== 'elementwise') || reader.input !== at) return [];
    if (reader.kind === 'elementwise')
      return times(phi(activationOf.get(to)!, 1, gamma, i), backward(calculus, to, gamma, i));
    const k = fresh();
    return times([scaled(product(weight(reader.layer, k, i)), reader.layer, 1)], backward(calculus, to, gamma, k));
  });
  return at === nodes.length - 1 ? [product(delta(i, OUTPUT)), ...byReader] : byReader;
}

/** D_γ of node[i] at sample α, by what it reads. */
function forward(calculus: Calculus, at: number, gamma: number, alpha: number, i: number): readonly Product[] {
  const { nodes, activationOf, phi, product, fresh } = calculus;
  const node = nodes[at]!;
  if (node.kind === 'input') return [];
  if (node.kind === 'add') return node.inputs.flatMap((input) => forward(calculus, input, gamma, alpha, i));
  if (node.kind === 'elementwise')
    return times(phi(activationOf.get(at)!, 1, alpha, i), forward(calculus, node.input, gamma, alpha, i));
  if (node.kind !== 'dense') throw new Error(`ntkc bug: ${node.kind} passed as known at the explicit level`);
  const { layer, input } = node;
  const [j, k] = [fresh(), fresh()];
  const own = product(inputOf(layer, alpha, j), inputOf(layer, gamma, j));
  return [
    ...times([scaled(own, layer, 2)], backward(calculus, at, gamma, i)),
    ...times([scaled(product(weight(layer, i, k)), layer, 1)], forward(calculus, input, gamma, alpha, k)),
  ];
}

/** D_γ of a factor: of W by definition, of u and σ^(p) through the values they read. */
function derivativeOf(calculus: Calculus, factor: Factor, gamma: number): readonly Product[] {
  const { nodes, denseAt, activationOf, phi, product } = calculus;
  const { tensor, derivative: p, sample } = factor;
  const [i, j] = factor.indices as readonly [number, number];
  const number = numberOf(tensor);
  const reads = (at: number) => (nodes[at] as Extract<TensorNode, { kind: 'dense' | 'elementwise' }>).input;
  switch (tensor[0]) {
    case 'W':
      return times(
        [scaled(product({ ...inputOf(number, gamma, j), tensor: plainInputTensor(number) }), number, 1)],
        backward(calculus, denseAt[number]!, gamma, i),
      );
    case 'u':
    case 'h':
      return forward(calculus, reads(denseAt[number]!), gamma, sample, i);
    case 's': {
      const at = [...activationOf.keys()][number]!;
      return times(phi(number, p + 1, sample, i), forward(calculus, reads(at), gamma, sample, i));
    }
    default:
      return [];
  }
}

const times = (left: readonly Product[], right: readonly Product[]): readonly Product[] =>
  left.flatMap((a) =>
    right.map((b) => ({
      powers: a.powers.map((power, l) => power + b.powers[l]!),
      factors: [...a.factors, ...b.factors],
    })),
  );

const scaled = (product: Product, layer: number, power: number): Product => ({
  ...product,
  powers: product.powers.map((old, l) => (l === layer ? old + power : old)),
});
