/** Every op of the registry, with each of its examples: all laws, Monte Carlo, both targets' sources, every kernel. */
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
import { vocabulary } from '../src/ops/vocabulary.ts';

const cases = [...vocabulary.values()].flatMap((op) =>
  op.examples.map((fields): { readonly name: string; readonly net: Network } => ({
    name: `${op.name} ${JSON.stringify(fields)}`,
    net: network({
      name: op.name,
      input: { shape: [3] },
      layers: [
        { op: 'dense', wStd: 1.1, bStd: 0.2 },
        { op: op.name, ...fields },
        { op: 'dense', wStd: 0.9 },
      ],
    }),
  })),
);

it('every op has a summary and an example', () => {
  for (const op of vocabulary.values()) {
    expect(op.summary, op.name).not.toBe('');
    expect(op.examples.length, op.name).toBeGreaterThan(0);
  }
});

describe.each(cases)('$name', ({ net }) => {
  it('obeys the laws and agrees with finite networks', async () => {
    const report = await verify(net, { widths: [32, 64, 128], samples: 40, targets: ['tfjs:cpu'] });
    expect(report.laws.filter((l) => !l.passed)).toEqual([]);
    expect(report.monteCarlo.map((k) => [k.kernel, k.verdict])).toEqual([
      ['nngp', 'agrees'],
      ['ntk', 'agrees'],
      ['wntk', 'agrees'],
    ]);
  });

  it('prints, reads back, and has source for both targets', async () => {
    expect(networkFromJson(networkToJson(net))).toEqual(net);
    for (const kernel of ['nngp', 'ntk', 'wntk', 'layerwise'] as const satisfies readonly KernelName[]) {
      const derivation = derive(net, kernel);
      for (const target of ['tfjs', 'reference'] as const)
        expect(await generate(derivation, target)).toContain('features = 3');
    }
  });
});
