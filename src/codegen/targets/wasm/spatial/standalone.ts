/** A spatial kernel as a JavaScript module of its own: the bytes, their driver, and plain loops for what they leave out. */
import { type Program, positionsOf } from '../../../../ir/program/index.ts';
import { commentLines } from '../../comment.ts';
import {
  enclosed,
  engineLines,
  type Given,
  givenLines,
  givenOfSamples,
  gramLines,
  referenceBody,
} from '../../reference/index.ts';
import { embeddedLines } from '../embedded.ts';
import { spatialDriverSource } from './driver.generated.ts';
import { loadableSpatial } from './index.ts';
import { requirePlan } from './require.ts';

/** As generateWasm, for inputs with positions. @throws NtkcError where a statement has no passes */
export function generateSpatialWasm(program: Program, header: readonly string[]): string {
  const plan = requirePlan(program);
  const given = givenOfSamples(program);
  const { body, helpers } = referenceBody(program);
  const [plain, relaxed] = [loadableSpatial(plan, false), loadableSpatial(plan, true)];
  const lines = [
    commentLines(header),
    '',
    ...engineLines(helpers),
    ...enclosed('reference', 'Plain loops, for pairs that come out as NaN.', [
      ...body
        .replaceAll(/^export /gm, '')
        .trimEnd()
        .split('\n'),
      'const reference = { prepare, tile };',
    ]),
    ...enclosed('SpatialEngine', 'Runs the passes of pairs and of samples.', spatialDriverSource),
    ...constantLines(program),
    ...givenLines(program),
    ...functionLines(program, given),
    ...gramLines(program),
    '',
    '/** Which pass is called when, and what is where in memory. */',
    `const schedule = ${JSON.stringify(plain.schedule)};`,
    ...embeddedLines('The passes: ntkc generate --target wasm -o kernel.wat shows them.', plain.bytes, relaxed.bytes),
    `const engine = new SpatialEngine(await WebAssembly.compile(bytes), schedule${helpers.has('dualActivation') ? ', dualActivation' : ''});`,
  ];
  return `${lines.join('\n')}\n`;
}

const constantLines = ({ features, extents, outputs, weights }: Program): readonly string[] => [
  `export const features = ${features};`,
  `/** Positions of an input, ${extents.join(' x ')}, and numbers at each. */`,
  `export const positions = ${positionsOf(extents)};`,
  `export const channels = ${features / positionsOf(extents)};`,
  '/** Outputs of tile, in order. */',
  `export const outputs = [${outputs.map((o) => `'${o.name}'`).join(', ')}];`,
  `/** Layer weights by default${weights.length === 0 ? '; this kernel has none' : ''}. */`,
  `export const layerWeights = [${weights.map((w) => w.value).join(', ')}];`,
  '',
];

const functionLines = (program: Program, given: readonly Given[]): readonly string[] => {
  const list = (text: (g: Given) => string) => given.map((g) => `, ${text(g)}`).join('');
  const made = ({ ofSample }: Given) =>
    ofSample === 'pattern' ? 'pattern: patternsOf(given, n)' : 'present: presentOf(given, n, data)';
  const ofOne = ({ name, ofSample, size }: Given) => `${name}: ${ofSample}.subarray(k * ${size}, (k + 1) * ${size})`;
  return [
    'let batches = 0;',
    `/** Inputs to pair: inputs[n d], row-major; weights as layerWeights${given.map(({ name, shape }) => `; given.${name} ${shape}`).join('')}. */`,
    `export function prepare(inputs, n, weights = layerWeights${given.length > 0 ? ', given' : ''}) {`,
    '  const data = inputs.slice(0, n * features);',
    `  if (data.length < n * features) throw new Error('x holds fewer than ' + n + ' x ${program.features} numbers');`,
    `  return { n, weights: [...weights], data, batch: batches++${list(made)} };`,
    '}',
    '',
    '/** What plain loops give for samples i and j; on the diagonal of a symmetric tile, for i and itself. */',
    'function plainPair(a, i, b, j, isDiagonal) {',
    `  const one = ({ data, weights${list((g) => g.ofSample)} }, k) =>`,
    `    reference.prepare(data.subarray(k * features, (k + 1) * features), 1, weights${given.length > 0 ? `, { ${given.map(ofOne).join(', ')} }` : ''});`,
    '  const x = one(a, i);',
    '  const out = outputs.map(() => new Float64Array(1));',
    '  reference.tile(x, 0, 1, isDiagonal ? x : one(b, j), 0, 1, isDiagonal, out);',
    '  return out.map((k) => k[0]);',
    '}',
    '',
    ...tileLines(list(({ ofSample }) => ofSample)),
  ];
};

/** @param given names in a sample, each after a comma */
const tileLines = (given: string): readonly string[] => [
  '/**',
  ' * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.',
  ' * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.',
  ' */',
  'export function tile(a, i0, i1, b, j0, j1, symmetric, out) {',
  `  const sample = ({ data, batch${given} }, k) => ({ key: batch * 2 ** 32 + k, data, index: k${given} });`,
  '  engine.setWeights(a.weights);',
  '  for (let i = i0; i < i1; i++)',
  '    for (let j = symmetric ? Math.max(i, j0) : j0; j < j1; j++) {',
  '      const isDiagonal = symmetric && i === j;',
  '      const found = isDiagonal ? engine.diagonal(sample(a, i)) : engine.pair(sample(a, i), sample(b, j));',
  '      const values = found.every(Number.isFinite) ? found : plainPair(a, i, b, j, isDiagonal);',
  '      out.forEach((k, o) => {',
  '        k[(i - i0) * (j1 - j0) + j - j0] = values[o];',
  '      });',
  '    }',
  '  return out;',
  '}',
  '',
];
