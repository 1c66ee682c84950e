import { describe, expect, it } from 'vitest';
import { dense, elementwise, erf, network, relu } from '../../../ops/vocabulary.ts';
import { twoLayerDerivation } from './index.ts';

const net = (layer = relu()) => network({ name: 'tiny', input: { shape: [4] }, layers: [dense(), layer, dense()] });

describe('twoLayerDerivation', () => {
  it('has the 20 terms and, for ReLU, the five expectations that the paper calls I to V', () => {
    const { terms, expectations, rules } = twoLayerDerivation(net());
    expect(terms.length).toBe(20);
    expect(terms).toContain('3·E a^2·G_αβ G_αγ·E[φ″(u_α) φ′(u_β) φ′(u_γ) φ(u_ξ)]');
    expect(expectations.map(({ from }) => from).sort()).toEqual(
      [
        'E[θ(u_α) θ(u_β) θ(u_γ) θ(u_ξ)]',
        'E[θ(u_α) θ(u_β) relu(u_γ) relu(u_ξ)]',
        'E[δ(u_α) θ(u_β) θ(u_γ) relu(u_ξ)]',
        'E[δ(u_α) δ(u_β) θ(u_γ) θ(u_ξ)]',
        'E[δ′(u_α) θ(u_β) θ(u_γ) θ(u_ξ)]',
      ].sort(),
    );
    expect(rules.map(({ name }) => name)).toEqual(['δ', 'derivative of δ', 'Stein']);
  });

  it('shows each rule at work, down to orthant probabilities', () => {
    const term = twoLayerDerivation(net()).expectations.find(({ from }) => from.startsWith('E[δ(u_α) δ(u_β)'))!;
    expect(term.steps).toEqual([
      {
        rule: 'δ',
        from: 'E[δ(u_α) δ(u_β) θ(u_γ) θ(u_ξ)]',
        to: '1/√(2π S_αα)·E[δ(u_β) θ(u_γ) θ(u_ξ) | u_α = 0]',
      },
      {
        rule: 'δ',
        from: 'E[δ(u_β) θ(u_γ) θ(u_ξ) | u_α = 0]',
        to: '1/√(2π S_ββ|α)·E[θ(u_γ) θ(u_ξ) | u_α = u_β = 0]',
      },
    ]);
    expect(term.value).toBe('1/√(2π S_αα)·1/√(2π S_ββ|α)·P(u_γ, u_ξ > 0 | u_α = u_β = 0)');
  });

  it('reads as text, for every kind of activation', () => {
    expect(twoLayerDerivation(net(), 2).toText()).toContain('E K2 of "tiny"');
    expect(twoLayerDerivation(net()).toText()).not.toContain('variance of z');
    expect(twoLayerDerivation(net(erf())).toText()).toContain('S has the variance of z added');
    expect(twoLayerDerivation(net(elementwise('tanh(x)'))).toText()).toContain(
      'tanh(x), its expectations by quadrature',
    );
  });
});
