/** Finite networks of ops with positions: graphs, masks and tied weights, against networks that do without them. */
import { describe, expect, it } from 'vitest';
import { finiteNetwork } from '../src/derive/index.ts';
import type { LayerInput } from '../src/ir/arch/index.ts';
import { type DenseNode, sampleSize } from '../src/ir/tensor/tensorProgram.ts';
import { network, vocabulary } from '../src/ops/vocabulary.ts';
import { hierarchyAt } from '../src/runtime/empirical/hierarchy/index.ts';
import {
  addGradient,
  backward,
  empiricalNtk,
  forward,
  initialise,
  normals,
  zeroParameters,
} from '../src/runtime/empirical/index.ts';

const conv: LayerInput = { op: 'conv', kernel: [3], wStd: 1.4, bStd: 0.3 };
const end: LayerInput = { op: 'dense', wStd: 1.1, bStd: 0.2 };
const [length, channels] = [5, 2];
const programOf = (layers: readonly LayerInput[], positions = length, masked?: true) =>
  finiteNetwork(network({ input: { shape: [positions, channels], ...(masked && { masked }) }, layers }), {
    width: 3,
    outputs: 2,
  });
const x = (positions: number, seed: number) => normals(positions * channels, 1, seed);

describe('masked networks', () => {
  // cos(0) = 1 and the biases would leak from positions that are not there.
  const networks: Readonly<Record<string, readonly LayerInput[]>> = {
    'convolutions and cosines, pooled': [conv, { op: 'cos' }, conv, { op: 'relu' }, { op: 'globalAvgPool' }, end],
    'a residual block, summed': [
      conv,
      { op: 'sum', branches: [[], [{ op: 'cos' }, { ...conv, width: 3 }]] },
      { op: 'globalSumPool' },
      end,
    ],
    'recurrent, a cosine of which every time gives something': [
      { op: 'rnn', expr: 'cos(x)', bStd: 0.4 },
      { op: 'rnn', expr: 'cos(x)', bStd: 0.4 },
      { op: 'globalAvgPool' },
      end,
    ],
    'attention with the softmax': [{ op: 'dense' }, { op: 'selfAttention', bStd: 0.4 }, { op: 'globalAvgPool' }, end],
    'attention of the square root': [
      { op: 'dense' },
      { op: 'selfAttention', mechanism: 'identity', scaling: 'sqrt' },
      { op: 'globalAvgPool' },
      end,
    ],
  };
  it.each(Object.entries(networks))('%s: with some positions are shorter networks', (_, layers) => {
    const [masked, short] = [programOf(layers, length, true), programOf(layers, 3)];
    const parameters = initialise(masked, 1);
    const there = x(3, 2);
    // The numbers beyond are not read.
    const row = Float64Array.from([...there, 7, 7, 7, 7, 1, 1, 1, 0, 0]);
    expect(sampleSize(masked)).toBe(row.length);
    const [a, b] = [forward(masked, parameters, row, 1).at(-1)!, forward(short, parameters, there, 1).at(-1)!];
    // The same sums with zeros among them.
    expect([...a]).toEqual([...b].map((v) => expect.closeTo(v, 13)));
    const ntk = (program: typeof masked, sample: Float64Array) => empiricalNtk(program, parameters, sample, 1).ntk[0]!;
    expect(ntk(masked, row)).toBeCloseTo(ntk(short, there), 12);
    const k4 = (program: typeof masked, sample: Float64Array) =>
      hierarchyAt(program, parameters, sample, 1, [[0, 0, 0, 0]])[0]!;
    expect(k4(masked, row) / k4(short, there)).toBeCloseTo(1, 10);
  });

  it('windows that leave positions out keep those that read one', () => {
    const strided: LayerInput = { ...conv, strides: [2], padding: 'valid' };
    const layers = [strided, { op: 'cos' }, { op: 'globalAvgPool' }, end];
    const [masked, short] = [programOf(layers, 7, true), programOf(layers, 3)];
    const parameters = initialise(masked, 3);
    const there = x(3, 4);
    // Of outputs that read (0 1 2), (2 3 4), (4 5 6) the second reads position 2 too, and zeros beyond it.
    const row = Float64Array.from([...there, ...new Float64Array(8), 1, 1, 1, 0, 0, 0, 0]);
    const out = forward(masked, parameters, row, 1).at(-1)!;
    const wide = programOf(layers, 5);
    const both = forward(wide, parameters, Float64Array.from([...there, 0, 0, 0, 0]), 1).at(-1)!;
    expect([...out]).toEqual([...both].map((v) => expect.closeTo(v, 13)));
    expect(out[0]).not.toBeCloseTo(forward(short, parameters, there, 1).at(-1)![0]!, 3);
  });
});

describe('graphs', () => {
  it('a cycle is a circular convolution over neighbours', () => {
    const layers = [{ op: 'aggregate' }, { op: 'dense' }, { op: 'erf' }, { op: 'flatten' }, end];
    const program = programOf(layers);
    const parameters = initialise(program, 1);
    const features = x(length, 5);
    const pattern = Array.from({ length: length ** 2 }, (_, k) => {
      const distance = (Math.floor(k / length) - (k % length) + length) % length;
      return distance === 1 ? 2 : distance === 0 ? 0.5 : 0;
    });
    const summed = features.map((v, k) => 0.5 * v + 2 * features[(k - channels + features.length) % features.length]!);
    const plain = programOf(layers.slice(1));
    const got = forward(program, parameters, Float64Array.from([...features, ...pattern]), 1).at(-1)!;
    // Rounding of sums of a few terms.
    expect([...got]).toEqual([...forward(plain, parameters, summed, 1).at(-1)!].map((v) => expect.closeTo(v, 13)));
  });
});

describe('tied weights', () => {
  const layers = [{ op: 'rnn', expr: 'tanh(x)', wStd: 1.3, inputStd: 0.9, bStd: 0.4 }, { op: 'index', at: [-1] }, end];
  const program = programOf(layers);
  const parameters = initialise(program, 2);
  const samples = x(2 * length, 6);

  it('are those of a recurrence by hand', () => {
    const [{ W: V, b }, { W }] = parameters as never as readonly [
      { W: Float64Array; b: Float64Array },
      { W: Float64Array },
    ];
    let u = new Float64Array(3);
    for (let t = 0; t < length; t++) {
      const h = t === 0 ? new Float64Array(3) : u.map(Math.tanh);
      u = u.map((_, o) => {
        const recurred = h.reduce((sum, v, i) => sum + W[o * 3 + i]! * v, 0);
        const driven = [0, 1].reduce((sum, c) => sum + V[o * channels + c]! * samples[t * channels + c]!, 0);
        return (1.3 / Math.sqrt(3)) * recurred + (0.9 / Math.sqrt(channels)) * driven + 0.4 * b[o]!;
      });
    }
    const values = forward(program, parameters, samples.subarray(0, length * channels), 1);
    const last = values[(program.nodes.at(-1) as DenseNode).input]!;
    expect([...last]).toEqual([...u].map((v) => expect.closeTo(v, 13)));
  });

  it('have the kernels of their gradients: ⟨∇f, ∇f⟩, all uses together', () => {
    const gradients = [0, 1].map((i) => {
      const row = samples.subarray(i * length * channels, (i + 1) * length * channels);
      const activations = forward(program, parameters, row, 1);
      const into = zeroParameters(program);
      addGradient(program, into, activations, backward(program, parameters, activations, 0));
      return into.flatMap(({ W, b }) => [...W, ...(b ?? [])]);
    });
    const wanted = gradients.flatMap((a) => gradients.map((c) => a.reduce((sum, v, k) => sum + v * c[k]!, 0)));
    const { ntk, layers: parts } = empiricalNtk(program, parameters, samples, 2, undefined, undefined, {
      outputs: [0],
    });
    // Rounding of sums of some tens of terms of order 1.
    expect([...ntk]).toEqual(wanted.map((v) => expect.closeTo(v, 12)));
    expect(parts).toHaveLength(2);
    const pairs = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const k2 = hierarchyAt(program, parameters, samples, 2, pairs);
    expect([...k2]).toEqual(wanted.map((v) => expect.closeTo(v, 12)));
  });

  it('and K3 is the change of the NTK along a gradient', () => {
    const row = (i: number) => samples.subarray(i * length * channels, (i + 1) * length * channels);
    const at = (t: number) => {
      const activations = forward(program, parameters, row(1), 1);
      const gradient = zeroParameters(program);
      addGradient(program, gradient, activations, backward(program, parameters, activations, 0));
      const moved = parameters.map(({ W, b }, l) => ({
        W: W.map((v, k) => v + t * gradient[l]!.W[k]!),
        ...(b && { b: b.map((v, k) => v + t * gradient[l]!.b![k]!) }),
      }));
      return empiricalNtk(program, moved, samples, 2, undefined, undefined, { outputs: [0] }).ntk[1]!;
    };
    const h = 3e-4;
    const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    // Truncation h⁴/30 times the fifth derivative along the gradient, and rounding 1e-16 of K2 over h.
    expect(hierarchyAt(program, parameters, samples, 2, [[0, 1, 1]])[0]! / slope).toBeCloseTo(1, 8);
  });
});

it('every op has a finite form', () => {
  expect(
    [...vocabulary.values()].filter((op) => op.forward === undefined && op.copies === undefined).map((op) => op.name),
  ).toEqual([]);
});
