/** The wasm target on every op with each of its examples, and on the golden values of neural-tangents. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.ts';
import { gram, type Network, type NetworkInput, NtkcError, network } from '../src/index.ts';
import { kernelNames } from '../src/ir/program/index.ts';
import { exampleNetwork } from '../src/ops/example.ts';
import { vocabulary } from '../src/ops/vocabulary.ts';

const inputs = (n: number, seed: number) => ({
  n,
  data: Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(seed + i * i)),
});

const vectorOps = [...vocabulary.values()].filter((op) => op.exampleInput === undefined);
const cases = vectorOps.flatMap((op) =>
  op.examples.map((fields) => ({
    name: `${op.name} ${JSON.stringify(fields)}`,
    net: exampleNetwork(op, fields),
  })),
);

it('there are ops to test', () => expect(cases.length).toBeGreaterThan(20));

describe.each(cases)('$name', ({ net }: { readonly net: Network }) => {
  it('agrees with the reference, off the diagonal and on it', async () => {
    for (const kernel of kernelNames) {
      const [wasm, reference] = [
        await compile(net, { kernel, target: 'wasm' }),
        await compile(net, { kernel, target: 'reference' }),
      ];
      for (const y of [undefined, inputs(9, 2)]) {
        const [got, want] = [await gram(wasm, inputs(13, 1), y), await gram(reference, inputs(13, 1), y)];
        const scale = want.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        // Formulas keep 1e-10 of √(K_ii K_jj) on either target; closed forms differ by rounding.
        const bound = (net.layers.some((l) => l.op === 'elementwise') ? 4e-10 : 1e-12) * scale;
        got.forEach(
          (v, i) => void expect(Math.abs(v - (want[i] as number)), `${kernel} ${i}`).toBeLessThanOrEqual(bound),
        );
      }
    }
  });
});

interface Golden {
  readonly network: NetworkInput;
  readonly x1: readonly (readonly number[])[];
  readonly x2: readonly (readonly number[])[];
  readonly x1x1: Readonly<Record<'nngp' | 'ntk', readonly (readonly number[])[]>>;
  readonly x1x2: Readonly<Record<'nngp' | 'ntk', readonly (readonly number[])[]>>;
}
const folder = join(import.meta.dirname, 'oracle/kernels');
const goldens = readdirSync(folder)
  .filter((file) => file.startsWith('mlp-'))
  .map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden] as const);

/** The network, or undefined where one of its ops is still to come. */
function derivable(net: NetworkInput): Network | undefined {
  try {
    return network(net);
  } catch (error) {
    if (error instanceof NtkcError) return undefined;
    throw error;
  }
}
const ready = goldens.flatMap(([name, golden]) => {
  const net = derivable(golden.network);
  return net === undefined ? [] : [{ name, golden, net }];
});

it('there are golden files', () => expect(ready.length).toBeGreaterThan(12));

describe.each(ready)('golden $name', ({ name, golden, net }) => {
  it.each(['nngp', 'ntk'] as const)('%s', async (kernel) => {
    const compiled = await compile(net, { kernel, target: 'wasm' });
    for (const [block, x2] of [
      ['x1x1', undefined],
      ['x1x2', golden.x2],
    ] as const) {
      const got = await gram(compiled, golden.x1, x2);
      const columns = (x2 ?? golden.x1).length;
      const want = golden[block][kernel].flat();
      const largest = Math.max(...want.map(Math.abs));
      got.forEach((v, at) => {
        const [i, j] = [Math.floor(at / columns), at % columns];
        // As for the reference (test/oracle.test.ts): equal and opposite inputs lose half their digits in the peer.
        const special = x2 === undefined ? i === j : (i === 1 && j === 0) || (i === 2 && j === 1);
        const formula = JSON.stringify(golden.network).includes('elementwise');
        const relative = name === 'mlp-tanh' ? 2e-4 : formula ? 1e-6 : special ? 1e-7 : 1e-10;
        const scale = name === 'mlp-tanh' ? largest : Math.abs(want[at] as number);
        expect(Math.abs(v - (want[at] as number)), `${block}[${i}][${j}]`).toBeLessThanOrEqual(relative * scale);
      });
    }
  });
});
