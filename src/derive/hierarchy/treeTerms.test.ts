import { renderToString } from 'katex';
import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { treeTerms } from './treeTerms.ts';

describe('treeTerms', () => {
  it('has (r−1)! terms of r factors, whose axes pair up', () => {
    for (const order of [2, 3, 4, 5, 6, 7]) {
      const { terms } = treeTerms(order);
      expect(terms).toHaveLength([1, 2, 6, 24, 120, 720][order - 2] as number);
      for (const { factors } of terms) {
        const ends = factors.flatMap(({ edges }) => edges).sort((a, b) => a - b);
        expect(ends).toEqual(Array.from({ length: 2 * (order - 1) }, (_, k) => Math.floor(k / 2)));
        for (const { order: degree, edges } of factors) expect(edges).toHaveLength(degree);
      }
    }
  });

  it('prints K2, K3 and K4', () => {
    expect(treeTerms(2).toText()).toBe('K2(α, β) = ∇f_α·∇f_β');
    expect(treeTerms(3).toText()).toBe('K3(α, β, γ) = ∇f_β·∇²f_α·∇f_γ\n  + ∇f_α·∇²f_β·∇f_γ');
    expect(treeTerms(4).toText().split('\n  + ')).toEqual([
      'K4(α, β, γ, ξ) = ∇³f_α[∇f_β, ∇f_γ, ∇f_ξ]',
      '∇f_γ·∇²f_α·∇²f_β·∇f_ξ',
      '∇f_β·∇²f_α·∇²f_γ·∇f_ξ',
      '∇f_γ·∇²f_β·∇²f_α·∇f_ξ',
      '∇³f_β[∇f_α, ∇f_γ, ∇f_ξ]',
      '∇f_α·∇²f_β·∇²f_γ·∇f_ξ',
    ]);
    expect(treeTerms(5).toText()).toContain('∇³f_α[∇f_β, ∇f_γ, ∇²f_ξ·∇f_ζ]');
  });

  it('prints (11) of the paper, in its order', () => {
    const lines = treeTerms(4).toLatex().split('\n').slice(1, -1);
    const factors = lines.map((line) => line.replace(/^.*(?:&=|\+) |,? ?\\\\$| /g, '').replaceAll('\\,', ' '));
    const [a, b, c, x] = ['f_{\\alpha})', 'f_{\\beta})', 'f_{\\gamma})', 'f_{\\xi})'];
    expect(factors).toEqual([
      `(\\nabla^3${a}^{\\elljk}_{suv,abc} (\\nabla${b}_{\\elljk} (\\nabla${c}_{suv} (\\nabla${x}_{abc}`,
      `(\\nabla^2${a}^{\\elljk}_{suv} (\\nabla^2${b}^{\\elljk}_{abc} (\\nabla${c}_{suv} (\\nabla${x}_{abc}`,
      `(\\nabla^2${a}^{\\elljk}_{suv} (\\nabla${b}_{\\elljk} (\\nabla^2${c}^{suv}_{abc} (\\nabla${x}_{abc}`,
      `(\\nabla^2${a}^{\\elljk}_{abc} (\\nabla^2${b}^{\\elljk}_{suv} (\\nabla${c}_{suv} (\\nabla${x}_{abc}`,
      `(\\nabla${a}_{\\elljk} (\\nabla^3${b}^{\\elljk}_{suv,abc} (\\nabla${c}_{suv} (\\nabla${x}_{abc}`,
      `(\\nabla${a}_{\\elljk} (\\nabla^2${b}^{\\elljk}_{suv} (\\nabla^2${c}^{suv}_{abc} (\\nabla${x}_{abc}`,
    ]);
  });

  it('prints LaTeX that KaTeX reads', () => {
    for (const order of [2, 3, 4, 5])
      expect(() => renderToString(treeTerms(order).toLatex(), { strict: 'error' })).not.toThrow();
  });

  it.each([1, 9, 2.5, Number.NaN])('refuses order %s', (order) => {
    expect(() => treeTerms(order)).toThrow(NtkcError);
    expect(() => treeTerms(order)).toThrow(/order from 2 to 8/);
  });
});
