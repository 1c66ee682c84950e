import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { renderToString } from 'katex';
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../ir/arch/index.ts';
import { type KernelName, parseProgram, printProgram } from '../../ir/program/index.ts';
import { dense, elementwise, network, relu, sum, vocabulary } from '../../ops/vocabulary.ts';
import { deriveSteps } from '../derive.ts';
import { explain } from './index.ts';
import { latexBlocks } from './latex.ts';

const kernels: readonly KernelName[] = ['nngp', 'ntk', 'wntk', 'layerwise'];
const he = dense({ wStd: Math.SQRT2, bStd: 0.1 });
const derived = (layers: readonly LayerInput[], kernel: KernelName, name = 'relu-mlp') =>
  deriveSteps(network({ name, input: { shape: [10] }, layers }), kernel);

const parsesTex = (tex: string) =>
  renderToString(tex, { output: 'mathml', displayMode: true, throwOnError: true, strict: 'error' });

/** Every layer of every op's examples that can stand between two dense layers. */
const vectorOps = [...vocabulary.values()].filter((op) => op.exampleInput === undefined);
const middles: readonly LayerInput[] = vectorOps.flatMap((op) =>
  op.examples.map((fields) => ({ ...fields, op: op.name }) as LayerInput),
);
const anyNetwork = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(...middles)
        .filter((l) => l.op !== 'sum' && l.op !== 'repeat' && l.parameterization !== 'standard'),
      fc
        .constantFrom('x^2*tanh(x)', 'x > 0 ? x : exp(x) - 1', 'abs(x)^1.5', 'log1p(exp(x))', 'asin(sin(x))/7')
        .map(elementwise),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .chain((ops) => fc.boolean().map((join) => ops.map((op) => (join ? sum([[], [op, he]]) : op))))
  .map((ops) => [dense(), ...ops.flatMap((op) => [op, dense({ wStd: 1.3, bStd: 0.2 })])]);

describe('toText', () => {
  it('reads as the recursion of a ReLU network', () => {
    expect(explain(derived([he, relu(), dense()], 'ntk')).toText()).toMatchInlineSnapshot(`
      "NTK of "relu-mlp"

      input  10 features
      layers[0]  dense  wStd √2, bStd 0.1
      layers[1]  relu
      layers[2]  dense

      input  Gram matrix of the inputs  [wntk-tan2021 (11)]
        Σ⁰(x,x') = ⟨x, x'⟩/10
        Σ⁰(x,x) = ⟨x, x⟩/10   (diagonal)

      layers[0]  dense, ntk parameterization (layer 1)  [wntk-tan2021 (11)]
        Σ¹(x,x') = 2·Σ⁰(x,x') + 0.01
        Θ¹(x,x') = Σ¹(x,x')
        Σ¹(x,x) = 2·Σ⁰(x,x) + 0.01   (diagonal)
        Θ¹(x,x) = Σ¹(x,x)   (diagonal)

      layers[1]  relu, dual activation  [ntk-survey-golikov2022 (85), (86)]
        φ(x) = max(x, 0)
        Λ¹ = [[Σ¹(x,x), Σ¹(x,x')], [Σ¹(x,x'), Σ¹(x',x')]]
        Σ̂¹(x,x') = E[φ(u)·φ(v)], (u,v) ~ N(0, Λ¹)
        Σ̇¹(x,x') = E[φ'(u)·φ'(v)] = ∂Σ̂¹/∂Σ¹ (Price's theorem)
        s₁ = √(Σ¹(x,x)·Σ¹(x',x') − Σ¹(x,x')²)
        ϑ₁ = atan2(s₁, Σ¹(x,x')) = arccos(Σ¹(x,x')/√(Σ¹(x,x)·Σ¹(x',x')))
        Σ̂¹(x,x') = (s₁ + Σ¹(x,x')·(π − ϑ₁))/(2π)
        Σ̇¹(x,x') = 1/2 − ϑ₁/(2π)
        Σ̂¹(x,x) = Σ¹(x,x)/2   (diagonal)
        Σ̇¹(x,x) = 1/2   (diagonal)

      layers[2]  dense, ntk parameterization (layer 2)  [wntk-tan2021 (11)]
        Σ²(x,x') = Σ̂¹(x,x')
        Θ²(x,x') = Σ²(x,x') + Θ¹(x,x')·Σ̇¹(x,x')
        Σ²(x,x) = Σ̂¹(x,x)   (diagonal)
        Θ²(x,x) = Σ²(x,x) + Θ¹(x,x)·Σ̇¹(x,x)   (diagonal)

      Result
        NTK(x,x') = Θ²(x,x')
      "
    `);
  });

  it('names the layer weights of the weighted kernel', () => {
    expect(explain(derived([dense(), relu(), dense({ ntkWeight: 0.5 })], 'wntk')).toText()).toMatchInlineSnapshot(`
      "weighted NTK of "relu-mlp"

      input  10 features
      layers[0]  dense
      layers[1]  relu
      layers[2]  dense  ntkWeight 0.5

      Layer weights (defaults): μ₁ = 1, μ₂ = 0.5

      input  Gram matrix of the inputs  [wntk-tan2021 (11)]
        Σ⁰(x,x') = ⟨x, x'⟩/10
        Σ⁰(x,x) = ⟨x, x⟩/10   (diagonal)

      layers[0]  dense, ntk parameterization (layer 1)  [wntk-tan2021 (11)]
        Σ¹(x,x') = Σ⁰(x,x')
        Θ¹(x,x') = μ₁·Σ¹(x,x')
        Σ¹(x,x) = Σ⁰(x,x)   (diagonal)
        Θ¹(x,x) = μ₁·Σ¹(x,x)   (diagonal)

      layers[1]  relu, dual activation  [ntk-survey-golikov2022 (85), (86)]
        φ(x) = max(x, 0)
        Λ¹ = [[Σ¹(x,x), Σ¹(x,x')], [Σ¹(x,x'), Σ¹(x',x')]]
        Σ̂¹(x,x') = E[φ(u)·φ(v)], (u,v) ~ N(0, Λ¹)
        Σ̇¹(x,x') = E[φ'(u)·φ'(v)] = ∂Σ̂¹/∂Σ¹ (Price's theorem)
        s₁ = √(Σ¹(x,x)·Σ¹(x',x') − Σ¹(x,x')²)
        ϑ₁ = atan2(s₁, Σ¹(x,x')) = arccos(Σ¹(x,x')/√(Σ¹(x,x)·Σ¹(x',x')))
        Σ̂¹(x,x') = (s₁ + Σ¹(x,x')·(π − ϑ₁))/(2π)
        Σ̇¹(x,x') = 1/2 − ϑ₁/(2π)
        Σ̂¹(x,x) = Σ¹(x,x)/2   (diagonal)
        Σ̇¹(x,x) = 1/2   (diagonal)

      layers[2]  dense, ntk parameterization (layer 2)  [wntk-tan2021 (11)]
        Σ²(x,x') = Σ̂¹(x,x')
        Θ²(x,x') = Θ¹(x,x')·Σ̇¹(x,x') + μ₂·Σ²(x,x')
        Σ²(x,x) = Σ̂¹(x,x)   (diagonal)
        Θ²(x,x) = Θ¹(x,x)·Σ̇¹(x,x) + μ₂·Σ²(x,x)   (diagonal)

      Result
        WNTK(x,x') = Σ_l μ_l·Θ_l(x,x') = Θ²(x,x')
      "
    `);
  });

  it('keeps to 100 columns', () => {
    const text = explain(derived([dense(), { op: 'gelu' }, dense()], 'ntk')).toText();
    expect(Math.max(...text.split('\n').map((l) => [...l].length))).toBeLessThanOrEqual(100);
  });
});

describe('toLatex', () => {
  it('reads as the paper does', () => {
    expect(explain(derived([dense(), relu(), dense({ ntkWeight: 0.5 })], 'wntk')).toLatex()).toMatchInlineSnapshot(`
      "% ntkc: weighted NTK of "relu-mlp"
      % input: 10 features
      % layers[0]  dense
      % layers[1]  relu
      % layers[2]  dense  ntkWeight 0.5

      \\paragraph{Recursion.} For dense layers and activations in turn; $\\dot\\Sigma$ is numbered by its activation, so $\\dot\\Sigma^{(l-1)}$ here is $\\dot\\Sigma^{(l)}$ in the source. [wntk-tan2021 (11)]
      \\begin{align*}
        \\Sigma^{(0)}(x,x') &= \\tfrac{1}{d_0} x^{\\top} x', \\qquad \\Sigma^{(1)} = \\sigma_w^2 \\, \\Sigma^{(0)} + \\sigma_b^2 \\\\
        \\hat\\Sigma^{(l)}(x,x') &= \\mathbb{E}_{f \\sim \\mathcal{N}(0,\\Sigma^{(l)})}\\left[\\varphi(f(x))\\,\\varphi(f(x'))\\right] \\\\
        \\Sigma^{(l)}(x,x') &= \\sigma_w^2 \\, \\hat\\Sigma^{(l-1)}(x,x') + \\sigma_b^2 \\\\
        \\dot\\Sigma^{(l)}(x,x') &= \\mathbb{E}_{f \\sim \\mathcal{N}(0,\\Sigma^{(l)})}\\left[\\varphi'(f(x))\\,\\varphi'(f(x'))\\right] \\\\
        \\Theta^{(1)}(x,x') &= \\mu_1 \\, \\Sigma^{(1)}(x,x') \\\\
        \\Theta^{(l)}(x,x') &= \\sigma_w^2 \\, \\Theta^{(l-1)}(x,x') \\, \\dot\\Sigma^{(l-1)}(x,x') + \\mu_l \\, \\Sigma^{(l)}(x,x')
      \\end{align*}

      \\paragraph{Layer weights} (defaults): $\\mu_{1} = 1,\\; \\mu_{2} = 0.5$.

      \\paragraph{input: Gram matrix of the inputs.} [wntk-tan2021 (11)]
      \\begin{align*}
        \\Sigma^{(0)}(x,x') &= \\tfrac{1}{10} x^{\\top} x' \\\\
        \\Sigma^{(0)}(x,x) &= \\tfrac{1}{10} x^{\\top} x && \\text{(diagonal)}
      \\end{align*}

      \\paragraph{layers[0]: dense, ntk parameterization (layer 1).} [wntk-tan2021 (11)]
      \\begin{align*}
        \\Sigma^{(1)}(x,x') &= \\Sigma^{(0)}(x,x') \\\\
        \\Theta^{(1)}(x,x') &= \\mu_{1} \\, \\Sigma^{(1)}(x,x') \\\\
        \\Sigma^{(1)}(x,x) &= \\Sigma^{(0)}(x,x) && \\text{(diagonal)} \\\\
        \\Theta^{(1)}(x,x) &= \\mu_{1} \\, \\Sigma^{(1)}(x,x) && \\text{(diagonal)}
      \\end{align*}

      \\paragraph{layers[1]: relu, dual activation.} [ntk-survey-golikov2022 (85), (86)]
      \\begin{align*}
        \\varphi(x) &= \\max(0, x) \\\\
        \\hat\\Sigma^{(1)}(x,x') &= \\mathbb{E}_{f \\sim \\mathcal{N}(0,\\Sigma^{(1)})}\\left[\\varphi(f(x))\\,\\varphi(f(x'))\\right] \\\\
        \\dot\\Sigma^{(1)}(x,x') &= \\mathbb{E}_{f \\sim \\mathcal{N}(0,\\Sigma^{(1)})}\\left[\\varphi'(f(x))\\,\\varphi'(f(x'))\\right] = \\frac{\\partial \\hat\\Sigma^{(1)}}{\\partial \\Sigma^{(1)}}(x,x') \\\\
        s_{1} &= \\sqrt{\\Sigma^{(1)}(x,x) \\, \\Sigma^{(1)}(x',x') - \\Sigma^{(1)}(x,x')^{2}} \\\\
        \\vartheta_{1} &= \\operatorname{atan2}\\left(s_{1}, \\Sigma^{(1)}(x,x')\\right) = \\arccos \\frac{\\Sigma^{(1)}(x,x')}{\\sqrt{\\Sigma^{(1)}(x,x) \\, \\Sigma^{(1)}(x',x')}} \\\\
        \\hat\\Sigma^{(1)}(x,x') &= \\frac{s_{1} + \\Sigma^{(1)}(x,x') \\, \\left(\\pi - \\vartheta_{1}\\right)}{2 \\pi} \\\\
        \\dot\\Sigma^{(1)}(x,x') &= \\tfrac{1}{2} - \\frac{\\vartheta_{1}}{2 \\pi} \\\\
        \\hat\\Sigma^{(1)}(x,x) &= \\tfrac{1}{2} \\Sigma^{(1)}(x,x) && \\text{(diagonal)} \\\\
        \\dot\\Sigma^{(1)}(x,x) &= \\tfrac{1}{2} && \\text{(diagonal)}
      \\end{align*}

      \\paragraph{layers[2]: dense, ntk parameterization (layer 2).} [wntk-tan2021 (11)]
      \\begin{align*}
        \\Sigma^{(2)}(x,x') &= \\hat\\Sigma^{(1)}(x,x') \\\\
        \\Theta^{(2)}(x,x') &= \\Theta^{(1)}(x,x') \\, \\dot\\Sigma^{(1)}(x,x') + \\mu_{2} \\, \\Sigma^{(2)}(x,x') \\\\
        \\Sigma^{(2)}(x,x) &= \\hat\\Sigma^{(1)}(x,x) && \\text{(diagonal)} \\\\
        \\Theta^{(2)}(x,x) &= \\Theta^{(1)}(x,x) \\, \\dot\\Sigma^{(1)}(x,x) + \\mu_{2} \\, \\Sigma^{(2)}(x,x) && \\text{(diagonal)}
      \\end{align*}

      \\paragraph{Result.}
      \\begin{align*}
        \\mathrm{WNTK}(x,x') &= \\sum_l \\mu_l \\, \\Theta_l(x,x') = \\Theta^{(2)}(x,x')
      \\end{align*}
      "
    `);
  });

  it('makes a document on request, and keeps what a user wrote from being TeX', () => {
    const evil = '\\input{x} %\n$_^~#&{} π';
    const tex = explain(derived([dense()], 'nngp', evil)).toLatex({ document: true });
    expect(tex).toContain('\\begin{document}');
    expect(tex).toContain(
      '\\textbackslash{}input\\{x\\} \\% \\$\\_\\textasciicircum{}\\textasciitilde{}\\#\\&\\{\\} U+03C0',
    );
    const outside = tex.split('\n').filter((l) => !l.startsWith('%'));
    expect(outside.join('\n')).not.toContain('\\input{x}');
  });
});

describe('every format', () => {
  it('is TeX that KaTeX reads, for networks of all ops', () => {
    fc.assert(
      fc.property(anyNetwork, fc.constantFrom(...kernels), (layers, kernel) => {
        const d = derived(layers, kernel);
        for (const { tex, note } of latexBlocks(d)) {
          if (tex !== '') parsesTex(tex);
          for (const [, inline] of note.matchAll(/\$(.+?)\$/g)) parsesTex(inline as string);
        }
        for (const { tex } of explain(d)
          .toJson()
          .steps.flatMap((s) => [...s.definitions, ...s.equations]))
          if (tex !== '') parsesTex(`\\begin{align*}${tex}\\end{align*}`);
      }),
      { numRuns: 60 },
    );
  });

  it('writes no identifier of the program into a formula', () => {
    fc.assert(
      fc.property(anyNetwork, fc.constantFrom(...kernels), (layers, kernel) => {
        const text = explain(derived(layers, kernel)).toText();
        expect(text).not.toMatch(/sigma[A-Z\d]|theta|dotQ|qHat|qBar|hermite\d|mu\d|NaN|undefined|Infinity/);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same each time', async () => {
    const layers = [he, relu(), he, elementwise('tanh(x)'), dense()];
    const all = async () => {
      const e = explain(derived(layers, 'wntk'));
      return [e.toText(), e.toLatex(), JSON.stringify(e.toJson()), await e.toHtml()];
    };
    expect(await all()).toEqual(await all());
  });

  it('cites sources that NOTATION.md lists', () => {
    const section = readFileSync(new URL('../../../NOTATION.md', import.meta.url), 'utf8').split('## Sources')[1] ?? '';
    const known = [...section.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, name]) => name as string);
    const sources = middles
      .filter((l) => l.op !== 'repeat' && l.op !== 'identity' && l.parameterization !== 'standard')
      .flatMap((l) => derived([dense(), l, dense()], 'ntk').steps.map((s) => s.source));
    const unknown = sources
      .flatMap((s) => s.split(/; /))
      .map((s) => s.replace(/^as /, ''))
      .filter((s) => !s.startsWith('@derived') && !known.some((name) => s === name || s.startsWith(`${name} `)));
    expect(unknown).toEqual([]);
  });
});

describe('toJson', () => {
  it('holds plain data: the network, the steps, the program', () => {
    const d = derived([dense(), relu(), dense({ ntkWeight: 0.5 })], 'wntk');
    const json = explain(d).toJson();
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(printProgram(parseProgram(json.program))).toBe(printProgram(d.program));
    expect(json.network).toEqual({
      ntkc: 1,
      name: 'relu-mlp',
      input: { shape: [10] },
      layers: [{ op: 'dense' }, { op: 'relu' }, { op: 'dense', ntkWeight: 0.5 }],
    });
    expect(json.layerWeights[1]).toEqual({ name: 'mu2', value: 0.5, path: 'layers[2]' });
    expect(json.steps[3]?.equations[1]).toEqual({
      name: 'theta2',
      domain: 'pair',
      tex: "\\Theta^{(2)}(x,x') &= \\Theta^{(1)}(x,x') \\, \\dot\\Sigma^{(1)}(x,x') + \\mu_{2} \\, \\Sigma^{(2)}(x,x')",
      text: "Θ²(x,x') = Θ¹(x,x')·Σ̇¹(x,x') + μ₂·Σ²(x,x')",
    });
    expect(json.outputs[0]?.name).toBe('wntk');
  });
});

describe('toHtml', () => {
  it('escapes what a user wrote and loads nothing', async () => {
    const html = await explain(derived([dense(), elementwise('x < 1 ? x : 1'), dense()], 'ntk', '<script>"&')).toHtml();
    expect(html).toContain('<h1>NTK of &lt;script&gt;&quot;&amp;</h1>');
    expect(html).not.toContain('<script');
    expect(html).toContain('x &lt; 1 ? x : 1');
    expect(html).not.toMatch(/\bsrc=|<link|@import|url\(/);
    const [ids, targets] = [/ id="([^"]+)"/g, /href="#([^"]+)"/g].map((r) => [...html.matchAll(r)].map(([, id]) => id));
    expect(targets).toEqual(ids);
  });
});
