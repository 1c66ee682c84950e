/** `ntkc hierarchy` of networks with positions: parameters of convolutions, sequences of different lengths, what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finiteNetwork } from '../../src/derive/index.ts';
import type { LayerInput } from '../../src/ir/arch/index.ts';
import { network } from '../../src/ops/vocabulary.ts';
import { hierarchyAt } from '../../src/runtime/empirical/hierarchy/index.ts';
import { initialise, parametersToJson } from '../../src/runtime/empirical/index.ts';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
});
afterAll(() => place.remove());

const layers: readonly LayerInput[] = [
  { op: 'conv', kernel: [3], bStd: 0.1 },
  { op: 'erf' },
  { op: 'convLocal', kernel: [2], padding: 'valid', bStd: 0.2 },
  { op: 'erf' },
  { op: 'selfAttention' },
  { op: 'globalAvgPool' },
  { op: 'dense' },
];
const tuples = [
  [0, 1],
  [0, 1, 1],
  [1, 0, 0, 1],
];
const args = ['hierarchy', 'net.json', '--x', 'x.json', '--tuples', 't.json', '--parameters', 'p.json'];
const sequence = (length: number, seed: number) =>
  Array.from({ length }, (_, t) => [Math.sin(seed + t * t), Math.cos(seed - 0.3 * t)]);

/** Writes the network, parameters of width 5 and samples, and gives K at the tuples by the function itself. */
function written(net: { readonly input: object; readonly layers: readonly LayerInput[] }, x: readonly number[][][]) {
  const parsed = network(net as Parameters<typeof network>[0]);
  const program = finiteNetwork(parsed, { width: 5, outputs: 1 });
  const parameters = initialise(program, 1);
  place.write({ 'net.json': net, 'p.json': parametersToJson(parameters, program), 'x.json': x, 't.json': tuples });
  return (rows: readonly number[]) => hierarchyAt(program, parameters, Float64Array.from(rows), x.length, tuples);
}

describe('hierarchy of networks with positions', () => {
  it('takes widths from parameters also where each position has its own', async () => {
    const x = [sequence(4, 1), sequence(4, 2)];
    const wanted = written({ input: { shape: [4, 2] }, layers }, x)(x.flat(2));
    const { status, stdout, stderr } = await place.ntkc(...args);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual([...wanted]);
  });

  it('takes sequences of different lengths', async () => {
    const x = [sequence(4, 1), sequence(2, 2)];
    const net = { input: { shape: [4, 2], masked: true }, layers: [layers[0]!, layers[1]!, ...layers.slice(-3)] };
    const row = [...x[0]!.flat(), 1, 1, 1, 1, ...x[1]!.flat(), 0, 0, 0, 0, 1, 1, 0, 0];
    const wanted = written(net, x)(row);
    const { status, stdout, stderr } = await place.ntkc(...args);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual([...wanted]);
  });

  describe('of graphs', () => {
    const edges = [[0, 1, 1], [1, 0, 1], [1, 2, 0.5], [2, 2, 1]]; // biome-ignore format: one a line is long
    const full = [0.2, 0.8, 0, 0.8, 0, 0.2, 0, 0.2, 0.8];
    const graph = {
      input: { shape: [3, 2] },
      layers: [{ op: 'dense' }, { op: 'aggregate' }, { op: 'erf' }, { op: 'globalSumPool' }, { op: 'dense' }],
    };
    const x = [sequence(3, 1), sequence(3, 2)];

    it('takes their patterns, as matrices or edges', async () => {
      const rows = [0, 1, 0, 1, 0, 0, 0, 0.5, 1];
      const wanted = written(graph, x)([...x[0]!.flat(), ...full, ...x[1]!.flat(), ...rows]);
      place.write({ 'a.json': [[full.slice(0, 3), full.slice(3, 6), full.slice(6)], { edges }] });
      const { status, stdout, stderr } = await place.ntkc(...args, '--pattern', 'a.json');
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toEqual([...wanted]);
    });

    it.each<[string, readonly string[], RegExp]>([
      ['a graph without a pattern', args, /no patterns are given\. At net\.json\. Expected --pattern FILE/],
      [
        'a pattern of too few',
        [...args, '--pattern', 'one.json'],
        /patterns of 1 samples, for 2 inputs\. At one\.json/,
      ],
      [
        'patterns of an expectation',
        [...args.slice(0, 6), '--expected', '--pattern', 'one.json'],
        /--pattern is for --parameters with --tuples/,
      ],
      [
        'patterns of a network without graphs',
        ['hierarchy', 'line.json', ...args.slice(2), '--pattern', 'one.json'],
        /no aggregate, so it takes no patterns\. At line\.json\. Leave --pattern out\./,
      ],
    ])('refuses %s', async (_, command, says) => {
      written(graph, x);
      place.write({ 'one.json': [{ edges }], 'line.json': { input: { shape: [4, 2] }, layers } });
      const { status, stdout, stderr } = await place.ntkc(...command);
      expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, stdout: '', lines: 1 });
      expect(stderr).toMatch(says);
    });
  });

  it('names the layer whose parameters do not fit', async () => {
    const x = [sequence(4, 1), sequence(4, 2)];
    written({ input: { shape: [4, 2] }, layers }, x);
    const parameters = JSON.parse(place.read('p.json')) as { W: number[][] }[];
    parameters[1]!.W.pop();
    place.write({ 'p.json': parameters });
    const { status, stderr } = await place.ntkc(...args);
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toMatch(/p\.json: \[1\]\.W.*15 rows/);
  });

  it.each([
    ['derive', ['derive', 'net.json', '--kernel', 'k3']],
    ['generate', ['generate', 'net.json', '--kernel', 'k3']],
  ])('%s refuses terms in a line', async (_, command) => {
    written({ input: { shape: [4, 2] }, layers }, [sequence(4, 1), sequence(4, 2)]);
    const { status, stderr } = await place.ntkc(...command);
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toMatch(
      /no terms of the hierarchy for inputs with spatial axes.*net\.json: input\.shape.*hierarchyAt/,
    );
  });
});
