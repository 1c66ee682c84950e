/** Images, graphs and sequences of different lengths through the command line: what works, and what is refused in one line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, gram, network } from '../../src/index.ts';
import { writeNpy } from '../../src/runtime/io/npy.ts';
import { newWorkspace, type Workspace } from './workspace.ts';

const image = {
  input: { shape: [3, 2, 2] },
  layers: [{ op: 'conv', kernel: [2, 2], bStd: 0.1 }, { op: 'relu' }, { op: 'globalAvgPool' }, { op: 'dense' }],
};
const graph = {
  input: { shape: [3, 2] },
  layers: [{ op: 'aggregate' }, { op: 'dense', bStd: 0.1 }, { op: 'relu' }, { op: 'globalSumPool' }, { op: 'dense' }],
};
const sequence = {
  input: { shape: [4, 1], masked: true },
  layers: [{ op: 'conv', kernel: [3], bStd: 0.3 }, { op: 'relu' }, { op: 'globalAvgPool' }, { op: 'dense' }],
};
const skipping = {
  ...sequence,
  layers: [{ op: 'conv', kernel: [1], strides: [2] }, { op: 'globalAvgPool' }, { op: 'dense' }],
};
const poolSkipping = {
  ...sequence,
  layers: [{ op: 'conv', kernel: [1] }, { op: 'avgPool', window: [1], strides: [3] }, { op: 'globalAvgPool' }],
};
const maskedGraph = { ...graph, input: { ...graph.input, masked: true } };
const large = { ...image, input: { shape: [64, 64, 1] } };

const pixels = Array.from({ length: 2 * 12 }, (_, i) => Math.sin(i + 1));
const images = [0, 1].map((i) =>
  [0, 1, 2].map((h) => [0, 1].map((w) => [0, 1].map((c) => pixels[12 * i + 4 * h + 2 * w + c]))),
);
const nodes = [0, 1].map((i) => [0, 1, 2].map((p) => [i + p, 1 - i * p]));
const path = [
  [1, 1, 0],
  [1, 1, 1],
  [0, 1, 1],
];
const edge = [
  [1, 1],
  [1, 1],
];
const pair = [
  [1, 1, 0],
  [1, 1, 0],
  [0, 0, 0],
];

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  place.write({
    'image.json': image,
    'graph.json': graph,
    'masked.json': maskedGraph,
    'sequence.json': sequence,
    'skipping.json': skipping,
    'poolSkipping.json': poolSkipping,
    'large.json': large,
    'images.json': images,
    'nodes.json': nodes,
    'patterns.json': [path, pair],
    'short.json': [
      [[1], [2]],
      [[3], [1], [4], [1]],
    ],
    'blank.json': [Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => [0.5]))],
  });
  writeNpy(`${place.folder}/images.npy`, Float32Array.from(pixels), [2, 3, 2, 2]);
  writeNpy(`${place.folder}/doubles.npy`, Float64Array.from(pixels), [2, 3, 2, 2]);
  writeNpy(`${place.folder}/flat.npy`, Float64Array.from(pixels), [2, 12]);
  writeNpy(
    `${place.folder}/late.npy`,
    Float64Array.from([1, 2, 3, 4, Number.NaN, 5, Number.NaN, Number.NaN]),
    [2, 4, 1],
  );
  writeNpy(`${place.folder}/short.npy`, Float64Array.from([1, 2, Number.NaN, Number.NaN, 3, 1, 4, 1]), [2, 4, 1]);
});
afterAll(() => place.remove());

const reference = ['--target', 'reference'] as const;
async function matrix(...args: readonly string[]): Promise<readonly (readonly number[])[]> {
  const { status, stdout, stderr } = await place.ntkc('gram', ...args, ...reference);
  expect([status, stderr]).toEqual([0, expect.stringContaining('reference, float64')]);
  return JSON.parse(stdout) as number[][];
}

describe('gram', () => {
  it('takes images from nested lists and from .npy of four axes, in C order', async () => {
    const nested = await matrix('image.json', '--x1', 'images.json');
    expect(await matrix('image.json', '--x1', 'doubles.npy')).toEqual(nested);
    const kernel = await compile(network(image), { target: 'reference' });
    expect(nested.flat()).toEqual([...(await gram(kernel, { data: Float64Array.from(pixels), n: 2 }))]);
  });

  it('takes the patterns of graphs, smaller ones where nodes are absent', async () => {
    const whole = await matrix('graph.json', '--x1', 'nodes.json', '--pattern1', 'patterns.json');
    place.write({ 'fewer.json': [nodes[0], nodes[1]?.slice(0, 2)], 'smaller.json': [path, edge] });
    const masked = await matrix('masked.json', '--x1', 'fewer.json', '--pattern1', 'smaller.json');
    expect(masked[0]?.[0]).toBe(whole[0]?.[0]);
    // A node without edges has a bias of its own; an absent one has nothing.
    expect(masked[1]?.[1]).toBeLessThan(whole[1]?.[1] as number);
    const edges = (matrix: readonly (readonly number[])[]) =>
      matrix.flatMap((row, to) => row.flatMap((w, from) => (w === 0 ? [] : [[from, to, w]])));
    place.write({ 'edges.json': [{ edges: edges(path) }, pair] });
    expect(await matrix('graph.json', '--x1', 'nodes.json', '--pattern1', 'edges.json')).toEqual(whole);
    const both = ['--x2', 'nodes.json', '--pattern2', 'patterns.json'];
    const rectangle = await matrix('graph.json', '--x1', 'nodes.json', '--pattern1', 'patterns.json', ...both);
    expect(rectangle[0]?.[1]).toBe(whole[0]?.[1]);
  });

  it('takes sequences of different lengths: shorter lists, or NaN in .npy', async () => {
    expect(await matrix('sequence.json', '--x1', 'short.npy')).toEqual(
      await matrix('sequence.json', '--x1', 'short.json'),
    );
  });

  it('refuses a memory limit before it computes, with what is needed and what would fit', async () => {
    const { status, stdout, stderr } = await place.ntkc(
      'gram',
      'large.json',
      '--x1',
      'blank.json',
      '--memory-limit',
      '400',
      ...reference,
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /--memory-limit 400 is too little.*positions take \d+ MB.*large\.json.*at least \d+ MB.*about \d+ x \d+ positions/,
    );
    const least = Number(/at least (\d+) MB/.exec(stderr)?.[1]);
    expect(least).toBeGreaterThan(400);
  });
});

describe('check', () => {
  it('says where a kernel is needed, and what that takes', async () => {
    place.write({ 'flatten.json': { ...image, layers: [...image.layers.slice(0, 2), { op: 'flatten' }] } });
    const said = async (file: string) => (await place.ntkc('check', file)).stdout;
    expect(await said('large.json')).toContain('4096, and all pairs of them: 4096 x 4096 numbers');
    expect(await said('flatten.json')).toContain('6, each with itself alone: 6 numbers');
    expect(await said('sequence.json')).toContain('masked input [4, 1]');
    const { positions } = JSON.parse((await place.ntkc('check', 'large.json', '--json')).stdout);
    expect(positions).toEqual({ extents: [64, 64], span: 'all', bytes: 4 * 8 * 4096 ** 2 });
  });
});

interface Refusal {
  readonly name: string;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  readonly says: readonly (string | RegExp)[];
}
const graphOf = (patterns: unknown, name: string, ...says: readonly (string | RegExp)[]): Refusal => ({
  name,
  files: { 'p.json': patterns },
  args: ['graph.json', '--x1', 'nodes.json', '--pattern1', 'p.json'],
  says: ['p.json', ...says],
});
const refusals: readonly Refusal[] = [
  {
    name: 'flat images',
    args: ['image.json', '--x1', 'flat.npy'],
    says: ['flat.npy', '[2, 12]', '[n, 3, 2, 2]', 'image.json'],
  },
  {
    name: 'images of the wrong shape',
    files: { 'x.json': images.map((x) => x.slice(1)) },
    args: ['image.json', '--x1', 'x.json'],
    says: ['x.json', '[2, 2, 2, 2]', '[n, 3, 2, 2]'],
  },
  {
    name: 'ragged nesting',
    files: {
      'x.json': [
        images[0],
        [
          [[1, 2]],
          [
            [1, 2],
            [3, 4],
          ],
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
    },
    args: ['image.json', '--x1', 'x.json'],
    says: ['x.json', 'x[1][0]', 'ragged'],
  },
  {
    name: 'a graph without patterns',
    args: ['graph.json', '--x1', 'nodes.json'],
    says: ['nodes.json', 'needs the pattern', '--pattern1'],
  },
  {
    name: 'x2 without patterns',
    args: ['graph.json', '--x1', 'nodes.json', '--pattern1', 'patterns.json', '--x2', 'nodes.json'],
    says: ['x2 has none'],
  },
  {
    name: 'patterns of x2 without x2',
    args: ['graph.json', '--x1', 'nodes.json', '--pattern2', 'patterns.json'],
    says: ['--x2'],
  },
  {
    name: 'patterns where none are read',
    args: ['image.json', '--x1', 'images.json', '--pattern1', 'patterns.json'],
    says: ['no aggregate', '--pattern1'],
  },
  graphOf([path], 'too few patterns', 'patterns of 1 samples, for 2 inputs'),
  graphOf([path, edge], 'a pattern of the wrong size', 'pattern[1]', '[2, 2]', '[3, 3]'),
  graphOf([path, [[1, 2, 3]]], 'a pattern that is not square', 'pattern[1]', '[1, 3]'),
  graphOf([path, [[1, 2, 3], [1], [1, 2, 3]]], 'a ragged pattern', 'pattern[1][1]'),
  graphOf(
    [
      path,
      [
        [1, 2, 3],
        [1, null, 3],
        [1, 2, 3],
      ],
    ],
    'a pattern with a hole',
    'pattern[1][1][1]',
    'null',
  ),
  graphOf(
    [
      path,
      {
        edges: [
          [0, 1],
          [1, 3],
        ],
      },
    ],
    'an edge to a node that is not there',
    'pattern[1].edges[1]',
    '[1,3]',
    '0 to 2',
  ),
  graphOf([path, { edges: [[0, 1, 'x']] }], 'an edge whose weight is no number', 'pattern[1].edges[0]', '"x"'),
  graphOf([path, { nodes: [] }], 'a graph without edges', 'pattern[1]', 'an object'),
  graphOf({}, 'a pattern file without lists', 'one pattern for each sample'),
  {
    name: 'a sequence that is too long',
    files: { 'x.json': [[[1], [2], [3], [4], [5]]] },
    args: ['sequence.json', '--x1', 'x.json'],
    says: ['x.json', 'x[0]', '5 entries', 'at most 4'],
  },
  {
    name: 'a sequence of nothing',
    files: { 'x.json': [[[1]], []] },
    args: ['sequence.json', '--x1', 'x.json'],
    says: ['x.json', 'x1[1]', 'hides all of a sample'],
  },
  {
    name: 'a sequence of which a convolution skips all positions',
    args: ['skipping.json', '--x1', 'late.npy'],
    says: ['layers[0] keeps 2 of 4 positions and reads none that the sample has', 'At late.npy: x1[1].'],
  },
  {
    name: 'a sequence of which a pool skips all positions',
    args: ['poolSkipping.json', '--x1', 'short.json', '--x2', 'late.npy'],
    says: [
      'layers[1] keeps 2 of 4 positions and reads none that the sample has',
      'late.npy: x2[1].',
      'smaller strides',
    ],
  },
  {
    name: 'a sequence of which random networks skip all positions',
    args: ['skipping.json', '--x1', 'late.npy', '--samples', '2', '--width', '4'],
    says: ['layers[0] keeps 2 of 4 positions', 'At skipping.json: x1[1].'],
  },
  {
    name: 'sequences that are no lists',
    files: { 'x.json': { a: 1 } },
    args: ['sequence.json', '--x1', 'x.json'],
    says: ['x.json', 'nested lists'],
  },
];

describe('bad input', () => {
  it.each(refusals)('$name', async ({ files = {}, args, says }) => {
    place.write(files);
    const { status, stdout, stderr } = await place.ntkc('gram', ...args, ...reference);
    expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    for (const text of says)
      expect(stderr).toMatch(typeof text === 'string' ? new RegExp(text.replace(/[[\]]/g, '\\$&')) : text);
  });
});
