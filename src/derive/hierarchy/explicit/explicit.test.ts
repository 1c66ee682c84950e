import { renderToString } from 'katex';
import { describe, expect, it } from 'vitest';
import { dense, network, relu, sin, sum } from '../../../ops/vocabulary.ts';
import { deep } from './explicit.fixture.ts';
import { countHierarchy, explicitHierarchy, type LayerArrays } from './index.ts';

describe('the number of terms', () => {
  it('is as measured, and at most the number of products counted before the start', () => {
    const table = [1, 2, 3, 4].map((layers) => explicitHierarchy(deep(layers), 4).termsByOrder);
    expect(table).toEqual([
      [1, 0, 0],
      [2, 5, 20],
      [3, 21, 261],
      [4, 51, 1200],
    ]);
    [1, 2, 3, 4].forEach((layers, k) => {
      countHierarchy(deep(layers), 4).forEach(({ products, factors }, r) => {
        expect(products).toBeGreaterThanOrEqual(table[k]![r]!);
        expect(products).toBeLessThan(1.5 * table[k]![r]! + 1);
        expect(factors).toBeGreaterThanOrEqual(products);
      });
    });
  });

  it('is limited, with the number in the message', () => {
    expect(() => explicitHierarchy(deep(4), 6)).toThrow(/K6 .* is too large: K6 alone has up to \d{7} terms/);
    expect(() => explicitHierarchy(deep(3), 4, { maxTerms: 100 })).toThrow(/K4 alone has up to 282 terms/);
  });

  it('is found for many branches without listing paths: (4⁶¹ − 1)/3 for 60 residual blocks', () => {
    const block = sum([[], [relu(), dense()]]);
    const net = network({
      name: 'tower',
      input: { shape: [2] },
      layers: [dense(), ...Array.from({ length: 60 }, () => block)],
    });
    expect(() => explicitHierarchy(net, 2)).toThrow(/K2 alone has up to 1.77\d*e\+36 terms/);
  });
});

describe('printing', () => {
  const residual = network({
    name: 'rési\ndual',
    input: { shape: [3] },
    layers: [dense({ wStd: 1.5, bStd: 0.3 }), sum([[], [sin(), dense({ bStd: 0.2 })]]), relu(), dense({ bStd: 0.1 })],
  });

  it.each([
    ['two layers', deep(2), 4],
    ['three layers', deep(3), 4],
    ['branches', residual, 3],
  ] as const)('LaTeX of %s is read by KaTeX', (_, net, order) => {
    const hierarchy = explicitHierarchy(net, order);
    const latex = hierarchy.toLatex();
    expect(() => renderToString(latex, { displayMode: true, throwOnError: true, strict: 'error' })).not.toThrow();
    expect(latex.match(/\\\\\n/g)).toHaveLength(hierarchy.groups().flatMap(({ lines }) => lines).length);
    expect(hierarchy.toLatex({ document: true })).toContain('\\begin{document}');
  });

  it('HTML has a section for each group and no script, and escapes names', async () => {
    const named = { ...deep(3), name: '<b>&"' };
    const html = await explicitHierarchy(named, 3).toHtml();
    expect(html.match(/<section id=/g)).toHaveLength(explicitHierarchy(named, 3).groups().length);
    expect(html).toContain('&lt;b&gt;&amp;&quot;');
    expect(html).not.toMatch(/<script|<b>/);
  });

  it('names layers, widths, gains and biases', () => {
    expect(explicitHierarchy(residual, 2).toText()).toMatchInlineSnapshot(`
      "K2 of "rési\\ndual": 6 terms

        samples α, β; ⊙ is the entrywise product, a² = a ⊙ a; repeated indices under Σ are summed
        σ₁(α) = sin(x) at the outputs of layer 1 for x_α; σ₁′, σ₁″, … its derivatives there
        σ₂(α) = max(x, 0) at the sum of branches for x_α; σ₂′, σ₂″, … its derivatives there
        a: weights of the last layer; Wˡ: weights of layer l
        d: number of features; m₁: number of outputs of layer 1
        w₁ = 1.5: wStd of layer 1
        ~ adds the bias of layer 1: the inner product of its inputs x̃ is that of x, plus 0.09·d/w₁²
        ~ adds the bias of layer 2: the inner product of its inputs σ̃ is that of σ, plus 0.04·m₁
        ~ adds the bias of layer 3: the inner product of its inputs σ̃ is that of σ, plus 0.01·m₁
        derivatives of max(x, 0) from order 2 on are zero almost everywhere; their terms are left out

      K2(x_α, x_β) =

        [a² (W²)² σ₂′² σ₁′²]
        + w₁²/(d m₁²) · ⟨x̃_α, x̃_β⟩ · Σ_ijk a_i a_j W²_ik W²_jk σ₂′(α)_i σ₂′(β)_j σ₁′(α)_k σ₁′(β)_k

        [a² W² σ₂′² σ₁′]
        + w₁²/(d m₁√m₁) · ⟨x̃_α, x̃_β⟩ · Σ_ij a_i a_j W²_ij σ₂′(α)_i σ₂′(β)_j σ₁′(α)_j
        + w₁²/(d m₁√m₁) · ⟨x̃_α, x̃_β⟩ · Σ_ij a_i a_j W²_ij σ₂′(α)_j σ₂′(β)_i σ₁′(β)_j

        [a² σ₂′² σ₁²]
        + 1/m₁² · ⟨a², σ₂′(α) ⊙ σ₂′(β)⟩ · ⟨σ̃₁(α), σ̃₁(β)⟩

        [a² σ₂′²]
        + w₁²/(d m₁) · ⟨x̃_α, x̃_β⟩ · ⟨a², σ₂′(α) ⊙ σ₂′(β)⟩

        [σ₂²]
        + 1/m₁ · ⟨σ̃₂(α), σ̃₂(β)⟩
      "
    `);
  });

  it('JSON holds every term', () => {
    const hierarchy = explicitHierarchy(residual, 3);
    const json = JSON.parse(JSON.stringify(hierarchy.toJson()));
    expect(json.terms).toHaveLength(hierarchy.terms.length);
    expect(json.terms[0].contractions[0][0]).toHaveProperty('tensor');
    expect(json.layers.map(({ bias }: { bias: number }) => bias)).toEqual([0.3, 0.2, 0.1]);
  });
});

describe('bad input', () => {
  const hierarchy = explicitHierarchy(deep(2), 3);
  const layer = (weights: number, biases: number): LayerArrays => ({
    W: new Float64Array(weights),
    b: new Float64Array(biases),
  });
  const good = [layer(6, 2), layer(2, 1)];
  const x = [[1, 2, 3]];

  it.each([1, 9, 2.5, Number.NaN])('order %d', (order) => {
    expect(() => explicitHierarchy(deep(2), order)).toThrow(/order .* Expected a whole number from 2 to 8/);
  });

  it('tuples, parameters, inputs and outputs that do not fit', () => {
    expect(hierarchy.evaluate(good, x, [0, 0, 0])).toBe(0);
    expect(() => hierarchy.evaluate(good, x, [0, 0])).toThrow(/tuple of 2 indices. Expected 3/);
    expect(() => hierarchy.evaluate(good, x, [0, 1, 0])).toThrow(/index 1 into 1 samples. At tuple\[1\]/);
    expect(() => hierarchy.evaluate(good, [[1, 2]], [0, 0, 0])).toThrow(/At x\[0\]. Expected 3 features/);
    expect(() => hierarchy.evaluate(good, [[1, 2, Number.NaN]], [0, 0, 0])).toThrow(/not a finite number/);
    expect(() => hierarchy.evaluate(good.slice(1), x, [0, 0, 0])).toThrow(/parameters of 1 layers/);
    expect(() => hierarchy.evaluate([good[0]!, layer(3, 1)], x, [0, 0, 0])).toThrow(
      /parameters\[1\].W. Expected 1 rows of 2/,
    );
    expect(() => hierarchy.evaluate([layer(6, 1), good[1]!], x, [0, 0, 0])).toThrow(/1 biases. At parameters\[0\].b/);
    expect(() => hierarchy.evaluate(good, x, [0, 0, 0], 1)).toThrow(/output 1/);
  });

  it('networks without an explicit form', () => {
    const image = network({ name: 'image', input: { shape: [4, 4, 1] }, layers: [dense()] });
    expect(() => explicitHierarchy(image, 3)).toThrow(/spatial axes.*ntkc hierarchy --tuples/);
    const still = network({
      name: 'still',
      input: { shape: [2] },
      layers: [dense({ wStd: 0, bStd: 1 }), relu(), dense()],
    });
    expect(() => explicitHierarchy(still, 3)).toThrow(/layer 1 has wStd 0/);
  });
});
