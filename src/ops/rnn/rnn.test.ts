/** The recurrent layer against its recursion by hand, and against sampled networks with weights tied by hand. */
import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { evaluateProgram } from '../../ir/program/index.ts';
import { normals } from '../../runtime/empirical/random.ts';
import { network } from '../vocabulary.ts';

const [length, channels] = [4, 3];
const sequence = (seed: number) =>
  Array.from({ length: length * channels }, (_, i) => Math.sin(seed + i * i + 0.3 * i));
const [x, y] = [sequence(1), sequence(2)];
const stds = { wStd: 1.3, inputStd: 0.9, bStd: 0.4 };
const at = (a: readonly number[], t: number) => a.slice(t * channels, (t + 1) * channels);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};
const ends = {
  'the last time': { op: 'index', at: [-1] },
  'the mean over times': { op: 'globalAvgPool' },
} as const;
const netOf = (end: keyof typeof ends, expr: string) =>
  network({ input: { shape: [length, channels] }, layers: [{ op: 'rnn', expr, ...stds }, ends[end]] });

/** κ and κ̇ of erf. */
const kappa = (k: number, q: number, r: number) =>
  (2 / Math.PI) * Math.asin((2 * k) / Math.sqrt((1 + 2 * q) * (1 + 2 * r)));
const dotKappa = (k: number, q: number, r: number) => 4 / Math.PI / Math.sqrt((1 + 2 * q) * (1 + 2 * r) - 4 * k * k);

/** K and T between all times, by their recursion. */
function byHand(a: readonly number[], b: readonly number[]) {
  const each = (f: (t: number, s: number) => number) => (t: number, s: number) => (t < 0 || s < 0 ? 0 : f(t, s));
  const { wStd, inputStd, bStd } = stds;
  const kernel = (u: readonly number[], v: readonly number[]) => {
    const k: (t: number, s: number) => number = each((t, s) => {
      const drive = inputStd ** 2 * (dot(at(u, t), at(v, s)) / channels) + bStd ** 2;
      if (t === 0 || s === 0) return drive;
      return wStd ** 2 * kappa(k(t - 1, s - 1), kernelAt(u, t - 1), kernelAt(v, s - 1)) + drive;
    });
    return k;
  };
  const kernelAt = (u: readonly number[], t: number): number => kernel(u, u)(t, t);
  const k = kernel(a, b);
  const t: (s: number, r: number) => number = each((s, r) => {
    const own = k(s, r);
    if (s === 0 || r === 0) return own;
    const slope = dotKappa(k(s - 1, r - 1), kernelAt(a, s - 1), kernelAt(b, r - 1));
    return own + wStd ** 2 * slope * t(s - 1, r - 1);
  });
  return { k, t };
}

describe('rnn', () => {
  it.each(['the last time', 'the mean over times'] as const)('%s is what its recursion gives', (end) => {
    const { k, t } = byHand(x, y);
    const times = Array.from({ length }, (_, i) => i);
    const read = (f: (s: number, r: number) => number) =>
      end === 'the last time'
        ? f(length - 1, length - 1)
        : times.flatMap((s) => times.map((r) => f(s, r))).reduce((a, b) => a + b, 0) / length ** 2;
    for (const [name, f] of [
      ['nngp', k],
      ['ntk', t],
    ] as const)
      expect(evaluateProgram(derive(netOf(end, 'erf(x)'), name).program, x, y).get(name)).toBeCloseTo(read(f), 12);
  });

  it('agrees with sampled networks, weights tied', () => {
    const [width, samples] = [300, 60];
    const phi = Math.tanh;
    const slope = (u: number) => 1 - Math.tanh(u) ** 2;
    const measured = Array.from({ length: samples }, (_, s) => sampled(width, s, phi, slope));
    for (const [name, column] of [
      ['nngp', 0],
      ['ntk', 1],
    ] as const) {
      const values = measured.map((m) => m[column] as number);
      const mean = values.reduce((a, b) => a + b, 0) / samples;
      const error = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (samples * (samples - 1)));
      const wanted = evaluateProgram(derive(netOf('the last time', 'tanh(x)'), name).program, x, y).get(name) as number;
      // 4 standard errors, and what is left at this width: about 1/width of a kernel of order 1, a few times over.
      expect(Math.abs(mean - wanted)).toBeLessThan(4 * error + 5 / width);
      expect(error).toBeLessThan(0.06 * Math.abs(wanted));
    }
  });

  /** [u u' summed over neurons / width, NTK of neuron 0] at the last time, gradients through time by hand. */
  function sampled(width: number, seed: number, phi: (u: number) => number, slope: (u: number) => number) {
    const { wStd, inputStd, bStd } = stds;
    const [w, v, b] = [
      normals(width * width, 1, [seed, 0]),
      normals(width * channels, 1, [seed, 1]),
      normals(width, 1, [seed, 2]),
    ] as [Float64Array, Float64Array, Float64Array];
    const [scale, drive] = [wStd / Math.sqrt(width), inputStd / Math.sqrt(channels)];
    const run = (z: readonly number[]) => {
      const us: Float64Array[] = [];
      let h = new Float64Array(width);
      for (let t = 0; t < length; t++) {
        const u = Float64Array.from(
          { length: width },
          (_, i) =>
            scale * dot(w.subarray(i * width, (i + 1) * width), h) +
            drive * dot(v.subarray(i * channels, (i + 1) * channels), at(z, t)) +
            bStd * (b[i] as number),
        );
        us.push(u);
        h = u.map(phi);
      }
      // signal[t][i] = ∂u_last[0]/∂u_t[i]
      const signals: Float64Array[] = [];
      let signal = new Float64Array(width);
      signal[0] = 1;
      for (let t = length - 1; t >= 0; t--) {
        signals[t] = signal;
        const back = new Float64Array(width);
        for (let i = 0; i < width; i++)
          for (let j = 0; j < width; j++)
            back[j] = (back[j] as number) + scale * (signal[i] as number) * (w[i * width + j] as number);
        const below = us[t - 1];
        signal = below === undefined ? back : back.map((g, j) => g * slope(below[j] as number));
      }
      return { us, hs: us.map((u) => u.map(phi)), signals };
    };
    const [a, c] = [run(x), run(y)];
    let ntk = 0;
    for (let t = 0; t < length; t++)
      for (let s = 0; s < length; s++) {
        const [at1, at2] = [a.hs[t - 1], c.hs[s - 1]];
        const recurrent = at1 && at2 ? scale ** 2 * dot(at1, at2) : 0;
        const inputs = drive ** 2 * dot(at(x, t), at(y, s));
        ntk += dot(a.signals[t] as Float64Array, c.signals[s] as Float64Array) * (recurrent + inputs + bStd ** 2);
      }
    return [dot(a.us[length - 1] as Float64Array, c.us[length - 1] as Float64Array) / width, ntk];
  }

  it('with one time is a dense layer', () => {
    const input = { shape: [1, channels] };
    const rnn = network({ input, layers: [{ op: 'rnn', ...stds }, { op: 'flatten' }] });
    const dense = network({ input, layers: [{ op: 'dense', wStd: 0.9, bStd: 0.4 }, { op: 'flatten' }] });
    const [a, b] = [at(x, 0), at(y, 0)];
    expect(evaluateProgram(derive(rnn, 'ntk').program, a, b).get('ntk')).toBeCloseTo(
      evaluateProgram(derive(dense, 'ntk').program, a, b).get('ntk') as number,
      14,
    );
  });

  it.each([
    [[4], /no sequence.*layers\[0\]/s],
    [[4, 4, 2], /no sequence/],
    [[500, 2], /500 times.*at most 200/s],
  ])('refuses inputs of shape %j', (shape, message) => {
    expect(() => network({ input: { shape }, layers: [{ op: 'rnn' }, { op: 'flatten' }] })).toThrow(message);
  });
});
