/** Equations (13), (14) and (15) of lantk, line by line as the paper prints them. */
import { describe, expect, it } from 'vitest';
import type { Contraction } from '../../../ir/einsum/index.ts';
import { dense, elementwise, network } from '../../../ops/vocabulary.ts';
import { explicitHierarchy, type HierarchyLine } from './index.ts';

/** f = aᵀσ(Wx)/√m: the first layer's wStd is √features, as the paper does not divide by it. */
const paperNetwork = network({
  name: 'paper',
  input: { shape: [4] },
  layers: [dense({ wStd: 2 }), elementwise('tanh(x)'), dense()],
});

/**
 * A line of the paper: coefficient over m^(order/2); the sum of products of inner products (ab is x_αᵀx_β); the power
 * of a; the order of the derivative of σ at α, β, γ, ξ.
 */
const equation13 = ['1 ab a2 11', '1 - a0 00'];

const equation14 = ['1 ac.ab a3 211', '1 bc.ab a3 121', '2 ab a1 110', '1 ac a1 101', '1 bc a1 011'];

const equation15 = [
  '1 ab.ac.ad a4 3111',
  '1 ba.bc.bd a4 1311',
  '1 ab.ac.bd+ab.ad.bc a4 2211',
  '1 ac.ab.cd a4 2121',
  '1 bc.ba.cd a4 1221',
  '3 ab.ac a2 2110',
  '3 ba.bc a2 1210',
  '2 ab.ad a2 2101',
  '2 ba.bd a2 1201',
  '2 ab.cd a2 1111',
  '1 ac.ad a2 2011',
  '1 ca.cd a2 1021',
  '1 bc.bd a2 0211',
  '1 cb.cd a2 0121',
  '1 ac.bd+ad.bc a2 1111',
  '2 ab a0 1100',
  '1 ac a0 1010',
  '1 bc a0 0110',
];

/** The same line whatever the order of factors, of summands and of the two ends of an inner product. */
function normal(line: string): string {
  const [coefficient, sum, ...rest] = line.split(' ');
  const product = (text: string) =>
    text
      .split('.')
      .map((pair) => [...pair].sort().join(''))
      .sort()
      .join('.');
  return [coefficient, sum!.split('+').map(product).sort().join('+'), ...rest].join(' ');
}

/** A derived line in the notation above, read from its structure. */
function described({ coefficient, prefactors, body }: HierarchyLine): string {
  const pair = ({ factors }: Contraction) => factors.map(({ sample }) => 'abcd'[sample]).join('');
  const sum = prefactors.map((product) => product.map(pair).join('.')).join('+');
  expect(body).toHaveLength(1);
  const factors = body[0]!.factors;
  const derivatives = factors.filter(({ sample }) => sample >= 0).toSorted((x, y) => x.sample - y.sample);
  const power = factors.filter(({ tensor }) => tensor === 'W2').length;
  return `${coefficient} ${sum === '' ? '-' : sum} a${power} ${derivatives.map((f) => f.derivative).join('')}`;
}

const linesOf = (order: number): readonly HierarchyLine[] =>
  explicitHierarchy(paperNetwork, order)
    .groups()
    .flatMap(({ lines }) => lines);

describe('the two-layer network of the paper', () => {
  it.each([
    [2, 'equation (13)', equation13, 2],
    [3, 'equation (14)', equation14, 5],
    [4, 'equation (15)', equation15, 20],
  ] as const)('K%i is %s, term for term', (order, _, equation, terms) => {
    expect(linesOf(order).map(described).map(normal).sort()).toEqual(equation.map(normal).sort());
    expect(explicitHierarchy(paperNetwork, order).terms).toHaveLength(terms);
    // Each over m^(order/2): every power of the second layer's scale is the order, the first layer's is printed as 1.
    for (const { powers } of linesOf(order)) expect(powers[1]).toBe(order);
  });

  it('prints as the paper does', () => {
    const text = explicitHierarchy(paperNetwork, 4).toText();
    expect(text).toContain('20 terms on 18 lines');
    expect(text).toContain('+ 2/m² · ⟨x_α, x_β⟩ ⟨x_γ, x_ξ⟩ · ⟨a², σ′(α) ⊙ σ′(β) ⊙ σ′(γ) ⊙ σ′(ξ)⟩');
    expect(text).toContain(
      '+ 1/m² · ⟨x_α, x_β⟩ (⟨x_α, x_γ⟩ ⟨x_β, x_ξ⟩ + ⟨x_α, x_ξ⟩ ⟨x_β, x_γ⟩) · ⟨a⁴, σ″(α) ⊙ σ″(β) ⊙ σ′(γ) ⊙ σ′(ξ)⟩',
    );
    expect(explicitHierarchy(paperNetwork, 3).toText()).toMatchInlineSnapshot(`
      "K3 of "paper": 5 terms

        samples α, β, γ; ⊙ is the entrywise product, a² = a ⊙ a; repeated indices under Σ are summed
        σ(α) = tanh(x) at the outputs of layer 1 for x_α; σ′, σ″, … its derivatives there
        a: weights of the last layer
        m: number of outputs of layer 1

      K3(x_α, x_β, x_γ) =

        [a³ σ″ σ′²]
        + 1/(m√m) · ⟨x_α, x_β⟩ ⟨x_α, x_γ⟩ · ⟨a³, σ″(α) ⊙ σ′(β) ⊙ σ′(γ)⟩
        + 1/(m√m) · ⟨x_α, x_β⟩ ⟨x_β, x_γ⟩ · ⟨a³, σ′(α) ⊙ σ″(β) ⊙ σ′(γ)⟩

        [a σ′² σ]
        + 2/(m√m) · ⟨x_α, x_β⟩ · ⟨a, σ′(α) ⊙ σ′(β) ⊙ σ(γ)⟩
        + 1/(m√m) · ⟨x_α, x_γ⟩ · ⟨a, σ′(α) ⊙ σ(β) ⊙ σ′(γ)⟩
        + 1/(m√m) · ⟨x_β, x_γ⟩ · ⟨a, σ(α) ⊙ σ′(β) ⊙ σ′(γ)⟩
      "
    `);
  });

  it('does not depend on what σ is', () => {
    const other = network({ ...paperNetwork, layers: [dense({ wStd: 2 }), elementwise('max(x, 0)'), dense()] });
    const keys = (net: typeof other) =>
      explicitHierarchy(net, 4, { abstract: true }).terms.map(({ contractions }) => contractions.map(({ key }) => key));
    expect(keys(other)).toEqual(keys(paperNetwork));
    // Of a known relu only the terms without σ″ and σ‴ are left: five lines, six terms.
    expect(explicitHierarchy(other, 4).terms).toHaveLength(6);
  });
});
