/** Every op of networks with positions, with each of its examples: each kernel's text against its meaning. */
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.ts';
import { gram, type LayerInput, type Network, network } from '../src/index.ts';
import { inferShapes } from '../src/ir/arch/index.ts';
import { evaluateProgram, kernelNames, type Program, positionsOf } from '../src/ir/program/index.ts';
import { exampleNetwork } from '../src/ops/example.ts';
import { vocabulary } from '../src/ops/vocabulary.ts';

// Laws and finite networks: conformance.test.ts.
const spatial = [...vocabulary.values()].filter((op) => op.exampleInput !== undefined && op.kernel !== undefined);

/** The op after an activation, so that its tangent is not its kernel, and then all pairs of positions. */
function pooledNetwork(op: (typeof spatial)[number], fields: LayerInput): Network {
  const input = { shape: op.exampleInput as readonly number[] };
  const start = [{ op: 'dense', wStd: 1.1, bStd: 0.2 }, { op: 'erf' }, { op: 'dense', bStd: 0.1 }, fields] as const;
  const shape = inferShapes(network({ input, layers: start }), vocabulary)[3]?.output ?? [];
  const end = [...(shape.length > 1 ? [{ op: 'globalAvgPool' }] : []), { op: 'dense', wStd: 0.9 }];
  return network({ name: op.name, input, layers: [...start, ...end] });
}

const n = 2;
const wave = (count: number, step: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(step * i * i + i));
const inputsOf = ({ features, extents }: Program) => ({
  n,
  data: wave(n * features, 0.7),
  patterns: wave(n * positionsOf(extents) ** 2, 0.3),
});

const cases = spatial.flatMap((op) =>
  op.examples.map((fields) => ({ op, fields, name: `${op.name} ${JSON.stringify(fields)}` })),
);

describe.each(cases)('$name', ({ op, fields }) => {
  const networks = [exampleNetwork(op, fields), pooledNetwork(op, { ...fields, op: op.name })];

  it.each(kernelNames)('%s on the reference target is what its statements mean', async (kernel) => {
    for (const net of networks) {
      const compiled = await compile(net, { kernel, target: 'reference' });
      const { program } = compiled;
      const x = inputsOf(program);
      const at = (i: number, all: Float64Array) => [...all.subarray((i * all.length) / n, ((i + 1) * all.length) / n)];
      const sample = (i: number) => ({ x: at(i, x.data), pattern: at(i, x.patterns) });
      const [diagonal, pair] = [evaluateProgram(program, sample(0)), evaluateProgram(program, sample(0), sample(1))];
      for (const [output, { name }] of program.outputs.entries()) {
        const k = await gram(compiled, x, undefined, { output });
        // Sums in another order.
        expect(k[0]).toBeCloseTo(diagonal.get(name) as number, 12);
        expect(k[1]).toBeCloseTo(pair.get(name) as number, 12);
      }
    }
  });
});
