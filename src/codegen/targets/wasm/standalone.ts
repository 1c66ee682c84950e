/** A planned tile as a JavaScript module of its own: the bytes, what feeds them, and the plain loop for what they leave out. */
import type { Program } from '../../../ir/program/index.ts';
import { planTile, type SampleValue, type TilePlan } from '../../plan/index.ts';
import { commentLines } from '../comment.ts';
import { ExpressionPrinter } from '../reference/expression.ts';
import { enclosed, engineLines, Naming, referenceBody } from '../reference/index.ts';
import { tileDriverSource } from './driver.generated.ts';
import { embeddedLines } from './embedded.ts';
import { loadableTile } from './index.ts';
import { generateSpatialWasm } from './spatial/standalone.ts';

/**
 * A standalone JavaScript module in float64, without dependencies, for Node and browsers: the names and signatures of the
 * reference module, on one thread. Same program and header, same bytes.
 */
export function generateWasm(program: Program, header: readonly string[]): string {
  if (program.extents.length > 0) return generateSpatialWasm(program, header);
  const plan = planTile(program);
  const { body, helpers } = referenceBody(program, { embedded: true });
  const lines = [
    commentLines(header),
    '',
    ...engineLines(helpers),
    ...enclosed('{ TileEngine, panelsOf }', 'Feeds the tile, block by block.', tileDriverSource),
    body,
    ...batchLines(plan),
    ...tileLines,
    ...moduleLines(plan),
  ];
  return `${lines.join('\n')}\n`;
}

/** What rows and columns of a tile read of each sample. */
function batchLines({ program, row, column, series }: TilePlan): readonly string[] {
  const weights = program.weights.map((w) => w.name);
  const naming = new Naming(program, { embedded: true, loops: true });
  const printer = new ExpressionPrinter([], (name) => (weights.includes(name) ? name : `a.${naming.self(name)}[i]`));
  const expansions = [...new Set(series.map((s) => s.expansion))].map((name) => `${name}: a.${naming.self(name)}`);
  const selfs = expansions.length === 0 ? '{}' : `{ ${expansions.join(', ')} }`;
  const values = (name: string, list: readonly SampleValue[]) =>
    list.map(({ expr }, v) => `    ${name}[${v}][i] = ${printer.print(expr).text};`);
  const arrays = (count: number) => `Array.from({ length: ${count} }, () => new Float64Array(a.n))`;
  const described = series.map((s) => `{ expansion: '${s.expansion}', order: ${s.order}, tolerance: ${s.tolerance} }`);
  return [
    '/** Hermite series of the tile. */',
    `const plan = { series: [${described.join(', ')}] };`,
    'const batches = new WeakMap();',
    '',
    '/** A prepared batch as the tile reads it. */',
    'function batchOf(a) {',
    '  const known = batches.get(a);',
    '  if (known !== undefined) return known;',
    '  const data = a.x.slice(0, a.n * features);',
    `  if (data.length < a.n * features) throw new Error('x holds fewer than ' + a.n + ' x ${program.features} numbers');`,
    ...(weights.length === 0 ? [] : [`  const [${weights.join(', ')}] = a.weights;`]),
    `  const rowValues = ${arrays(row.length)};`,
    `  const columnValues = ${arrays(column.length)};`,
    '  for (let i = 0; i < a.n; i++) {',
    ...values('rowValues', row),
    ...values('columnValues', column),
    '  }',
    `  const batch = { n: a.n, inputs: { data }, selfs: ${selfs}, rowValues, columnValues, made: new Map() };`,
    '  batches.set(a, batch);',
    '  return batch;',
    '}',
    '',
  ];
}

const tileLines: readonly string[] = [
  '/**',
  ' * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.',
  ' * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.',
  ' */',
  'export function tile(a, i0, i1, b, j0, j1, symmetric, out) {',
  '  const columns = j1 - j0;',
  '  let finite = true;',
  '  engine.run(panelsOf(plan, shape, batchOf(a), batchOf(b), symmetric), { i0, i1, j0, j1 }, (block) => {',
  '    finite &&= !block.poisoned;',
  '    for (let i = Math.max(block.i0, i0); i < block.i1; i++) {',
  '      const from = Math.min(Math.max(block.j0, j0, symmetric ? i : 0), block.j1);',
  '      const row = (i - block.i0) * block.stride - block.j0;',
  '      out.forEach((k, o) => {',
  '        const at = o * block.size + row;',
  '        k.set(block.data.subarray(at + from, at + block.j1), (i - i0) * columns + from - j0);',
  '      });',
  '    }',
  '  });',
  '  const one = outputs.map(() => new Float64Array(1));',
  '  for (let i = i0; i < i1; i++) {',
  '    const from = symmetric && i > j0 ? i : j0;',
  '    const to = !finite ? j1 : symmetric ? Math.min(i + 1, j1) : from;',
  '    for (let j = from; j < to; j++) {',
  '      const at = (i - i0) * columns + (j - j0);',
  '      if (!(symmetric && i === j) && out.every((k) => Number.isFinite(k[at]))) continue;',
  '      pairs(a, i, i + 1, b, j, j + 1, symmetric, one);',
  '      out.forEach((k, o) => {',
  '        k[at] = one[o][0];',
  '      });',
  '    }',
  '  }',
  '  return out;',
  '}',
  '',
];

function moduleLines(plan: TilePlan): readonly string[] {
  const [plain, relaxed] = [loadableTile(plan, 'float64', false), loadableTile(plan, 'float64', true)];
  return [
    '/** Sizes of the arrays of the tile. */',
    `const shape = { ${Object.entries(plain.shape)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')} };`,
    ...embeddedLines('The tile: ntkc generate --target wasm -o kernel.wat shows it.', plain.bytes, relaxed.bytes),
    'const engine = new TileEngine(await WebAssembly.compile(bytes), shape);',
  ];
}
