/** How an expected kernel comes about, to be read: terms of one neuron, the activation's formula, rule by rule. */
import type { Network } from '../../../ir/arch/index.ts';
import { type Family, requiredFamily } from './families.ts';
import { neuronKernel } from './neuron.ts';
import { derivativeOf, type Piece } from './pieces.ts';
import { reduced } from './reduce.ts';
import { type Expectation, firstRule, rules } from './rules.ts';
import { twoLayers } from './twoLayers.ts';
import { expectationText, neuronTermText, reducedText, weightedText } from './write.ts';

/** One use of a rule. */
export interface CalculusStep {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** An expectation without constants, its steps and its closed form. */
export interface ExpectationDerivation {
  readonly from: string;
  readonly steps: readonly CalculusStep[];
  readonly value: string;
}

export interface ExpectedDerivation {
  readonly network: string;
  readonly order: number;
  readonly activation: {
    readonly name: string;
    readonly formula: string /** Whether φ is a mean over z. */;
    readonly isNoisy: boolean;
  };
  /** Of one neuron, in expectation. */
  readonly terms: readonly string[];
  /** Rules used below. */
  readonly rules: readonly { readonly name: string; readonly formula: string; readonly source: string }[];
  /** One for each pattern of derivatives; others differ by the names of inputs. */
  readonly expectations: readonly ExpectationDerivation[];
  toText(): string;
}

/**
 * The derivation behind expectedHierarchy, for distinct inputs.
 * @eq lantk appendix B.3
 * @throws NtkcError as expectedHierarchy does
 */
export function twoLayerDerivation(network: Network, order: 2 | 4 = 4): ExpectedDerivation {
  const { phi } = twoLayers(network);
  const family = requiredFamily(phi);
  const expectations = patternsOf(order)
    .flatMap((orders) => expansions(family, orders))
    .map(derived);
  const used = new Set(expectations.flatMap(({ steps }) => steps.map(({ rule }) => rule)));
  const derivation = {
    network: network.name,
    order,
    activation: { name: family.name, formula: family.formula, isNoisy: family.noise > 0 },
    terms: neuronKernel(order).map(neuronTermText),
    rules: rules.filter(({ name }) => used.has(name)).map(({ name, formula, source }) => ({ name, formula, source })),
    expectations,
  };
  return { ...derivation, toText: () => textOf(derivation) };
}

/** The orders of derivatives in the terms, descending, each pattern once. */
function patternsOf(order: number): readonly (readonly number[])[] {
  const all = neuronKernel(order).map(({ factors }) => factors.map((f) => f.order).sort((a, b) => b - a));
  return [...new Map(all.map((orders) => [orders.join(), orders])).values()];
}

/** The expectations of pieces that make up one of φ and its derivatives; none where φ is not made of pieces. */
function expansions({ pieces }: Family, orders: readonly number[]): readonly Expectation[] {
  if (pieces === undefined) return [];
  const choices = orders.map((order) => derivativeOf(pieces, order).map(({ piece }) => piece));
  const products = choices.reduce<readonly (readonly Piece[])[]>(
    (before, options) => before.flatMap((chosen) => options.map((piece) => [...chosen, piece])),
    [[]],
  );
  return products.map((chosen) => ({ factors: chosen.map((piece, point) => ({ point, piece })), given: [] }));
}

function derived(expectation: Expectation): ExpectationDerivation {
  const steps = new Map<string, CalculusStep>();
  const visit = (from: Expectation): void => {
    const text = expectationText(from);
    const use = firstRule(from);
    if (use === undefined || steps.has(text)) return;
    const terms = use.rule.apply(from, use.at);
    if (use.rule.silent !== true) steps.set(text, { rule: use.rule.name, from: text, to: weightedText(terms) });
    for (const { expectation: next } of terms) visit(next);
  };
  visit(expectation);
  return { from: expectationText(expectation), steps: [...steps.values()], value: reducedText(reduced(expectation)) };
}

function textOf({ network, order, activation, terms, rules: used, expectations }: Omit<ExpectedDerivation, 'toText'>) {
  const lines = [
    `${order === 4 ? 'width · ' : ''}E K${order} of "${network}" at initialisation`,
    '',
    `φ: ${activation.formula}`,
    'u ~ N(0, S); G_αβ = ⟨∂u_α, ∂u_β⟩ over the parameters of the first layer; a: weight of the last layer',
    '',
    ...terms.map((term, i) => `${i === 0 ? '  ' : '+ '}${term}`),
  ];
  if (activation.isNoisy) lines.push('', 'Below S has the variance of z added to its diagonal.');
  if (used.length > 0) lines.push('', 'Rules', ...used.map((rule) => `  ${rule.name}: ${rule.formula}`));
  for (const { from, steps, value } of expectations) {
    lines.push('', from, ...steps.map((step) => `  ${step.rule}: ${step.from} = ${step.to}`), `  = ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
