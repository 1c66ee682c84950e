/** The neural tangent hierarchy at the explicit level: K_r of a declared network as terms in Einstein notation. */
import { NtkcError } from '../../../errors.ts';
import type { Network } from '../../../ir/arch/index.ts';
import type { Term } from '../../../ir/einsum/index.ts';
import { activationNodes, type LayerArrays } from '../../../ir/hierarchy/index.ts';
import { derivative, num, printScalar } from '../../../ir/scalar/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { finiteNetwork } from '../../finite.ts';
import { countPaths, countProducts, type TermCount } from './count.ts';
import { evaluateTerms } from './evaluate.ts';
import { toHtml } from './html.ts';
import { type HierarchyJson, toJson } from './json.ts';
import { legend } from './legend.ts';
import { groupTerms, type HierarchyGroup } from './lines.ts';
import { type LatexOptions, toLatex, toText } from './print.ts';
import { hierarchyRules, type Rules } from './rules.ts';
import { maxOrder, symbolsOf } from './symbols.ts';
import { deriveTerms } from './terms.ts';
import { explicitVocabulary } from './vocabulary.ts';

export type { LayerArrays } from '../../../ir/hierarchy/index.ts';
export type { TermCount } from './count.ts';
export type { HierarchyJson } from './json.ts';
export type { HierarchyGroup, HierarchyLine } from './lines.ts';
export type { LatexOptions } from './print.ts';

export interface ExplicitOptions {
  /** Most terms the recursion may make before like ones are merged. Default 500 000: about 20 s and 1.5 GiB. */
  readonly maxTerms?: number;
  /** Told what the derivation of K_order will cost, before it starts. */
  readonly onCount?: (count: TermCount) => void;
  /** Keep terms with derivatives of an activation that are zero, such as σ″ of relu: as if σ were not known. */
  readonly abstract?: boolean;
}

export interface ExplicitHierarchy {
  readonly order: number;
  /** Like terms merged. */
  readonly terms: readonly Term[];
  /** Terms of K_2, K_3, .., K_order. */
  readonly termsByOrder: readonly number[];
  /** The terms for readers: collected into lines, grouped by the factors of the lines. */
  groups(): readonly HierarchyGroup[];
  toText(): string;
  toLatex(options?: LatexOptions): string;
  toJson(): HierarchyJson;
  toHtml(): Promise<string>;
  /**
   * K_order of the finite network, float64. Layers that declare no width have the first layer's.
   * @param parameters one entry a parametrised layer, W[o i] row-major
   * @param x samples, each [features]
   * @param tuple `order` indices into x
   * @throws NtkcError where a shape or an index does not fit, or the value is not finite
   */
  evaluate(
    parameters: readonly LayerArrays[],
    x: readonly ArrayLike<number>[],
    tuple: readonly number[],
    output?: number,
  ): number;
}

/**
 * K_{r+1}(x_1..x_{r+1}) = ⟨∇K_r(x_1..x_r), ∇f(x_{r+1})⟩ from K_1 = f, for networks of dense, elementwise and sum layers.
 * @eq lantk (11), (13), (14), (15)
 * @throws NtkcError where the order or the network has no explicit form, or the products are more than the limit
 */
export function explicitHierarchy(network: Network, order: number, options: ExplicitOptions = {}): ExplicitHierarchy {
  const { maxTerms = defaultMaxTerms, abstract = false } = options;
  const { program, rules } = prepare(network, order, abstract);
  const counts = countUpTo(program, rules, order, maxTerms);
  checkCount(network, order, counts, maxTerms);
  options.onCount?.(counts.at(-1)!);
  const { terms, termsByOrder } = deriveTerms(rules, order);
  const symbols = symbolsOf(program);
  let known: readonly HierarchyGroup[] | undefined;
  const groups = () => {
    known ??= groupTerms(terms, symbols.isInput);
    return known;
  };
  const head = {
    name: network.name,
    order,
    terms: terms.length,
    legend: legend(program, order, symbols, abstract ? [] : vanishingNotes(program, order)),
  };
  return {
    order,
    terms,
    termsByOrder,
    groups,
    toText: () => toText(head, groups(), symbols),
    toLatex: (latex = {}) => toLatex(head, groups(), symbols, latex),
    toJson: () => toJson(head, terms, symbols),
    toHtml: () => toHtml(head, groups(), symbols),
    evaluate: (parameters, x, tuple, output = 0) => {
      if (tuple.length !== order)
        throw new NtkcError({ what: `a tuple of ${tuple.length} indices`, expected: `${order} for K${order}` });
      return evaluateTerms(terms, sizedLike(network, parameters), parameters, x, tuple, output);
    },
  };
}

/**
 * Products and factors of K_2, .., K_order that the derivation would make: what it costs, counted before it starts.
 * Stops after the first order above the limit.
 * @throws NtkcError where the order or the network has no explicit form
 */
export function countHierarchy(
  network: Network,
  order: number,
  { maxTerms = defaultMaxTerms, abstract = false }: ExplicitOptions = {},
): readonly TermCount[] {
  const { program, rules } = prepare(network, order, abstract);
  return countUpTo(program, rules, order, maxTerms);
}

const defaultMaxTerms = 500_000;

function countUpTo(program: TensorProgram, rules: Rules, order: number, limit: number): readonly TermCount[] {
  const products = countPaths(program);
  return products > limit ? [{ products, factors: products * program.layers }] : countProducts(rules, order, limit);
}

/** Width of layers that declare none while terms are derived; prime, so that no gain makes their scale 1. */
const anyWidth = 1009;

function prepare(
  network: Network,
  order: number,
  abstract: boolean,
): { readonly program: TensorProgram; readonly rules: Rules } {
  if (!Number.isInteger(order) || order < 2 || order > maxOrder)
    throw new NtkcError({ what: `order ${order} of the hierarchy`, expected: `a whole number from 2 to ${maxOrder}` });
  if (network.input.shape.length !== 1)
    throw new NtkcError({
      what: 'no terms of the hierarchy for inputs with spatial axes',
      where: 'input.shape',
      expected: 'one axis',
      next: 'Values need no terms: ntkc hierarchy --tuples, hierarchyAt.',
    });
  const program = finiteNetwork(network, { width: anyWidth, outputs: 1, vocabulary: explicitVocabulary });
  for (const node of program.nodes)
    if (node.kind === 'dense' && node.weightScale === 0)
      throw new NtkcError({ what: `layer ${node.layer + 1} has wStd 0`, expected: 'wStd > 0' });
  const vanishing = abstract ? [] : vanishingOrders(program, order);
  return {
    program,
    rules: hierarchyRules(program, (activation, p) => p >= (vanishing[activation] ?? Number.POSITIVE_INFINITY)),
  };
}

/** For each activation the first derivative, up to the order, that is zero almost everywhere; else Infinity. */
function vanishingOrders(program: TensorProgram, order: number): readonly number[] {
  return activationNodes(program).map((at) => {
    const { phi } = program.nodes[at] as Extract<TensorNode, { kind: 'elementwise' }>;
    for (let p = 1; p <= order; p++) if (derivative(phi, 'x', p) === num(0)) return p;
    return Number.POSITIVE_INFINITY;
  });
}

function vanishingNotes(program: TensorProgram, order: number): readonly string[] {
  const first = new Map<string, number>();
  vanishingOrders(program, order).forEach((p, activation) => {
    const { phi } = program.nodes[activationNodes(program)[activation]!] as Extract<
      TensorNode,
      { kind: 'elementwise' }
    >;
    if (Number.isFinite(p)) first.set(printScalar(phi), p);
  });
  return [...first].map(
    ([phi, p]) => `derivatives of ${phi} from order ${p} on are zero almost everywhere; their terms are left out`,
  );
}

function checkCount(network: Network, order: number, counts: readonly TermCount[], maxTerms: number): void {
  const { products, factors } = counts.at(-1)!;
  if (products <= maxTerms) return;
  const reached = counts.length + 1;
  throw new NtkcError({
    what: `K${order} of ${JSON.stringify(network.name)} is too large: K${reached} alone has up to ${products} terms with ${factors} factors`,
    expected: `at most ${maxTerms} terms`,
    next: 'Allow more (maxTerms, --max-terms), or compute values, which need no terms (ntkc hierarchy --tuples, hierarchyAt).',
  });
}

/** The network at the widths of its parameters. */
function sizedLike(network: Network, parameters: readonly LayerArrays[]): TensorProgram {
  const features = network.input.shape.at(-1)!;
  const width = (parameters[0]?.W.length ?? 0) / features;
  return finiteNetwork(network, { width: Number.isInteger(width) && width > 0 ? width : 1, outputs: 1 });
}
