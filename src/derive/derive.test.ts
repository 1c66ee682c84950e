import { describe, expect, it } from 'vitest';
import { type LayerInput, parseNetwork, sameShape } from '../ir/arch/index.ts';
import { evaluateProgram } from '../ir/program/index.ts';
import { mul } from '../ir/scalar/index.ts';
import { defineOp } from '../ops/op.ts';
import { dense, elementwise, erf, gelu, identity, network, relu, repeat, sum, vocabulary } from '../ops/vocabulary.ts';
import { derive, finiteNetwork } from './index.ts';

const net = (...layers: LayerInput[]) => network({ input: { shape: [3] }, layers });
const at = (layers: LayerInput[], kernel: 'nngp' | 'ntk' | 'wntk' = 'ntk') =>
  [...evaluateProgram(derive(net(...layers), kernel).program, x, y).values()][0] as number;
const x = [0.3, -1.2, 0.7];
const y = [1.1, 0.4, -0.2];
const dot = (a: number[], b: number[]) => a.reduce((s, v, i) => s + v * (b[i] as number), 0) / 3;

describe('rules', () => {
  it('dense, ntk parameterization: K = w²K₀ + b², T = K + w²T', () => {
    expect(at([dense({ wStd: 1.5, bStd: 0.3 })])).toBeCloseTo(2.25 * dot(x, y) + 0.09, 15);
    const k1 = 2.25 * dot(x, y) + 0.09;
    const k2 = 4 * k1 + 0.01;
    expect(at([dense({ wStd: 1.5, bStd: 0.3 }), dense({ wStd: 2, bStd: 0.1 })])).toBeCloseTo(k2 + 4 * k1, 14);
  });

  it('dense, standard parameterization: T = fan-in·K + w²T + [1 if bias]', () => {
    const first = dense({ parameterization: 'standard', wStd: 1.5, bStd: 0.3, width: 64 });
    expect(at([first])).toBeCloseTo(3 * dot(x, y) + 1, 14);
    const k1 = 2.25 * dot(x, y) + 0.09;
    const second = dense({ parameterization: 'standard', wStd: 0.7 });
    expect(at([first, second])).toBeCloseTo(64 * k1 + 0.49 * (3 * dot(x, y) + 1), 12);
  });

  it('standard parameterization at unknown width is refused', () => {
    const layers = [dense(), dense({ parameterization: 'standard' })];
    expect(() => derive(net(...layers), 'ntk')).toThrow(/layers\[1\].*width/s);
    expect(at(layers, 'nngp')).toBeCloseTo(dot(x, y), 14);
  });

  it('identity and nested sums change nothing they should not', () => {
    const plain = [dense({ wStd: 1.2 }), relu(), dense()];
    expect(at([dense({ wStd: 1.2 }), identity(), relu(), sum([[dense()]])])).toBeCloseTo(at(plain), 15);
  });

  it('a covariance without a name gets one before a series, on pairs and on the diagonal', () => {
    const twice = defineOp({
      name: 'twice',
      summary: '√2 times its input',
      fields: {},
      shape: sameShape,
      kernel: () => ({
        kind: 'linear',
        name: 'twice',
        source: 'definition',
        nngp: (b, k) => b.lift([k], (v) => mul(2, v)),
        tangent: (b, t) => b.lift([t], (v) => mul(2, v)),
      }),
      examples: [{}],
    });
    const ops = new Map(vocabulary).set('twice', twice);
    const planted = parseNetwork(
      { input: { shape: [3] }, layers: [dense(), { op: 'twice' }, elementwise('tanh(x)'), dense()] },
      ops,
    );
    const derivation = derive(planted, 'nngp', { vocabulary: ops });
    expect(derivation.toText()).toMatch(/Σ̃¹\(x,x'\) = 2·Σ¹\(x,x'\).*Σ̃¹\(x,x\) = 2·Σ¹\(x,x\)/s);
    const scaled = [dense({ wStd: Math.SQRT2 }), elementwise('tanh(x)'), dense()];
    expect([...evaluateProgram(derivation.program, x, y).values()][0]).toBeCloseTo(at(scaled, 'nngp'), 14);
  });

  it('repeat is its layers written out', () => {
    const block = [relu(), dense({ wStd: 1.3, bStd: 0.2 })];
    expect(at([dense(), repeat(3, block)])).toBe(at([dense(), ...block, ...block, ...block]));
  });

  it('ntkWeight is the default layer weight of the wntk, and no more', () => {
    const weighted = [dense({ ntkWeight: 0.5 }), relu(), dense({ ntkWeight: 3 })];
    expect(at(weighted, 'ntk')).toBe(at([dense(), relu(), dense()], 'ntk'));
    const { program } = derive(net(...weighted), 'wntk');
    expect(program.weights.map((w) => [w.value, w.path])).toEqual([
      [0.5, 'layers[0]'],
      [3, 'layers[2]'],
    ]);
  });

  it('a condition may guard a root', () => {
    const guarded = (expr: string) => derive(net(dense(), elementwise(expr), dense()), 'nngp').program;
    expect(guarded('x > 0 ? x^1.5 : 0').statements.some((s) => s.kind === 'expand')).toBe(true);
    expect(() => guarded('x > -1 ? x^1.5 : 0')).toThrow('no real value at x = -0.7');
  });

  it('a formula that is a known function is derived as that function', () => {
    const { steps, program } = derive(net(dense(), elementwise('x > 0 ? x : 0'), dense()));
    expect(steps[2]?.rule).toContain('recognised as abRelu');
    expect(program.statements.some((s) => s.kind === 'expand')).toBe(false);
    expect(at([dense(), elementwise('max(0,x)'), dense()])).toBe(at([dense(), relu(), dense()]));
  });

  it('the steps name every statement written once', () => {
    const { steps, written } = derive(
      net(dense(), sum([[], [gelu(), dense(), elementwise('tanh(x)'), dense()]]), erf(), dense()),
      'layerwise',
    );
    expect(steps.flatMap((s) => s.statements).sort()).toEqual(written.statements.map((s) => s.name).sort());
    for (const s of steps) expect(s.source, s.path).not.toBe('');
  });
});

describe('refusals say where and what to do', () => {
  const refuse = (...layers: LayerInput[]) => expect(() => derive(net(...layers)));
  it('an activation on the input', () =>
    refuse(relu(), dense()).toThrow(/relu: its input is not Gaussian.*layers\[0\].*Insert dense/s));
  it('two activations in a row', () =>
    refuse(dense(), relu(), erf()).toThrow(/erf: its input is not Gaussian.*layers\[1\].*At layers\[2\]/s));
  it('inside a branch', () => refuse(dense(), sum([[], [relu(), relu()]])).toThrow(/layers\[1\]\.branches\[1\]\[1\]/));
  it('the same branch twice', () =>
    refuse(dense(), sum([[], []])).toThrow(/both pass on the output of layers\[0\].*correlated/s));
  it('a branch that holds another', () =>
    refuse(dense(), sum([[], [sum([[], [relu(), dense()]])]])).toThrow('correlated'));
  it('two activations of one layer', () =>
    refuse(dense(), sum([[relu()], [erf()]])).toThrow(/do not end in parameters of their own, so they are correlated/));
  it('an activation beside the layer it reads: E h·relu(h) is not 0', () =>
    refuse(dense(), sum([[], [relu()]])).toThrow(/end at layers\[0\] and layers\[1\]\.branches\[1\]\[0\].*correlated/));
  it('an activation after a sum with one', () =>
    refuse(dense(), sum([[relu()], [relu(), dense()]]), erf()).toThrow('not Gaussian'));
  it('layer-wise kernels of very deep networks', () =>
    expect(() => derive(net(dense(), repeat(400, [relu(), dense()])), 'layerwise')).toThrow(/at most 300 layers/));
  it('no parameters', () => refuse(identity()).toThrow('no parameters'));
  it('branches of different widths', () =>
    expect(() => net(dense({ width: 4 }), sum([[], [relu(), dense({ width: 5 })]]))).toThrow(
      /branches\[0\] ends in shape \[4\] and branches\[1\] in \[5\].*layers\[1\]/s,
    ));
  it('positions left at the end', () =>
    expect(() => derive(network({ input: { shape: [4, 3] }, layers: [dense()] }))).toThrow(
      /ends with values at 4 positions.*layers\[0\].*flatten/s,
    ));
});

describe('sums of one activation and fresh layers are exact, not refused', () => {
  it('relu(h) + dense(h) adds the kernels', () => {
    const branches = [[relu()], [dense({ wStd: 1.3 })]];
    const k = at([dense(), sum(branches)], 'nngp');
    expect(k).toBeCloseTo(at([dense(), relu()], 'nngp') + 1.69 * dot(x, y), 14);
  });
});

describe('finiteNetwork', () => {
  it('builds the program the declaration says', () => {
    const program = finiteNetwork(net(dense({ wStd: 2, bStd: 0.5 }), sum([[], [relu(), dense()]]), dense()), {
      width: 16,
      outputs: 2,
    });
    expect(program.layers).toBe(3);
    expect(program.nodes.map((n) => [n.kind, n.width])).toEqual([
      ['input', 3],
      ['dense', 16],
      ['elementwise', 16],
      ['dense', 16],
      ['add', 16],
      ['dense', 2],
    ]);
    expect(program.nodes[1]).toMatchObject({
      weightScale: 2 / Math.sqrt(3),
      weightStd: 1,
      bias: { scale: 0.5, std: 1 },
    });
  });
});
