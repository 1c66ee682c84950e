/** Every op of the registry, with each of its examples: all laws, Monte Carlo, targets' sources, every kernel. */
import { describe, expect, it } from 'vitest';
import {
  derive,
  generate,
  type KernelName,
  type Network,
  network,
  networkFromJson,
  networkToJson,
  verify,
} from '../src/index.ts';
import { mul } from '../src/ir/scalar/index.ts';
import { exampleNetwork } from '../src/ops/example.ts';
import type { JoinRule, Kernel, Op } from '../src/ops/op.ts';
import { vocabulary } from '../src/ops/vocabulary.ts';

// maxPool has finite networks alone.
const withKernel = [...vocabulary.values()].filter((op) => op.kernel !== undefined || op.copies !== undefined);
const cases = withKernel.flatMap((op) =>
  op.examples.map((fields, at): { readonly name: string; readonly net: Network; readonly isVaried: boolean } => ({
    name: `${op.name} ${JSON.stringify(fields)}`,
    net: exampleNetwork(op, fields),
    // K3 and K4 add derivatives of φ, which other numbers in the same formula do not change.
    isVaried: at > 0 && op.name !== 'elementwise',
  })),
);

it('every op has a summary and an example', () => {
  for (const op of vocabulary.values()) {
    expect(op.summary, op.name).not.toBe('');
    expect(op.examples.length, op.name).toBeGreaterThan(0);
  }
});

describe.each(cases)('$name', ({ net, isVaried }) => {
  it('obeys the laws and agrees with finite networks', async () => {
    // Networks with positions cost as much more as they have positions; K3 and K4 have tests of their own.
    const isSpatial = net.input.shape.length > 1;
    const report = await verify(net, {
      ...((isSpatial || isVaried) && { kernels: ['nngp', 'ntk', 'wntk'] }),
      widths: isSpatial ? [16, 32, 64] : [32, 64, 128],
      samples: 40,
      targets: ['tfjs:cpu', ...(isSpatial ? ['wasm'] : [])],
    });
    expect(report.laws.filter((l) => !l.passed)).toEqual([]);
    expect(report.monteCarlo.map((k) => [k.kernel, k.verdict])).toEqual([
      ['nngp', 'agrees'],
      ['ntk', 'agrees'],
      ['wntk', 'agrees'],
    ]);
    expect(report.hierarchy.filter((r) => r.verdict === 'disagrees')).toEqual([]);
    expect(report.hierarchy.length > 0).toBe(!isSpatial && !isVaried);
  });

  it('prints, reads back, and has source for both targets', async () => {
    expect(networkFromJson(networkToJson(net))).toEqual(net);
    for (const kernel of ['nngp', 'ntk', 'wntk', 'layerwise'] as const satisfies readonly KernelName[]) {
      const derivation = derive(net, kernel);
      for (const target of ['tfjs', 'reference'] as const)
        expect(await generate(derivation, target)).toContain(`features = ${derivation.program.features}`);
    }
  });
});

describe('blocks of several joins and whole-layer ops', () => {
  const block = network({
    name: 'pre-norm block, gate, concatenation',
    input: { shape: [4] },
    layers: [
      { op: 'dense', wStd: 1.2, bStd: 0.1 },
      {
        op: 'sum',
        branches: [
          [],
          [
            { op: 'layerNorm' },
            { op: 'dense', wStd: 1.4 },
            { op: 'gelu' },
            { op: 'dropout', keep: 0.8 },
            { op: 'dense' },
          ],
        ],
      },
      { op: 'product', branches: [[], [{ op: 'relu' }, { op: 'dense', bStd: 0.3 }]] },
      { op: 'layerNorm' },
      { op: 'dense' },
      { op: 'concat', branches: [[{ op: 'erf' }], [{ op: 'cos' }, { op: 'dense' }], []] },
      { op: 'dense', wStd: 1.3 },
    ],
  });
  it('agree with finite networks', async () => {
    const { laws, monteCarlo } = await verify(block, {
      kernels: ['nngp', 'ntk'],
      widths: [24, 48, 96],
      samples: [100, 60, 40],
    });
    expect(laws.filter((l) => !l.passed)).toEqual([]);
    expect(monteCarlo.map((k) => k.verdict)).toEqual(['agrees', 'agrees']);
  });

  it('and a product without the second term of its product rule does not', async () => {
    const gate = { op: 'product', branches: [[], [{ op: 'relu' }, { op: 'dense' }]] };
    const net = network({ input: { shape: [3] }, layers: [{ op: 'dense' }, gate, { op: 'dense' }] });
    const op = vocabulary.get('product') as Op;
    const kernel: NonNullable<Op['kernel']> = (fields, context) => {
      const rule = op.kernel?.(fields, context) as JoinRule;
      const half: JoinRule = { ...rule, tangent: (b, ts, ks) => b.lift([ts[0] as Kernel, ks[1] as Kernel], mul) };
      return half;
    };
    const planted = new Map(vocabulary).set('product', { ...op, kernel });
    const settings = { kernels: ['ntk'], widths: [16, 32, 64], samples: [1000, 600, 400] } as const;
    const verdict = async (ops: typeof planted) =>
      (await verify(net, { ...settings, vocabulary: ops })).monteCarlo[0]?.verdict;
    expect([await verdict(vocabulary as typeof planted), await verdict(planted)]).toEqual(['agrees', 'disagrees']);
  });
});
