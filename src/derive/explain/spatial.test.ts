/** Derivations of networks with positions. */
import { renderToString } from 'katex';
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../ir/arch/index.ts';
import type { KernelName } from '../../ir/program/index.ts';
import { network, vocabulary } from '../../ops/vocabulary.ts';
import { deriveSteps } from '../derive.ts';
import { explain } from './index.ts';
import { latexBlocks } from './latex.ts';

const conv = (fields: Partial<LayerInput> = {}): LayerInput => ({
  op: 'conv',
  kernel: [3, 3],
  wStd: Math.SQRT2,
  bStd: 0.1,
  ...fields,
});
const op = (name: string, fields: object = {}): LayerInput => ({ ...fields, op: name });
const derived = (layers: readonly LayerInput[], kernel: KernelName = 'ntk', shape = [6, 5, 3]) =>
  deriveSteps(network({ name: 'cnn', input: { shape }, layers }), kernel);
/** Lines of a step's text, by the path it begins with. */
function stepOf(layers: readonly LayerInput[], path: string, kernel: KernelName = 'ntk', shape = [6, 5, 3]) {
  const text = explain(derived(layers, kernel, shape)).toText();
  const step = text.split('\n\n').find((block) => block.startsWith(path)) ?? '';
  return step
    .split('\n')
    .slice(1)
    .map((l) => l.trim());
}
const flattened = [conv(), op('relu'), conv(), op('flatten'), op('dense')];
const pooled = [
  conv(),
  op('relu'),
  op('avgPool', { window: [2, 2] }),
  conv(),
  op('relu'),
  op('globalAvgPool'),
  op('dense'),
];

describe('derivations with positions', () => {
  it('read as the recursion of a convolutional network that ends in flatten: positions p alone', () => {
    expect(explain(derived(flattened)).toText()).toMatchInlineSnapshot(`
      "NTK of "cnn"

      input  6 × 5 × 3
      layers[0]  conv  kernel [3,3], wStd √2, bStd 0.1
      layers[1]  relu
      layers[2]  conv  kernel [3,3], wStd √2, bStd 0.1
      layers[3]  flatten
      layers[4]  dense

      input  Gram matrix of the inputs  [wntk-tan2021 (11)]
        Σ⁰(x,x')[p,p] = ⟨x[p], x'[p]⟩/3
        Σ⁰(x,x)[p,p] = ⟨x[p], x[p]⟩/3   (diagonal)
        p and p' are positions, 6 × 5 of them in the input.

      layers[0]  conv: convolution, ntk parameterization (layer 1)  [ntk-survey-golikov2022 (62)]
        Σ¹(x,x')[p,p] = 2·(1/9)·∑_{o∈{−1,0,1}²} Σ⁰(x,x')[p+o,p+o] + 0.01
        Θ¹(x,x')[p,p] = Σ¹(x,x')[p,p]
        Σ¹(x,x)[p,p] = 2·(1/9)·∑_{o∈{−1,0,1}²} Σ⁰(x,x)[p+o,p+o] + 0.01   (diagonal)
        Θ¹(x,x)[p,p] = Σ¹(x,x)[p,p]   (diagonal)
        Values at positions outside are 0.

      layers[1]  relu, dual activation  [ntk-survey-golikov2022 (85), (86)]
        φ(x) = max(x, 0)
        Λ¹ = [[Σ¹(x,x)[p,p], Σ¹(x,x')[p,p]], [Σ¹(x,x')[p,p], Σ¹(x',x')[p,p]]]
        Σ̂¹(x,x')[p,p] = E[φ(u)·φ(v)], (u,v) ~ N(0, Λ¹)
        Σ̇¹(x,x')[p,p] = E[φ'(u)·φ'(v)] = ∂Σ̂¹/∂Σ¹ (Price's theorem)
        s₁ = √(Σ¹(x,x)[p,p]·Σ¹(x',x')[p,p] − Σ¹(x,x')[p,p]²)
        ϑ₁ = atan2(s₁, Σ¹(x,x')[p,p]) = arccos(Σ¹(x,x')[p,p]/√(Σ¹(x,x)[p,p]·Σ¹(x',x')[p,p]))
        Σ̂¹(x,x')[p,p] = (s₁ + Σ¹(x,x')[p,p]·(π − ϑ₁))/(2π)
        Σ̇¹(x,x')[p,p] = 1/2 − ϑ₁/(2π)
        Θ̂¹(x,x')[p,p] = Θ¹(x,x')[p,p]·Σ̇¹(x,x')[p,p]
        Σ̂¹(x,x)[p,p] = Σ¹(x,x)[p,p]/2   (diagonal)
        Σ̇¹(x,x)[p,p] = 1/2   (diagonal)
        Θ̂¹(x,x)[p,p] = Θ¹(x,x)[p,p]·Σ̇¹(x,x)[p,p]   (diagonal)

      layers[2]  conv: convolution, ntk parameterization (layer 2)  [ntk-survey-golikov2022 (62)]
        Σ²(x,x')[p,p] = 2·(1/9)·∑_{o∈{−1,0,1}²} Σ̂¹(x,x')[p+o,p+o] + 0.01
        Θ²(x,x')[p,p] = Σ²(x,x')[p,p] + 2·(1/9)·∑_{o∈{−1,0,1}²} Θ̂¹(x,x')[p+o,p+o]
        Σ²(x,x)[p,p] = 2·(1/9)·∑_{o∈{−1,0,1}²} Σ̂¹(x,x)[p+o,p+o] + 0.01   (diagonal)
        Θ²(x,x)[p,p] = Σ²(x,x)[p,p] + 2·(1/9)·∑_{o∈{−1,0,1}²} Θ̂¹(x,x)[p+o,p+o]   (diagonal)
        Values at positions outside are 0.

      layers[3]  flatten: mean over equal positions  [neural-tangents Flatten]
        What it makes stands in the formulas of layers[4].

      layers[4]  dense, ntk parameterization (layer 3)  [wntk-tan2021 (11)]
        Σ³(x,x') = (1/30)·∑ₚ Σ²(x,x')[p,p]
        Θ³(x,x') = Σ³(x,x') + (1/30)·∑ₚ Θ²(x,x')[p,p]
        Σ³(x,x) = (1/30)·∑ₚ Σ²(x,x)[p,p]   (diagonal)
        Θ³(x,x) = Σ³(x,x) + (1/30)·∑ₚ Θ²(x,x)[p,p]   (diagonal)

      Result
        NTK(x,x') = Θ³(x,x')
      "
    `);
  });

  it('have a step for every layer, also where its sum stands in the formulas of the next', () => {
    const residual = op('sum', { branches: [[conv(), op('relu'), conv()], [conv({ kernel: [1, 1] })]] });
    const index = op('index', { at: [2, [1, 5]] });
    const net = [
      conv(),
      residual,
      op('relu'),
      op('avgPool', { window: [2, 2] }),
      conv(),
      op('relu'),
      op('globalAvgPool'),
      op('dense'),
    ];
    const pathsOf = (layers: readonly LayerInput[]) =>
      explain(derived(layers))
        .toJson()
        .steps.map((s) => s.path);
    for (const layers of [net, flattened, [...flattened.slice(0, 2), index, op('flatten')]])
      expect(pathsOf(layers).filter((path) => /^layers\[\d+\]$/.test(path))).toEqual(
        layers.map((_, i) => `layers[${i}]`),
      );
    expect(stepOf(net, 'layers[6]')).toEqual(['What it makes stands in the formulas of layers[7].']);
    expect(stepOf([conv(), op('relu'), conv(), op('globalAvgPool')], 'layers[3]')).toEqual([
      'What it makes stands in the formulas of the result.',
    ]);
    expect(pathsOf([conv(), op('identity'), op('flatten')])).not.toContain('layers[1]');
  });

  it('say where sums are made that two branches share', () => {
    const branch = (last: string) => [op('globalAvgPool'), op(last)];
    const layers = [conv(), op('relu'), op('sum', { branches: [branch('dense'), branch('dense')] })];
    expect(stepOf(layers, 'layers[2].branches[0][0]')).toEqual([
      'What it makes stands in the formulas of layers[2].branches[0][1] and layers[2].branches[1][1].',
    ]);
    expect(stepOf(layers, 'layers[2].branches[1][0]')).toEqual(['Its sums are those of layers[2].branches[0][0].']);
  });

  it('say of layers that repeat where what each makes stands', () => {
    const block = [op('relu'), op('avgPool', { window: [3, 3], strides: [1, 1], padding: 'same' }), op('dense')];
    const net = network({
      input: { shape: [4, 4, 2] },
      layers: [conv(), ...block, ...block, ...block, ...block, op('flatten')],
    });
    const { loops = [] } = explain(deriveSteps(net, 'nngp')).toJson();
    expect(loops[0]?.steps[1]?.notes).toEqual([
      'What it makes stands in the formulas of layers[3], layers[6], …, layers[9].',
      'Values at positions outside are 0.',
    ]);
  });

  it('write both positions before pooling, and what pooling sums', () => {
    expect(stepOf(pooled, 'layers[0]')).toMatchInlineSnapshot(`
      [
        "Σ¹(x,x')[p,p'] = 2·(1/9)·∑_{o∈{−1,0,1}²} Σ⁰(x,x')[p+o,p'+o] + 0.01",
        "Θ¹(x,x')[p,p'] = Σ¹(x,x')[p,p']",
        "Σ¹(x,x)[p,p] = 2·(1/9)·∑_{o∈{−1,0,1}²} Σ⁰(x,x)[p+o,p+o] + 0.01   (diagonal)",
        "Values at positions outside are 0.",
      ]
    `);
    expect(stepOf(pooled, 'layers[2]')).toMatchInlineSnapshot(`
      [
        "pool(Σ̂¹)(x,x')[p,p'] = (1/16)·∑_{o,o'∈{0,1}²} Σ̂¹(x,x')[2p+o,2p'+o']",
        "pool(Θ̂¹)(x,x')[p,p'] = (1/16)·∑_{o,o'∈{0,1}²} Θ̂¹(x,x')[2p+o,2p'+o']",
        "pool(Σ̂¹)(x,x)[p,p] = (1/16)·∑_{o,o'∈{0,1}²} Σ̂¹(x,x)[2p+o,2p+o']   (diagonal)",
      ]
    `);
    expect(stepOf(pooled, 'layers[3]')).toMatchInlineSnapshot(`
      [
        "Σ²(x,x')[p,p'] = 2·(1/9)·∑_{o∈{−1,0,1}²} pool(Σ̂¹)(x,x')[p+o,p'+o] + 0.01",
        "Θ²(x,x')[p,p'] = Σ²(x,x')[p,p'] + 2·(1/9)·∑_{o∈{−1,0,1}²} pool(Θ̂¹)(x,x')[p+o,p'+o]",
        "Σ²(x,x)[p,p] = 2·(1/9)·∑_{o∈{−1,0,1}²} pool(Σ̂¹)(x,x)[p+o,p+o] + 0.01   (diagonal)",
        "Values at positions outside are 0.",
      ]
    `);
    expect(stepOf(pooled, 'layers[6]')).toMatchInlineSnapshot(`
      [
        "Σ³(x,x') = (1/36)·∑_{p,p'} Σ̂²(x,x')[p,p']",
        "Θ³(x,x') = Σ³(x,x') + (1/36)·∑_{p,p'} Θ̂²(x,x')[p,p']",
        "Σ³(x,x) = (1/36)·∑_{p,p'} Σ̂²(x,x)[p,p']   (diagonal)",
        "Θ³(x,x) = Σ³(x,x) + (1/36)·∑_{p,p'} Θ̂²(x,x)[p,p']   (diagonal)",
      ]
    `);
  });

  it('write strides, sizes and paddings into the positions that are read', () => {
    const first = (fields: Partial<LayerInput>, shape = [6, 5, 3]) =>
      stepOf([conv({ wStd: 1, bStd: 0, ...fields }), op('flatten'), op('dense')], 'layers[0]', 'nngp', shape);
    const axis = (fields: Partial<LayerInput>) => first(fields, [9, 3])[0];
    const sum = (set: string, at: string) => `Σ¹(x,x')[p,p] = (1/3)·∑_{o∈${set}} Σ⁰(x,x')[${at},${at}]`;
    expect(axis({ kernel: [3] })).toBe(sum('{−1,0,1}', 'p+o'));
    expect(axis({ kernel: [3], padding: 'valid' })).toBe(sum('{0,1,2}', 'p+o'));
    expect(axis({ kernel: [3], padding: 'valid', strides: [2] })).toBe(sum('{0,1,2}', '2p+o'));
    expect(axis({ kernel: [3], strides: [3] })).toBe(sum('{0,1,2}', '3p+o'));
    expect(axis({ kernel: [5] })).toBe("Σ¹(x,x')[p,p] = (1/5)·∑_{o∈{−2,…,2}} Σ⁰(x,x')[p+o,p+o]");
    expect(axis({ kernel: [1] })).toBe("Σ¹(x,x')[p,p] = Σ⁰(x,x')[p,p]");
    expect(first({ kernel: [2, 3] })[0]).toContain('∑_{o∈{0,1}×{−1,0,1}}');
    expect(first({ strides: [2, 1], padding: 'valid' })[0]).toContain('[(2,1)p+o,(2,1)p+o]');
    expect(first({}).at(-1)).toBe('Values at positions outside are 0.');
    expect(first({ padding: 'valid' }).at(-1)).not.toContain('outside');
    expect(first({ padding: 'circular' }).at(-1)).toBe('Positions are taken modulo 6 × 5.');
    const transposed = first({ op: 'convTranspose', strides: [2, 3] });
    expect(transposed[0]).toContain("Σ⁰(x,x')[(p+o)/(2,3),(p+o)/(2,3)]");
    expect(transposed.at(-1)).toBe('Values at positions that are not whole, or outside, are 0.');
    const circular = first({ op: 'convTranspose', strides: [2, 2], padding: 'circular' });
    expect(circular[0]).toContain("∑ₒ Σ⁰(x,x')[r_o(p),r_o(p)]");
    expect(circular.at(-1)).toMatch(/^r_o\(p\) is the position that output p reads/);
  });

  it('name the positions of series, and number degrees by another letter', () => {
    const layers = [conv(), op('elementwise', { expr: 'tanh(x)' }), op('globalAvgPool'), op('dense')];
    expect(stepOf(layers, 'layers[1]')).toMatchInlineSnapshot(`
      [
        "φ(x) = tanh(x)",
        "Λ¹ = [[Σ¹(x,x)[p,p], Σ¹(x,x')[p,p']], [Σ¹(x,x')[p,p'], Σ¹(x',x')[p',p']]]",
        "Σ̂¹(x,x')[p,p'] = E[φ(u)·φ(v)], (u,v) ~ N(0, Λ¹)",
        "Σ̇¹(x,x')[p,p'] = E[φ'(u)·φ'(v)] = ∂Σ̂¹/∂Σ¹ (Price's theorem)",
        "aₖ¹(x)[p] = E[φ(√(Σ¹(x,x)[p,p])·z)·h_k(z)], z ~ N(0, 1), and bₖ¹(x)[p] the same of φ'",
        "Σ̂¹(x,x')[p,p'] = Σₖ aₖ¹(x)[p]·aₖ¹(x')[p']·ρᵏ, ρ = Σ¹(x,x')[p,p']/√(Σ¹(x,x)[p,p]·Σ¹(x',x')[p',p'])",
        "Σ̇¹(x,x')[p,p'] = Σₖ bₖ¹(x)[p]·bₖ¹(x')[p']·ρᵏ, ρ = Σ¹(x,x')[p,p']/√(Σ¹(x,x)[p,p]·Σ¹(x',x')[p',p'])",
        "Θ̂¹(x,x')[p,p'] = Θ¹(x,x')[p,p']·Σ̇¹(x,x')[p,p']",
        "Σ̂¹(x,x)[p,p] = E[φ(√(Σ¹(x,x)[p,p])·z)²], z ~ N(0, 1)   (diagonal)",
        "Σ̇¹(x,x)[p,p] = E[φ'(√(Σ¹(x,x)[p,p])·z)²], z ~ N(0, 1)   (diagonal)",
      ]
    `);
  });

  it('define both coefficients of a series on two lines of TeX, which one of a page would not hold', () => {
    const layers = [conv(), op('elementwise', { expr: 'tanh(x)' }), op('globalAvgPool'), op('dense')];
    const lines = explain(derived(layers)).toLatex().split('\n');
    const at = lines.findIndex((line) => line.startsWith('  a_k^{(1)}(x)[p] &= '));
    expect(lines[at]).toMatch(/h_k\(z\)\\right\], \\\\$/);
    expect(lines[at + 1]).toMatch(/^ {2}&\\quad \{\}\\quad b_k\^\{\(1\)\}\(x\)\[p\] = /);
  });

  it('is TeX that KaTeX reads, writes no identifier and keeps to 100 columns, for the examples of all ops', async () => {
    let cases = 0;
    for (const [name, { examples, exampleInput = [4, 4, 2] }] of vocabulary)
      for (const fields of examples) {
        const layer = op(name, fields);
        const ends = [op('flatten'), op('globalAvgPool')].filter((end) => name !== end.op);
        for (const layers of ends.map((end) => [
          conv({ kernel: exampleInput.slice(1).map(() => 2) }),
          layer,
          end,
          op('dense'),
        ])) {
          const d = attempt(() => derived(layers, 'ntk', [...exampleInput]));
          if (d === undefined) continue;
          cases++;
          for (const { tex, note } of latexBlocks(d)) {
            if (tex !== '')
              renderToString(tex, { output: 'mathml', displayMode: true, throwOnError: true, strict: 'error' });
            expect(note).not.toContain('undefined');
          }
          const text = explain(d).toText();
          expect(text).not.toMatch(/sigma[A-Z\d]|theta|dotQ|qHat|qBar|hermite\d|mu\d|NaN|undefined|Infinity/);
          for (const formula of text.split('\n').filter((l) => l.startsWith('  ')))
            expect([...formula].length, formula).toBeLessThanOrEqual(100);
        }
      }
    expect(cases).toBeGreaterThan(30);
  });

  it('begins with the recursion of convolutions, where every layer follows it', () => {
    const begin = (layers: readonly LayerInput[], kernel: KernelName = 'ntk') =>
      latexBlocks(derived(layers, kernel)).find(({ title }) => title === 'Recursion.');
    const ntk = begin(flattened);
    expect(ntk?.note).toContain('[ntk-survey-golikov2022 (62)]');
    expect(ntk?.tex).toContain("\\mathcal{A} K(x,x')[p,p'] &= \\tfrac{1}{|F|} \\sum_{o \\in F} K(x,x')[p+o,p'+o]");
    expect(ntk?.tex).toContain('\\mathcal{A} \\left(\\Theta^{(l-1)} \\, \\dot\\Sigma^{(l-1)}\\right) + \\Sigma^{(l)}');
    expect(begin(flattened, 'wntk')?.tex).toContain('\\mu_l \\, \\Sigma^{(l)}');
    expect(begin(flattened, 'nngp')?.tex).not.toContain('Theta');
    expect(begin([op('convLocal', { kernel: [3, 3] }), op('flatten'), op('dense')])).toBeUndefined();
  });

  it('is in every format', async () => {
    const e = explain(derived(pooled, 'wntk'));
    const json = e.toJson();
    expect(json.steps[0]?.notes).toHaveLength(2);
    expect(json.steps.find((s) => s.op === 'relu')?.notes).toBeUndefined();
    expect(await e.toHtml()).toContain('Values at positions outside are 0.');
    expect(e.toLatex()).toContain(
      "\\Sigma^{(1)}(x,x')[p,p'] &= 2 \\cdot \\tfrac{1}{9} \\sum_{o \\in \\{-1,0,1\\}^2} \\Sigma^{(0)}(x,x')[p+o,p'+o] + 0.01",
    );
  });
});

/** undefined where the layer cannot stand there: a network that is refused is no case of this test. */
function attempt<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}
