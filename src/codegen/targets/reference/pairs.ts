/** The function `tile`: the loop over pairs. */
import { type Dual, type PointStatement, resolve } from '../../../ir/program/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import { ExpressionPrinter } from './expression.ts';
import type { Layers } from './layers.ts';
import { handedBy, handedNames, indent, layerWeightLines, type Naming, readAtEnd } from './naming.ts';

export function tileLines(naming: Naming, helpers: Set<string>): readonly string[] {
  const { program, style } = naming;
  const { expressions, lines } = pairLines(naming, helpers);
  const ends = (end: 'x' | 'y', batch: string, index: string) =>
    readAtEnd(expressions, end).map((v) => `const ${v} = ${batch}.${naming.self(resolve(v).name)}[${index}];`);
  return [
    '/**',
    ' * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.',
    ' * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.',
    ' */',
    `${style.embedded ? 'function pairs' : 'export function tile'}(a, i0, i1, b, j0, j1, symmetric, out) {`,
    ...indent(program.weights.length === 0 ? [] : ['const { weights } = a;', ...naming.weightLines('pair')]),
    '  const columns = j1 - j0;',
    '  for (let i = i0; i < i1; i++) {',
    ...indent(ends('x', 'a', 'i'), 2),
    '    const from = symmetric && i > j0 ? i : j0;',
    '    for (let j = from; j < j1; j++) {',
    '      const at = (i - i0) * columns + (j - j0);',
    '      if (symmetric && i === j) {',
    ...indent(diagonalLines(naming), 4),
    '        continue;',
    '      }',
    ...indent(ends('y', 'b', 'j'), 3),
    ...indent(lines, 3),
    '    }',
    '  }',
    '  return out;',
    '}',
  ];
}

function diagonalLines(naming: Naming): readonly string[] {
  const printer = new ExpressionPrinter([], (name) => (naming.isWeight(name) ? name : `a.${naming.self(name)}[i]`));
  return naming.program.outputs.map((o, k) => `out[${k}][at] = ${printer.print(o.self).text};`);
}

const mapped = (statements: readonly PointStatement[]): readonly Expr[] =>
  statements.flatMap((s) => (s.kind === 'map' ? [s.expr] : []));

/** What stands in the loop over pairs, and the expressions outside loops over layers. */
function pairLines(naming: Naming, helpers: Set<string>) {
  const { parts, program } = naming;
  const plain = parts.filter((part) => part.kind !== 'layers' && part.domain === 'pair') as readonly PointStatement[];
  const expressions = [...mapped(plain), ...program.outputs.map((o) => o.pair)];
  const printer = new ExpressionPrinter(expressions, (name) => name);
  const writer: Writer = {
    called: (name) => name,
    expansion: (name, batch) => `${batch}.${naming.self(name)}`,
    value: (name) => name,
  };
  const taken = new Set<string>();
  const body = parts.flatMap((part) => {
    if (part.kind === 'layers') return layersLines(part, naming, helpers, taken);
    return part.domain === 'pair' ? statementLines(part as PointStatement, printer, writer) : [];
  });
  const ends = program.outputs.flatMap((o, k) => {
    const { declarations, text } = printer.print(o.pair);
    return [...declarations, `out[${k}][at] = ${text};`];
  });
  for (const h of printer.helpers) helpers.add(h);
  return { expressions, lines: [...body, ...ends] };
}

/** One loop over layers; what is read after it has its name again. */
function layersLines(layers: Layers, naming: Naming, helpers: Set<string>, taken: Set<string>): readonly string[] {
  const own = (layers.statements as readonly PointStatement[]).filter((s) => s.domain === 'pair');
  if (own.length === 0) return [];
  const before = handedNames(handedBy(layers, 'pair'), 'Before', taken);
  const leaving = naming.leaving(layers);
  const notHanded = [...leaving.values()].filter((name) => !before.has(name));
  const last = handedNames(notHanded, 'Last', taken);
  const lines = layerLines(own, layers, naming, before, helpers);
  return [
    ...[...before].map(([name, to]) => `let ${to} = ${layers.carried.get(name)};`),
    ...[...last].map(([, to]) => `let ${to} = 0;`),
    `for (let layer = 0; layer < ${layers.times}; layer++) {`,
    ...indent([...lines, ...[...before, ...last].map(([name, to]) => `${to} = ${name};`)]),
    '}',
    ...[...leaving].map(([name, first]) => `const ${name} = ${before.get(first) ?? last.get(first)};`),
  ];
}

/** What one layer does with a pair, `before` being what the one before has made. */
function layerLines(
  own: readonly PointStatement[],
  layers: Layers,
  naming: Naming,
  before: ReadonlyMap<string, string>,
  helpers: Set<string>,
): readonly string[] {
  const value = (name: string): string => {
    const found = layers.find(name);
    return found.at === 'before' ? (before.get(found.name) as string) : found.name;
  };
  const atEnd = (symbol: string): string => {
    const { name, at } = resolve(symbol);
    if (at === 'here') return value(name);
    const found = layers.find(name);
    return `${found.name}${found.at === 'before' ? 'Before' : ''}_${at}`;
  };
  const expressions = mapped(own);
  const printer = new ExpressionPrinter(expressions, atEnd);
  const writer: Writer = {
    called: (name) => layers.find(name).name,
    expansion: (name, batch) => naming.selfInLayers(layers, name, batch),
    value,
  };
  const ends = (end: 'x' | 'y', batch: string, index: string) =>
    readAtEnd(expressions, end).map(
      (v) => `const ${atEnd(v)} = ${naming.selfInLayers(layers, resolve(v).name, batch)}[${index}];`,
    );
  const lines = own.flatMap((s) => statementLines(s, printer, writer));
  for (const h of printer.helpers) helpers.add(h);
  return [...layerWeightLines(layers, 'pair'), ...ends('x', 'a', 'i'), ...ends('y', 'b', 'j'), ...lines];
}

/** How statements of pairs are written: in layers that repeat, or outside. */
interface Writer {
  /** A statement's own name, or an expansion's. */
  called(name: string): string;
  /** An expansion's coefficients of a prepared batch. */
  expansion(name: string, batch: string): string;
  value(name: string): string;
}

function statementLines(s: PointStatement, printer: ExpressionPrinter, writer: Writer): readonly string[] {
  const name = writer.called(s.name);
  switch (s.kind) {
    case 'inner':
      return [
        'let product = 0;',
        'for (let c = i * features, e = j * features; c < (i + 1) * features; c++, e++) product += a.x[c] * b.x[e];',
        `const ${name} = product * ${s.scale};`,
      ];
    case 'map': {
      const { declarations, text } = printer.print(s.expr);
      return [...declarations, `const ${name} = ${text};`];
    }
    case 'dual':
      return [`const ${name} = ${dual(s, writer)};`];
    case 'expand':
      return [];
  }
}

function dual(s: Dual, writer: Writer): string {
  const { called, expansion, value } = writer;
  const of = `${called(s.expansion)}.${s.order === 0 ? 'kappa' : 'dotKappa'}`;
  return `${of}(${expansion(s.expansion, 'a')}, i, ${expansion(s.expansion, 'b')}, j, ${value(s.covariance)})`;
}
