/** Each preset against a small implementation of its own, after the paper's code. */
import { describe, expect, it } from 'vitest';
import { derive } from '../derive/index.ts';
import { evaluateProgram } from '../ir/program/index.ts';
import { cntk, lantkCnn, myrtle, resnet, uci } from './index.ts';

const image = (seed: number, length: number) => Array.from({ length }, (_, i) => Math.sin(seed + i * i + 0.3 * i));
const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * (y[i] as number), 0);

describe('cntk', () => {
  const [side, channels] = [4, 2];
  const positions = side * side;
  type Kernel = readonly (readonly number[])[];
  const each = (f: (p: number, r: number) => number): Kernel =>
    Array.from({ length: positions }, (_, p) => Array.from({ length: positions }, (_, r) => f(p, r)));

  /** Sums over 3x3 windows on both sides, zeros outside. */
  const conv3 = (k: Kernel) =>
    each((p, r) => {
      let sum = 0;
      for (const a of [-1, 0, 1])
        for (const b of [-1, 0, 1]) {
          const at = (i: number) => {
            const [row, column] = [Math.floor(i / side) + a, (i % side) + b];
            return row < 0 || column < 0 || row >= side || column >= side ? -1 : row * side + column;
          };
          if (at(p) >= 0 && at(r) >= 0) sum += k[at(p)]?.[at(r)] as number;
        }
      return sum;
    });

  /** S and T of x and y, with the variances of both: (π − acos S)/9π and so on, as their CUDA kernel has it. */
  function theirs(x: readonly number[], y: readonly number[], depth: number, pooling: 'globalAvgPool' | 'flatten') {
    const pixel = (image: readonly number[], p: number) => image.slice(p * channels, (p + 1) * channels);
    const gram = (a: readonly number[], b: readonly number[]) => conv3(each((p, r) => dot(pixel(a, p), pixel(b, r))));
    let [s, xx, yy] = [gram(x, y), gram(x, x), gram(y, y)];
    let t = s;
    for (let layer = 1; layer < depth; layer++) {
      const rho = (k: Kernel, a: Kernel, b: Kernel) => (p: number, r: number) =>
        Math.min(1, Math.max(-1, (k[p]?.[r] as number) / Math.sqrt((a[p]?.[p] as number) * (b[r]?.[r] as number))));
      const dual = (k: Kernel, a: Kernel, b: Kernel) =>
        each((p, r) => {
          const c = rho(k, a, b)(p, r);
          const length = Math.sqrt((a[p]?.[p] as number) * (b[r]?.[r] as number));
          return ((c * (Math.PI - Math.acos(c)) + Math.sqrt(1 - c * c)) * length) / (9 * Math.PI);
        });
      const slope = rho(s, xx, yy);
      const [carried, next] = [t, dual(s, xx, yy)];
      t = each((p, r) => ((carried[p]?.[r] as number) * (Math.PI - Math.acos(slope(p, r)))) / (9 * Math.PI));
      t = each((p, r) => (t[p]?.[r] as number) + (next[p]?.[r] as number));
      [s, xx, yy] = [next, dual(xx, xx, xx), dual(yy, yy, yy)];
      if (layer === depth - 1) break;
      [s, t, xx, yy] = [conv3(s), conv3(t), conv3(xx), conv3(yy)];
    }
    if (pooling === 'flatten') return t.reduce((sum, row, p) => sum + (row[p] as number), 0);
    return t.flat().reduce((a, b) => a + b, 0) / positions ** 2;
  }

  it.each([
    [2, 'flatten'],
    [4, 'flatten'],
    [3, 'globalAvgPool'],
    [5, 'globalAvgPool'],
  ] as const)('of %s layers, %s', (depth, pooling) => {
    const [x, y] = [image(1, 32), image(2, 32)];
    const { program } = derive(cntk({ shape: [side, side, channels], depth, pooling }), 'ntk');
    const ours = evaluateProgram(program, x, y).get('ntk') as number;
    expect(ours / theirs(x, y, depth, pooling)).toBeCloseTo(1, 12);
  });

  it('refuses what is no image, and no depth', () => {
    expect(() => cntk({ shape: [4, 3], depth: 3, pooling: 'flatten' })).toThrow(/height, width, channels/);
    expect(() => cntk({ shape: [4, 4, 3], depth: 1, pooling: 'flatten' })).toThrow(/at least 2/);
  });
});

describe('uci', () => {
  /** H after `depth` layers, the first `fixed` of them left out, with weights: their loop. */
  function theirs(x: readonly number[], y: readonly number[], depth: number, weights: readonly number[]): number {
    let [s, xx, yy, h] = [dot(x, y), dot(x, x), dot(y, y), 0];
    for (let layer = 0; layer <= depth; layer++) {
      h += (weights[layer] as number) * s;
      if (layer === depth) break;
      const length = Math.sqrt(xx * yy);
      const c = s / length;
      s = ((c * (Math.PI - Math.acos(c)) + Math.sqrt(1 - c * c)) * length) / (2 * Math.PI);
      h *= (Math.PI - Math.acos(c)) / (2 * Math.PI);
      [xx, yy] = [xx / 2, yy / 2];
    }
    return h;
  }
  const [x, y] = [image(3, 7), image(4, 7)];

  it('of 5 layers, the first two fixed', () => {
    const { program } = derive(uci({ features: 7, depth: 5, fixed: 2 }), 'wntk');
    const ours = evaluateProgram(program, x, y).get('wntk') as number;
    expect(ours / theirs(x, y, 5, [0, 0, 1, 1, 1, 1])).toBeCloseTo(1, 13);
  });

  it('with layer weights is the WNTK of the paper', () => {
    const weights = [0.5, 0.125, 1, 0.25];
    const { program } = derive(uci({ features: 7, depth: 3 }), 'wntk');
    const ours = evaluateProgram(program, x, y, weights).get('wntk') as number;
    expect(ours / theirs(x, y, 3, weights)).toBeCloseTo(1, 13);
  });

  it('refuses fractions', () => {
    expect(() => uci({ features: 2.5, depth: 3 })).toThrow(/features is 2.5/);
  });
});

describe('networks with names', () => {
  it.each([
    [myrtle(5), 4, 5],
    [myrtle(7), 6, 5],
    [myrtle(10), 9, 5],
    [lantkCnn(), 7, 0],
    [resnet(3, [{ op: 'globalAvgPool' }]), 1, 0],
  ])('$name derives', (net, convolutions, pools) => {
    expect(net.layers.filter((l) => l.op === 'conv')).toHaveLength(convolutions);
    expect(net.layers.filter((l) => l.op === 'avgPool')).toHaveLength(pools);
    expect(derive(net, 'ntk').program.outputs).toHaveLength(1);
  });

  it('lantkCnn has strides of 2 at the fourth and the last convolution', () => {
    const strides = lantkCnn()
      .layers.filter((l) => l.op === 'conv')
      .map((l) => (l.strides as number[])[0]);
    expect(strides).toEqual([1, 1, 1, 2, 1, 1, 2]);
  });

  it('myrtle refuses images it cannot halve five times', () => {
    expect(() => myrtle(5, [28, 28, 1])).toThrow(/multiples of 32/);
  });
});
