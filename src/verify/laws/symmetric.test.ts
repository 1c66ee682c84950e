import { expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import type { Program } from '../../ir/program/index.ts';
import { add, mul, sym } from '../../ir/scalar/index.ts';
import { dense, gelu, network, relu, vocabulary } from '../../ops/vocabulary.ts';
import { gram } from '../../runtime/gram.ts';
import { load } from '../../runtime/load.ts';
import { defaultInputs, toInputs, withHardCases } from '../inputs.ts';
import { tolerances } from '../tolerances.ts';
import { gramLaws } from './gram.ts';
import type { Finding } from './law.ts';

const net = network({
  name: 'gelu-relu',
  input: { shape: [3] },
  layers: [dense({ wStd: 1.5, bStd: 0.5 }), gelu(), dense(), gelu(), dense(), relu(), dense()],
});

/** What the law finds at the inputs of a seed, near duplicates among them. */
async function findings(program: Program, seeds: number): Promise<readonly Finding[]> {
  const kernel = await load(program);
  const law = gramLaws.find(({ name }) => name === 'symmetric')!;
  const found: Finding[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const x = toInputs(withHardCases(defaultInputs(3, seed)), 3);
    const about = { network: net, kernels: ['ntk'], layerWeights: [], targets: [], seed, vocabulary, derive } as const;
    const compile = async () => kernel;
    found.push(
      ...(await law.run({
        ...about,
        compile,
        x,
        few: x,
        activations: [],
        gramOf: (_, how) => gram(kernel, x, how?.paired ? x : undefined),
      })),
    );
  }
  return found;
}

it('a rounding of gelu that the angle of near duplicates amplifies is no asymmetry', async () => {
  const found = await findings(derive(net, 'ntk').program, 200);
  expect(found.filter(({ error, allowed }) => !(error <= allowed))).toEqual([]);
  // Else this would test nothing.
  expect(found.filter(({ error }) => error > tolerances.symmetry.bound).length).toBeGreaterThan(5);
  // The amplification is 1/angle: 1e5 at the near duplicates, which are 1e-5 apart.
  for (const { allowed } of found) expect(allowed).toBeLessThan(1e-9);
});

it('an asymmetry of 1e-11 of generic pairs is one', async () => {
  const { outputs, ...program } = derive(net, 'ntk').program;
  const tilted = outputs.map((output) => ({ ...output, pair: add(output.pair, mul(1e-11, sym('q0_x'))) }));
  const found = await findings({ ...program, outputs: tilted }, 3);
  for (const { error, allowed } of found) expect(error).toBeGreaterThan(allowed);
});
