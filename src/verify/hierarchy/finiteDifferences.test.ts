import { describe, expect, it } from 'vitest';
import { finiteNetwork } from '../../derive/index.ts';
import { dense, network, relu, vocabulary } from '../../ops/vocabulary.ts';
import { hierarchyAt } from '../../runtime/empirical/hierarchy/index.ts';
import { empiricalNtk } from '../../runtime/empirical/index.ts';
import { alongGradients } from './finiteDifferences.ts';
import { kinkedNodes, marginOf } from './kinks.ts';
import { type Subject, subjectOf } from './subject.ts';

const net = network({ input: { shape: [2] }, layers: [dense({ width: 2 }), relu(), dense()] });

/** Two relu neurons on one sample; the second's pre-activation is `gap`/√2. */
function subjectAt(gap: number): Subject {
  const program = finiteNetwork(net, { width: 2, outputs: 1 });
  const parameters = [{ W: Float64Array.of(0.6, -0.2, 1 + gap, -1) }, { W: Float64Array.of(0.7, -1.1) }];
  const rows = [Float64Array.of(1, 1)];
  const x = rows[0]!;
  return { network: net, program, parameters, rows, x, n: 1, kinked: kinkedNodes(program), description: '' };
}

describe('finite differences beside a kink', () => {
  it.each([1, 1e-3, -1e-3, 1e-6])('do not step over it: distance %s', (gap) => {
    const subject = subjectAt(gap);
    const { program, parameters, x } = subject;
    for (const along of [[0], [0, 0]]) {
      const [found] = alongGradients(subject, along, empiricalNtk)!;
      const [exact] = hierarchyAt(program, parameters, x, 1, [[0, 0, ...along]]);
      expect(Math.abs(found!.value - exact!)).toBeLessThanOrEqual(10 * found!.error);
    }
    // Rounding over the longest step that stays on the side: 1e-14 over 1e-6 at worst.
    expect(alongGradients(subject, [0], empiricalNtk)![0]!.error).toBeLessThan(1e-7);
  });

  it('leave no step where it is too near', () => {
    expect(alongGradients(subjectAt(1e-12), [0], empiricalNtk)).toBeUndefined();
    // Stepping over it instead, the NTK jumps: nothing converges, and the estimate says so.
    const [over] = alongGradients({ ...subjectAt(1e-12), kinked: [] }, [0], empiricalNtk)!;
    expect(over!.error).toBeGreaterThan(1);
  });
});

describe('subjectOf', () => {
  it('keeps pre-activations away from kinks', () => {
    const inputs = [
      [0.3, -1.2],
      [0.9, 0.4],
      [-0.5, 0.8],
    ];
    for (let seed = 0; seed < 10; seed++) {
      const { kinked, n } = subjectOf(net, inputs, { vocabulary, seed });
      expect({ kinked: kinked.length, n }).toEqual({ kinked: 1, n: 3 });
    }
    expect(marginOf([], [])).toBe(Number.POSITIVE_INFINITY);
  });
});
