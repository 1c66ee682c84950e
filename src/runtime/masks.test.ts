import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { derive } from '../derive/index.ts';
import type { LayerInput } from '../ir/arch/index.ts';
import { parseProgram, printProgram } from '../ir/program/index.ts';
import { network } from '../ops/vocabulary.ts';
import { gram } from './gram.ts';

/** Of each two positions this reads the first, `halving` both. */
const skipping: LayerInput = { op: 'conv', kernel: [1], strides: [2] };
const halving: LayerInput = { op: 'conv', kernel: [2], strides: [2] };
const mean: LayerInput = { op: 'globalAvgPool' };

const declared = (extents: readonly number[], layers: readonly LayerInput[]) =>
  network({ input: { shape: [...extents, 1], masked: true }, layers: [...layers, { op: 'dense' }] });

/** Samples that have the positions with an x. */
function inputs(...masks: readonly string[]) {
  const present = Float64Array.from([...masks.join('').replaceAll(' ', '')], (c) => (c === 'x' ? 1 : 0));
  return { data: present.slice(), n: masks.length, present };
}

interface Case {
  readonly extents: readonly number[];
  readonly layers: readonly LayerInput[];
  readonly good: string;
  readonly bad: string;
  readonly says: string;
}

const cases: Readonly<Record<string, Case>> = {
  'a convolution': {
    extents: [6],
    layers: [skipping, mean],
    good: '--x---',
    bad: '-x-x-x',
    says: 'layers[0] keeps 3 of 6 positions and reads',
  },
  'a pool after a convolution': {
    extents: [6],
    layers: [halving, { op: 'relu' }, { op: 'avgPool', window: [1], strides: [2] }, mean],
    good: 'x-----',
    bad: '--xx--',
    says: 'layers[2] keeps 2 of 3 positions and reads',
  },
  'a layer that repeats': {
    extents: [8],
    layers: [{ op: 'repeat', times: 3, layers: [skipping] }, mean],
    good: 'x-------',
    bad: '----x---',
    says: 'layers[0].layers[0] keeps 1 of 2 positions and reads',
  },
  'a layer of a branch': {
    extents: [4],
    layers: [halving, { op: 'sum', branches: [[skipping]] }, mean],
    good: '-x--',
    bad: '---x',
    says: 'layers[1].branches[0][0] keeps 1 of 2 positions and reads',
  },
  // The first reads positions 0 and 2, the second 2 and 3: of the good sample it reads none.
  'branches side by side': {
    extents: [4],
    layers: [{ op: 'concat', axis: 1, branches: [[skipping], [{ op: 'dense' }, { op: 'index', at: [[2, 4]] }]] }, mean],
    good: 'x---',
    bad: '-x--',
    says: 'the branches of layers[0] together read',
  },
  'a convolution of images': {
    extents: [3, 4],
    layers: [{ op: 'conv', kernel: [1, 1], strides: [2, 2] }, mean],
    good: '---- ---- --x-',
    bad: '-x-x xxxx ---x',
    says: 'layers[0] keeps 2 x 2 of 3 x 4 positions and reads',
  },
};

describe.each(Object.entries(cases))('where %s skips all positions of a sample', (_, testCase) => {
  const { extents, layers, good, bad, says } = testCase;
  const net = declared(extents, layers);

  it('a mean over positions is refused, and says so', async () => {
    const kernel = await compile(net, { threads: 1 });
    const what = `${says} none that the sample has, so a mean over its positions has no value. At x1[2].`;
    await expect(gram(kernel, inputs(good, good, bad, good))).rejects.toThrow(what);
    await expect(gram(kernel, inputs(good), inputs(good, bad))).rejects.toThrow('At x2[1].');
    expect([...(await gram(kernel, inputs(good, good)))].every(Number.isFinite)).toBe(true);
  });

  it('a sum over them is 0', async () => {
    const summed = layers.map((layer) => (layer === mean ? { op: 'globalSumPool' } : layer));
    const kernel = await compile(declared(extents, summed), { threads: 1 });
    const [ofGood, , , ofBad] = await gram(kernel, inputs(good, bad));
    expect(ofGood).toBeGreaterThan(0);
    expect(ofBad).toBe(0);
  });

  it.each(['nngp', 'wntk', 'layerwise'] as const)('the program of the %s prints and reads back', (kernel) => {
    const { program } = derive(net, kernel);
    expect(says).toContain(program.masks?.at(-1)?.path);
    expect(parseProgram(printProgram(program))).toEqual(program);
  });
});

it('programs whose positions stay have no masks but that of the input', () => {
  const { program } = derive(declared([4], [{ op: 'conv', kernel: [3] }, mean]), 'ntk');
  expect(program).not.toHaveProperty('masks');
});
