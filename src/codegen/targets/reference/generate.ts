/**
 * The reference target: the kernel program as plain JavaScript in float64, one loop over samples and one over pairs.
 * The plainest reading of the program there is; every other target is compared with it.
 */
import { type Expand, type PointStatement, type Program, pointStatements, resolve } from '../../../ir/program/index.ts';
import { type Expr, symbols } from '../../../ir/scalar/index.ts';
import { ExpressionPrinter } from './expression.ts';
import { givenArrays, spatialLines } from './spatial/module.ts';

export interface ReferenceSource {
  /** The module without the Gaussian engine: what the runtime loads. */
  readonly body: string;
  /** Helper functions the body calls: erf, dualActivation, expandMany. */
  readonly helpers: ReadonlySet<string>;
}

export interface ReferenceStyle {
  /**
   * For a module with a `tile` of its own: the loop over pairs is called `pairs` and stays inside, and a batch of variances
   * is expanded by `expandMany`.
   */
  readonly embedded: boolean;
}

/** The kernel's functions `prepare`, `tile` and `gram` as JavaScript text. */
export function referenceBody(program: Program, style: ReferenceStyle = { embedded: false }): ReferenceSource {
  const helpers = new Set<string>();
  const expansions = program.statements.filter((s) => s.kind === 'expand');
  if (expansions.length > 0) helpers.add('dualActivation');
  if (expansions.length > 0 && style.embedded) helpers.add('expandMany');
  const lines = [
    `export const features = ${program.features};`,
    `/** Outputs of tile, in order. */`,
    `export const outputs = [${program.outputs.map((o) => `'${o.name}'`).join(', ')}];`,
    `/** Layer weights by default${program.weights.length === 0 ? '; this kernel has none' : ''}. */`,
    `export const layerWeights = [${program.weights.map((w) => w.value).join(', ')}];`,
    '',
    ...expansions.flatMap((s) => expansionLines(s, helpers)),
    ...(program.extents.length > 0
      ? spatialLines(program, helpers)
      : [...prepareLines(program, helpers, style), '', ...tileLines(program, helpers, style)]),
    '',
    ...gramLines(program),
  ];
  return { body: `${lines.join('\n')}\n`, helpers };
}

function expansionLines(s: Expand, helpers: Set<string>): readonly string[] {
  const printer = new ExpressionPrinter([], (name) => name);
  const one = (e: Expr) => printer.print(e).text;
  const lines = [
    `/** Hermite expansion of phi(x) under the variance ${s.variance}. */`,
    `const ${s.name} = dualActivation({`,
    `  phi: (x) => ${one(s.phi)},`,
    `  dphi: (x) => ${one(s.dphi)},`,
    `  kinks: [${s.kinks.join(', ')}],`,
    `  tolerance: ${s.tolerance},`,
    `  maxDegree: ${s.maxDegree},`,
    `});`,
    '',
  ];
  for (const h of printer.helpers) helpers.add(h);
  return lines;
}

const weightList = (program: Program) =>
  program.weights.length === 0 ? '' : `const [${program.weights.map((w) => w.name).join(', ')}] = weights;`;

function prepareLines(program: Program, helpers: Set<string>, style: ReferenceStyle): readonly string[] {
  const selfs = pointStatements(program, 'reference').filter((s) => s.domain === 'self');
  const names = selfs.map((s) => s.name);
  const printer = new ExpressionPrinter([], (name) => (names.includes(name) ? `${name}[i]` : name));
  const lines = [
    '/** What is needed once a sample: x[n d], row-major; weights as layerWeights. */',
    'export function prepare(x, n, weights = layerWeights) {',
    ...indent([weightList(program)]),
    ...selfs.filter((s) => s.kind !== 'expand').map((s) => `  const ${s.name} = new Float64Array(n);`),
    ...segments(selfs).flatMap((segment) => indent(segmentLines(segment, printer, style))),
    `  return { x, n, weights, ${names.map((n) => (isExpansion(selfs, n) ? `${n}: ${n}At` : n)).join(', ')} };`,
    '}',
  ];
  for (const h of printer.helpers) helpers.add(h);
  return lines.filter((l) => l.trim() !== '');
}

const isExpansion = (selfs: readonly PointStatement[], name: string) =>
  selfs.some((s) => s.kind === 'expand' && s.name === name);

/** Runs of statements that one loop over samples can hold: an expansion needs all variances at once. */
function segments(selfs: readonly PointStatement[]): readonly (readonly PointStatement[])[] {
  const all: PointStatement[][] = [[]];
  for (const s of selfs) {
    if (s.kind === 'expand') all.push([s], []);
    else all.at(-1)?.push(s);
  }
  return all.filter((run) => run.length > 0);
}

function segmentLines(
  run: readonly PointStatement[],
  printer: ExpressionPrinter,
  style: ReferenceStyle,
): readonly string[] {
  const [first] = run;
  if (first?.kind === 'expand') {
    const { name, variance } = first;
    return [
      `const ${name}At = ${style.embedded ? `expandMany(${name}, ${variance})` : `${name}.prepare(${variance})`};`,
    ];
  }
  return ['for (let i = 0; i < n; i++) {', ...indent(run.flatMap((s) => selfLines(s, printer, style))), '}'];
}

function selfLines(s: PointStatement, printer: ExpressionPrinter, { embedded }: ReferenceStyle): readonly string[] {
  switch (s.kind) {
    case 'inner':
      return [
        'let squared = 0;',
        `for (let c = i * features; c < (i + 1) * features; c++) squared += x[c] * x[c];`,
        `${s.name}[i] = squared * ${s.scale};`,
      ];
    case 'map': {
      const { declarations, text } = printer.print(s.expr);
      return [...declarations, `${s.name}[i] = ${text};`];
    }
    case 'dual': {
      if (embedded) return [`${s.name}[i] = ${s.expansion}At.${s.order === 0 ? 'value' : 'slope'}.second[i];`];
      return [`${s.name}[i] = ${s.expansion}.${s.order === 0 ? 'selfKappa' : 'selfDotKappa'}(${s.covariance}[i]);`];
    }
    case 'expand':
      return [];
  }
}

function tileLines(program: Program, helpers: Set<string>, { embedded }: ReferenceStyle): readonly string[] {
  const pairs = pointStatements(program, 'reference').filter((s) => s.domain === 'pair');
  const outputs = program.outputs.map((o) => o.pair);
  const expressions = [...pairs.flatMap((s) => (s.kind === 'map' ? [s.expr] : [])), ...outputs];
  const printer = new ExpressionPrinter(expressions, (name) => name);
  const body = pairs.flatMap((s) => pairLines(s, printer));
  const ends = program.outputs.flatMap((o, k) => {
    const { declarations, text } = printer.print(o.pair);
    return [...declarations, `out[${k}][at] = ${text};`];
  });
  for (const h of printer.helpers) helpers.add(h);
  const used = (end: 'x' | 'y') =>
    [...new Set(expressions.flatMap(symbols).filter((v) => resolve(v).at === end))].sort();
  return [
    '/**',
    ' * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.',
    ' * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.',
    ' */',
    `${embedded ? 'function pairs' : 'export function tile'}(a, i0, i1, b, j0, j1, symmetric, out) {`,
    ...indent(program.weights.length === 0 ? [] : ['const { weights } = a;', weightList(program)]),
    '  const columns = j1 - j0;',
    '  for (let i = i0; i < i1; i++) {',
    ...indent(
      used('x').map((v) => `const ${v} = a.${resolve(v).name}[i];`),
      2,
    ),
    '    const from = symmetric && i > j0 ? i : j0;',
    '    for (let j = from; j < j1; j++) {',
    '      const at = (i - i0) * columns + (j - j0);',
    '      if (symmetric && i === j) {',
    ...indent(diagonalLines(program), 4),
    '        continue;',
    '      }',
    ...indent(
      used('y').map((v) => `const ${v} = b.${resolve(v).name}[j];`),
      3,
    ),
    ...indent([...body, ...ends], 3),
    '    }',
    '  }',
    '  return out;',
    '}',
  ];
}

function diagonalLines(program: Program): readonly string[] {
  const printer = new ExpressionPrinter([], (name) => (isWeight(program, name) ? name : `a.${name}[i]`));
  return program.outputs.map((o, k) => `out[${k}][at] = ${printer.print(o.self).text};`);
}
const isWeight = (program: Program, name: string) => program.weights.some((w) => w.name === name);

function pairLines(s: PointStatement, printer: ExpressionPrinter): readonly string[] {
  switch (s.kind) {
    case 'inner':
      return [
        'let product = 0;',
        'for (let c = i * features, e = j * features; c < (i + 1) * features; c++, e++) product += a.x[c] * b.x[e];',
        `const ${s.name} = product * ${s.scale};`,
      ];
    case 'map': {
      const { declarations, text } = printer.print(s.expr);
      return [...declarations, `const ${s.name} = ${text};`];
    }
    case 'dual':
      return [
        `const ${s.name} = ${s.expansion}.${s.order === 0 ? 'kappa' : 'dotKappa'}(a.${s.expansion}, i, b.${s.expansion}, j, ${s.covariance});`,
      ];
    case 'expand':
      return [];
  }
}

/** `gram` by means of prepare and tile. */
export function gramLines(program: Program): readonly string[] {
  const many = program.outputs.length > 1;
  const given = [...givenArrays(program)].map(([name, shape]) => `${name} ${shape}`);
  const also = (k: number) => (given.length > 0 ? `, given${k}` : '');
  return [
    '/**',
    ' * The whole Gram matrix of x1[n1 d] and x2[n2 d] (or of x1 with itself), row-major [n1 n2].',
    ...(given.length > 0 ? [` * given1 and given2 come with the inputs: { ${given.join('; ')} }.`] : []),
    many ? ' * Returns one matrix for each output.' : ' * Returns one Float64Array.',
    ' */',
    `export function gram(x1, n1, x2, n2 = n1, weights = layerWeights${also(1)}${also(2)}) {`,
    `  const a = prepare(x1, n1, weights${also(1)});`,
    `  const b = x2 === undefined ? a : prepare(x2, n2, weights${also(2)});`,
    `  const out = outputs.map(() => new Float64Array(n1 * n2));`,
    '  tile(a, 0, n1, b, 0, n2, a === b, out);',
    '  if (a === b) for (const k of out) for (let i = 0; i < n1; i++) for (let j = 0; j < i; j++) k[i * n1 + j] = k[j * n1 + i];',
    many ? '  return out;' : '  return out[0];',
    '}',
  ];
}

const indent = (lines: readonly string[], depth = 1): readonly string[] => lines.map((l) => '  '.repeat(depth) + l);
