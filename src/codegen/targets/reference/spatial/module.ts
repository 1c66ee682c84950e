/**
 * The reference target for inputs with positions: samples one by one, then pairs one by one, each as a sequence of loops
 * over positions. Arrays of a pair are made once and used again for every pair.
 */
import { atX, atY, type Program, positionsOf, type Statement } from '../../../../ir/program/index.ts';
import { ExpressionPrinter } from '../expression.ts';
import { type Layout, layoutOf, type Part } from './layout.ts';
import { betweenNames, memoryLines, type PartText, stepLines } from './lines.ts';
import { arrayOf, givenOf } from './steps.ts';
import { Tables } from './tables.ts';

/** Constants, `prepare` and `tile` of a program with positions; the functions they call are added to `helpers`. */
export function spatialLines(program: Program, helpers: Set<string>): readonly string[] {
  const layout = layoutOf(program);
  const tables = new Tables();
  const text = (part: Part, isPair: boolean): PartText => ({
    spans: layout.spans,
    stored: part.stored,
    between: betweenNames(part),
    expansions: new Map(program.statements.flatMap((s) => (s.kind === 'expand' ? [[s.name, s]] : []))),
    helpers,
    tables,
    isPair,
  });
  const functions = [
    ...prepareLines(program, layout, text(layout.sample, false)),
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

/** What comes with the samples besides their numbers: the names of arrays, with their shapes. */
export function givenArrays(program: Program): ReadonlyMap<string, string> {
  const kinds = new Set(program.statements.map((s) => s.kind));
  return new Map([
    ...(kinds.has('pattern') ? [[givenOf.pattern, "[n p p']"] as const] : []),
    ...(kinds.has('present') ? [[givenOf.present, '[n p], 1 or 0'] as const] : []),
  ]);
}

const weightLines = (program: Program, from: string) =>
  program.weights.length === 0 ? [] : [`const [${program.weights.map((w) => w.name).join(', ')}] = ${from};`];

function prepareLines(program: Program, { sample, kept }: Layout, text: PartText): readonly string[] {
  const given = givenArrays(program);
  const shared = new Set(sample.memory.arrays.map((a) => a.name));
  const own = program.statements.filter((s) => isArray(s, sample) && !shared.has(s.name));
  const expansions = new Set(program.statements.flatMap((s) => (s.kind === 'expand' ? [s.name] : [])));
  return [
    '/**',
    ` * What is needed once a sample: inputs[n d], row-major; weights as layerWeights${[...given].map(([name, shape]) => `; given.${name} ${shape}`).join('')}.`,
    ' */',
    `export function prepare(inputs, n, weights = layerWeights${given.size > 0 ? ', given' : ''}) {`,
    ...indent([...weightLines(program, 'weights'), ...memoryLines(sample), 'const samples = [];']),
    '  for (let i = 0; i < n; i++) {',
    ...indent(
      [
        'const x = inputs.subarray(i * features, (i + 1) * features);',
        ...own.flatMap((s) => (s.grid === undefined ? [] : [freshLine(s, s.grid)])),
        ...sample.steps.flatMap((step) => stepLines(step, text)),
        `samples.push({ ${['x', ...kept.map((name) => (expansions.has(name) ? `${name}: ${name}At` : name))].join(', ')} });`,
      ],
      2,
    ),
    '  }',
    '  return { n, weights, samples };',
    '}',
  ];
}

const isArray = (s: Statement, part: Part) =>
  part.stored.has(s.name) && s.domain !== 'pair' && s.kind !== 'expand' && !(s.kind in givenOf);
const freshLine = ({ name }: Statement, grid: NonNullable<Statement['grid']>) => {
  const { size, letters } = arrayOf(name, grid);
  return `const ${name} = new Float64Array(${size}); // ${letters}`;
};

function tileLines(program: Program, { pair, ends }: Layout, text: PartText): readonly string[] {
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
    ...indent([...weightLines(program, 'a.weights'), 'const columns = j1 - j0;', ...memoryLines(pair)]),
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
    ...indent([...pair.steps.flatMap((step) => stepLines(step, text)), ...results], 3),
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

const indent = (lines: readonly string[], depth = 1): readonly string[] => lines.map((l) => '  '.repeat(depth) + l);
