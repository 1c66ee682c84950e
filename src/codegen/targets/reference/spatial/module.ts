/**
 * The reference target for inputs with positions: samples one by one, then pairs one by one, each as a sequence of loops
 * over positions. Arrays of a pair are made once and used again for every pair.
 */
import { atX, atY, type Program, positionsOf, reads, type Statement } from '../../../../ir/program/index.ts';
import { symbols } from '../../../../ir/scalar/index.ts';
import { ExpressionPrinter } from '../expression.ts';
import type { LayerLoop } from '../layerLoop.ts';
import { indent } from '../naming.ts';
import type { Repeated } from './blocks.ts';
import { givenArrays, givenLines, givenOfSamples } from './given.ts';
import type { KeptLayers, Layout, Part } from './layout.ts';
import { betweenNames, blockLines, memoryLines, type PartText } from './lines.ts';
import { arrayOf, givenOf } from './steps.ts';
import { Tables } from './tables.ts';

/**
 * Constants, `prepare` and `tile` of a program with positions; the functions they call are added to `helpers`.
 * `checksGiven`: `prepare` checks what comes with the samples.
 */
export function spatialLines(
  program: Program,
  layout: Layout,
  helpers: Set<string>,
  checksGiven: boolean,
): readonly string[] {
  const tables = new Tables();
  const text = (part: Part, isPair: boolean): PartText => ({
    spans: layout.spans,
    stored: part.stored,
    between: betweenNames(part),
    places: new Map(part.memory.arrays.map(({ name, buffer }) => [name, buffer])),
    around: (block) => (isPair ? aroundPairs(block, layout) : aroundSamples(block, layout)),
    expansions: new Map(layout.expansions.map((s) => [s.name, s])),
    helpers,
    tables,
    isPair,
  });
  const functions = [
    ...(checksGiven ? givenLines(program) : []),
    ...prepareLines(program, layout, text(layout.sample, false), checksGiven),
    '',
    ...tileLines(program, layout, text(layout.pair, true)),
  ];
  for (const h of tables.helpers) helpers.add(h);
  return [
    `/** Positions of an input, ${program.extents.join(' x ')}, and numbers at each. */`,
    `export const positions = ${positionsOf(program.extents)};`,
    `export const channels = ${program.features / positionsOf(program.extents)};`,
    '',
    ...withEmpty(tables.declarations()),
    ...innerLines,
    '',
    ...functions,
  ];
}

const withEmpty = (lines: readonly string[]) => (lines.length === 0 ? [] : [...lines, '']);

const innerLines = [
  '/** Σ_c x[p c]·y[r c] */',
  'function inner(x, p, y, r) {',
  '  let sum = 0;',
  '  for (let c = 0; c < channels; c++) sum += x[p * channels + c] * y[r * channels + c];',
  '  return sum;',
  '}',
];

/** Declares the layer weights: all of them, or those that are read outside loops where there are some. */
function weightLines({ weights, outputs }: Program, { parts, layers }: Layout, isPair: boolean): readonly string[] {
  const from = isPair ? 'a.weights' : 'weights';
  if (weights.length === 0) return [];
  if (layers.size === 0) return [`const [${weights.map((w) => w.name).join(', ')}] = ${from};`];
  const outside = parts.flatMap((p) => (p.kind !== 'layers' && (p.domain === 'pair') === isPair ? [p] : []));
  const ends = isPair ? outputs.flatMap((o) => [...symbols(o.pair), ...symbols(o.self)]) : [];
  const read = new Set([...outside.flatMap(reads), ...ends]);
  return [
    ...(isPair ? ['const { weights } = a;'] : []),
    ...weights.flatMap(({ name }, i) => (read.has(name) ? [`const ${name} = weights[${i}];`] : [])),
  ];
}

function layerWeightLines({ loop, statements }: Repeated): readonly string[] {
  const read = new Set(statements.flatMap(reads));
  return [...loop.weights].flatMap(([name, { from, by }]) =>
    read.has(name) ? [`const ${name} = weights[${from} + ${by === 1 ? '' : `${by} * `}layer];`] : [],
  );
}

const isExpansion = ({ expansions }: Layout, name: string) => expansions.some((e) => e.name === name);
const keptText = (layout: Layout, name: string) => (isExpansion(layout, name) ? `${name}: ${name}At` : name);
const fieldsOf = ({ layers }: Layout) =>
  [...layers.values()].flatMap(({ field, kept }) => (kept.length > 0 ? [field] : []));

/** In a loop over layers: fresh arrays of the sample's own, and what is kept of each layer. */
function aroundSamples(block: Repeated, layout: Layout) {
  const { field, kept } = layout.layers.get(block.loop) as KeptLayers;
  const leaving = block.loop.leaving.filter(({ own }) => kept.includes(own.name));
  return {
    first: [...layerWeightLines(block), ...freshLines(block.statements, layout)],
    last: kept.length > 0 ? [`${field}.push({ ${kept.map((name) => keptText(layout, name)).join(', ')} });`] : [],
    after: leaving.map(({ name, own, layer }) => `const ${name} = ${field}[${layer}].${own.name};`),
  };
}

/** In a loop over layers: what was kept of each, at both ends. */
function aroundPairs(block: Repeated, { layers }: Layout) {
  const { field, ends } = layers.get(block.loop) as KeptLayers;
  const at = (end: (name: string) => string) =>
    ends.length > 0 ? [`const { ${ends.map((v) => `${v}: ${end(v)}`).join(', ')} } = ${end(field)}[layer];`] : [];
  return { first: [...layerWeightLines(block), ...at(atX), ...at(atY)], last: [], after: [] };
}

function prepareLines(program: Program, layout: Layout, text: PartText, checksGiven: boolean): readonly string[] {
  const { sample, kept, parts } = layout;
  const given = givenArrays(program);
  const fields = fieldsOf(layout);
  const outside = parts.filter((p): p is Exclude<typeof p, LayerLoop> => p.kind !== 'layers');
  return [
    '/**',
    ` * What is needed once a sample: inputs[n d], row-major; weights as layerWeights${[...given].map(([name, shape]) => `; given.${name} ${shape}`).join('')}.`,
    ' */',
    `export function prepare(inputs, n, weights = layerWeights${given.size > 0 ? ', given' : ''}) {`,
    ...indent([
      ...(checksGiven && given.size > 0 ? [checkedLine(program)] : []),
      ...weightLines(program, layout, false),
      ...memoryLines(sample),
      'const samples = [];',
    ]),
    '  for (let i = 0; i < n; i++) {',
    ...indent(
      [
        'const x = inputs.subarray(i * features, (i + 1) * features);',
        ...fields.map((field) => `const ${field} = [];`),
        ...freshLines(outside, layout),
        ...sample.blocks.flatMap((block) => blockLines(block, text)),
        `samples.push({ ${['x', ...kept.map((name) => keptText(layout, name)), ...fields].join(', ')} });`,
      ],
      2,
    ),
    '  }',
    '  return { n, weights, samples };',
    '}',
  ];
}

const checkedLine = (program: Program): string => {
  const one = { pattern: 'patterns: patternsOf(given, n)', present: 'present: presentOf(given, n, inputs)' };
  return `given = { ${givenOfSamples(program)
    .map(({ ofSample }) => one[ofSample])
    .join(', ')} };`;
};

/** Arrays of a sample that share no memory. */
function freshLines(statements: readonly Statement[], { sample }: Layout): readonly string[] {
  const shared = new Set(sample.memory.arrays.map((a) => a.name));
  return statements.flatMap((s) => {
    if (s.grid === undefined || !isArray(s, sample) || shared.has(s.name)) return [];
    const { size, letters } = arrayOf(s.name, s.grid);
    return [`const ${s.name} = new Float64Array(${size}); // ${letters}`];
  });
}

const isArray = (s: Statement, part: Part) =>
  part.stored.has(s.name) && s.domain !== 'pair' && s.kind !== 'expand' && !(s.kind in givenOf);

function tileLines(program: Program, layout: Layout, text: PartText): readonly string[] {
  const { pair } = layout;
  const inLayers = [...layout.layers.values()].flatMap(({ field, ends }) => (ends.length > 0 ? [field] : []));
  const ends = [...layout.ends, ...inLayers];
  const printer = new ExpressionPrinter(
    program.outputs.map((o) => o.pair),
    (name) => name,
  );
  const results = program.outputs.flatMap((o, k) => {
    const { declarations, text } = printer.print(o.pair);
    return [...declarations, `out[${k}][at] = ${text};`];
  });
  for (const h of printer.helpers) text.helpers.add(h);
  return [
    '/**',
    ' * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.',
    ' * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.',
    ' */',
    'export function tile(a, i0, i1, b, j0, j1, symmetric, out) {',
    ...indent([...weightLines(program, layout, true), 'const columns = j1 - j0;', ...memoryLines(pair)]),
    '  for (let i = i0; i < i1; i++) {',
    `    const { ${['x', ...ends.map((v) => `${v}: ${atX(v)}`)].join(', ')} } = a.samples[i];`,
    '    const from = symmetric && i > j0 ? i : j0;',
    '    for (let j = from; j < j1; j++) {',
    '      const at = (i - i0) * columns + (j - j0);',
    '      if (symmetric && i === j) {',
    ...indent(diagonalLines(program), 4),
    '        continue;',
    '      }',
    `      const { ${['x: y', ...ends.map((v) => `${v}: ${atY(v)}`)].join(', ')} } = b.samples[j];`,
    ...indent([...pair.blocks.flatMap((block) => blockLines(block, text)), ...results], 3),
    '    }',
    '  }',
    '  return out;',
    '}',
  ];
}

function diagonalLines(program: Program): readonly string[] {
  const weights = new Set(program.weights.map((w) => w.name));
  const printer = new ExpressionPrinter([], (name) => (weights.has(name) ? name : `a.samples[i].${name}`));
  return program.outputs.map((o, k) => `out[${k}][at] = ${printer.print(o.self).text};`);
}
