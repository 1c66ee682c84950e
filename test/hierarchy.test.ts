/** Two routes to E K4 that share no code: the calculus of expectations, and jets of sampled networks. */
import { describe, expect, it } from 'vitest';
import { expectedHierarchy } from '../src/derive/hierarchy/expectation.ts';
import { finiteNetwork } from '../src/derive/index.ts';
import { network } from '../src/index.ts';
import { hierarchyAt } from '../src/runtime/empirical/hierarchy/index.ts';
import { initialise } from '../src/runtime/empirical/index.ts';
import { accumulateMoments } from '../src/runtime/empirical/moments.ts';
import { normals } from '../src/runtime/empirical/random.ts';

const [N, D, WIDTH, SAMPLES] = [4, 3, 6, 3000];
const x = normals(N * D, 1, 4);
const rows = Array.from({ length: N }, (_, i) => x.subarray(i * D, (i + 1) * D));
const tuples = [
  [0, 1],
  [0, 1, 2],
  [0, 1, 2, 3],
  [2, 1, 0, 0],
  [3, 3, 1, 2],
];
/** Of five z-scores the largest is above 4.5 with probability below 1e-4; the seeds are fixed, so this cannot flicker. */
const LIMIT = 4.5;

describe.each([{ op: 'erf' }, { op: 'sin', phase: 0.4 }])('two layers with $op', (activation) => {
  const net = network({
    input: { shape: [D] },
    layers: [{ op: 'dense', wStd: 1.2 }, activation, { op: 'dense', wStd: 0.8 }],
  });
  const program = finiteNetwork(net, { width: WIDTH, outputs: 1 });
  const moments = accumulateMoments(tuples.length);
  for (let seed = 0; seed < SAMPLES; seed++) {
    const values = hierarchyAt(program, initialise(program, seed), x, N, tuples);
    moments.add(values.map((value, k) => value * WIDTH ** (tuples[k]!.length / 2 - 1)));
  }
  const { mean, standardError } = moments.result();
  const expected = expectedHierarchy(net, rows, tuples);
  const zScores = (values: Float64Array) =>
    [...values].map((value, k) => Math.abs(mean[k]! - value) / standardError[k]!);

  it('agrees with the mean of finite networks', () => {
    expect(Math.max(...zScores(expected))).toBeLessThan(LIMIT);
  });

  it('would not if K4 were wrong by a half', () => {
    const ofK4 = zScores(expected.map((value) => 1.5 * value)).slice(2);
    expect(Math.max(...ofK4)).toBeGreaterThan(2 * LIMIT);
  });
});
