/** Derivations of what mixes positions by matrices of a sample's own: attention, masks. */
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../ir/arch/index.ts';
import { network } from '../../ops/vocabulary.ts';
import { deriveSteps } from '../derive.ts';
import { explain } from './index.ts';

const around = (fields: object): readonly LayerInput[] => [
  { op: 'dense' },
  { op: 'selfAttention', queryStd: 1.5, bStd: 0.2, ...fields },
  { op: 'globalAvgPool' },
  { op: 'dense' },
];
function blocksOf(layers: readonly LayerInput[], masked?: true): readonly string[] {
  const input = { shape: [4, 3], ...(masked && { masked }) };
  return explain(deriveSteps(network({ input, layers }), 'ntk'))
    .toText()
    .split('\n\n');
}
const stepOf = (layers: readonly LayerInput[], path: string, masked?: true) =>
  blocksOf(layers, masked).find((block) => block.startsWith(path)) ?? '';

describe('derivations of attention', () => {
  it('define the matrix of one sample, whatever the mechanism', () => {
    expect(stepOf(around({ mechanism: 'relu' }), 'layers[1]')).toContain("G¹(x)[p,p'] = max(1.5·Σ¹(x,x)[p,p'], 0)");
    expect(stepOf(around({}), 'layers[1]')).toMatchInlineSnapshot(`
      "layers[1]  selfAttention: softmax attention, linear scaling (layer 2)  [neural-tangents GlobalSelfAttention]
        Σ̃¹(x,x)[p,p'] = 1.5·Σ¹(x,x)[p,p']
        G¹(x)[p,p'] = exp(Σ̃¹(x,x)[p,p'])/∑ᵣ exp(Σ̃¹(x,x)[p,r])
        Σ²(x,x')[p,p'] = ∑_{r,r'} G¹(x)[p,r]·Σ¹(x,x')[r,r']·G¹(x')[p',r'] + 0.04
        Θ²(x,x')[p,p'] = 2·Σ²(x,x')[p,p'] + ∑_{r,r'} G¹(x)[p,r]·Θ¹(x,x')[r,r']·G¹(x')[p',r'] − 0.04"
    `);
  });

  it('write positional embeddings as what they are: no value of the network', () => {
    const added = stepOf(around({ posEmb: 'sum', posEmbStd: 0.5 }), 'layers[1]');
    expect(added).toContain('independent embeddings');
    expect(added).toContain("Σ̃²(x,x)[p,p'] = 1.5·Σ¹(x,x)[p,p'] + 3·δ[p,p']/8");
    expect(added).toContain("The delta is 1 where p = p', else 0.");
    const near = around({ mechanism: 'identity', scaling: 'sqrt', posEmb: 'sum', posEmbDecay: 2, posEmbNorm: 1 });
    const text = stepOf(near, 'layers[1]');
    expect(text).toContain("R = exp(-2 |p-p'|^1)");
    expect(text).toContain("R[p,p'] = ∑_{r,r'} A[p,r]·A[p',r']·δ[r,r']");
    // Ones on the diagonal are written into the formulas.
    expect(text).not.toContain('= 1 ');
    const other = { op: 'selfAttention', posEmb: 'sum', posEmbDecay: 1 };
    const twice = blocksOf([...near.slice(0, 2), other, ...near.slice(2)]).join('\n');
    expect(twice).toContain("R₁[p,p'] =");
    expect(twice).toContain("R₂[p,p'] =");
  });

  it('mix embeddings that are values of what attention reads', async () => {
    const layers = [{ op: 'selfAttention', posEmb: 'concat', posEmbValues: true }, { op: 'globalAvgPool' }];
    const explained = explain(deriveSteps(network({ input: { shape: [4, 3] }, layers }), 'wntk'));
    expect(explained.toText()).toContain(
      "mix(δ)(x,x')[p,p'] = ∑_{r,r'} G¹(x)[p,r]·δ[r,r']·G¹(x')[p',r']\n  Θ¹(x,x')[p,p'] = μ₁·(2·Σ¹(x,x')[p,p'] + mix(δ)(x,x')[p,p']/2)",
    );
    // Formulas that the page cannot typeset are an error.
    expect(await explained.toHtml()).toContain('<math');
  });

  it('name positions that are not there', () => {
    expect(stepOf(around({}), 'input  Gram', true)).toContain('m(x)[p] = 1 where x[p] is there, else 0');
    const attention = stepOf(around({}), 'layers[1]', true);
    expect(attention).toContain("Σ̃¹(x,x)[p,p'] = 1.5·Σ¹(x,x)[p,p'] if m(x)[p'] > 0 else −1e+30");
    expect(attention).toContain("Σ̃²(x,x')[p,p'] = m(x)[p]·m(x')[p']·Σ¹(x,x')[p,p']");
    const count = blocksOf(around({}), true)
      .join('\n')
      .match(/trace\(m\)\(x\) = ∑ₚ m\(x\)\[p\]/g);
    expect(count).toHaveLength(1);
  });

  it('number masks that strides make of that of the input, and of branches side by side', () => {
    const conv = { op: 'conv', kernel: [2], strides: [2] };
    const text = stepOf([conv, conv, { op: 'globalAvgPool' }], 'layers[1]', true);
    expect(text).toContain('conv(m¹)(x)[p] = ∑_{o∈{0,1}} m¹(x)[p+o]');
    expect(text).toContain('m²(x)[p] = 1[conv(m¹)(x)[p] > 0]');
    const concat = { op: 'concat', axis: 1, branches: [[], [{ op: 'dense' }]] };
    const joined = stepOf([{ op: 'dense' }, concat, { op: 'globalAvgPool' }], 'layers[1]  concat', true);
    expect(joined).toContain('conv(m)(x)[p] = m(x)[p-4]');
    expect(joined).toContain('m³(x)[p] = m¹(x)[p] + m²(x)[p]');
    expect(joined).toMatch(/Θ₊¹\(x,x'\)\[p,p'\] = .* \+ .*\[p-4,p'-4\]/);
  });
});
