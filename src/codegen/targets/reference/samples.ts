/** The function `prepare`: what is needed once a sample. */
import { type PointStatement, pointStatements, type Statement } from '../../../ir/program/index.ts';
import { ExpressionPrinter } from './expression.ts';
import type { Layers } from './layers.ts';
import { handedBy, handedNames, indent, layerWeightLines, type Naming } from './naming.ts';

export function prepareLines(naming: Naming, helpers: Set<string>): readonly string[] {
  const { program, parts } = naming;
  const selfs = pointStatements(program, 'reference').filter((s) => s.domain === 'self');
  const isExpansion = (name: string) => selfs.some((s) => s.kind === 'expand' && s.name === name);
  const names = parts.flatMap((part) =>
    part.kind === 'layers'
      ? selfsOf(part).map((s) => part.find(s.name).name)
      : part.domain === 'self'
        ? [part.name]
        : [],
  );
  const taken = new Set<string>();
  const lines = [
    '/** What is needed once a sample: x[n d], row-major; weights as layerWeights. */',
    'export function prepare(x, n, weights = layerWeights) {',
    ...indent(naming.weightLines('self')),
    ...indent(parts.flatMap(declared)),
    ...indent(runsOf(parts).flatMap((run) => runLines(run, naming, helpers, taken))),
    `  return { x, n, weights, ${names.map((n) => (isExpansion(n) ? `${n}: ${n}At` : n)).join(', ')} };`,
    '}',
  ];
  return lines.filter((l) => l.trim() !== '');
}

const selfsOf = ({ statements }: Layers): readonly PointStatement[] =>
  (statements as readonly PointStatement[]).filter((s) => s.domain === 'self');

function declared(part: Statement | Layers): readonly string[] {
  if (part.kind !== 'layers')
    return part.domain === 'self' && part.kind !== 'expand' ? [`const ${part.name} = new Float64Array(n);`] : [];
  return selfsOf(part).map((s) => {
    const { name } = part.find(s.name);
    if (s.kind === 'expand') return `const ${name}At = [];`;
    return `const ${name} = Array.from({ length: ${part.times} }, () => new Float64Array(n)); // by layer`;
  });
}

/** Statements that one loop over samples can hold: an expansion needs all variances at once. */
type Run = readonly PointStatement[] | Layers;

function runsOf(parts: readonly (Statement | Layers)[]): readonly Run[] {
  const all: (PointStatement[] | Layers)[] = [[]];
  for (const part of parts) {
    const last = all.at(-1);
    if (part.kind === 'layers') all.push(part, []);
    else if (part.domain !== 'self') continue;
    else if (part.kind === 'expand') all.push([part], []);
    else if (Array.isArray(last)) last.push(part as PointStatement);
  }
  return all.filter((run) => ('kind' in run ? selfsOf(run).length > 0 : run.length > 0));
}

function runLines(run: Run, naming: Naming, helpers: Set<string>, taken: Set<string>): readonly string[] {
  if ('kind' in run) return layersLines(run, naming, helpers, taken);
  const selfs = new Set(naming.program.statements.map((s) => s.name));
  const writer: Writer = {
    called: (name) => name,
    value: (name) => (selfs.has(name) ? naming.self(name) : name),
    isSample: (name) => selfs.has(name),
    at: '',
    embedded: naming.style.embedded,
    helpers,
  };
  return sampleLoop(run, writer);
}

/** One loop over layers, with loops over samples inside. */
function layersLines(layers: Layers, naming: Naming, helpers: Set<string>, taken: Set<string>): readonly string[] {
  const own = selfsOf(layers);
  const before = handedNames(handedBy(layers, 'self'), 'Before', taken);
  const value = (name: string): string => {
    const found = layers.find(name);
    if (found.at === 'own') return `${found.name}[layer]`;
    return found.at === 'before'
      ? (before.get(found.name) as string)
      : found.at === 'outside'
        ? naming.self(name)
        : found.name;
  };
  const writer: Writer = {
    called: (name) => layers.find(name).name,
    value,
    isSample: (name) => layers.find(name).at !== 'weight',
    at: '[layer]',
    embedded: naming.style.embedded,
    helpers,
  };
  const runs = runsOf(own) as readonly (readonly PointStatement[])[];
  return [
    ...[...before].map(([name, to]) => `let ${to} = ${naming.self(layers.carried.get(name) as string)};`),
    `for (let layer = 0; layer < ${layers.times}; layer++) {`,
    ...indent([
      ...layerWeightLines(layers, 'self'),
      ...runs.flatMap((run) => sampleLoop(run, writer)),
      ...[...before].map(([name, to]) => `${to} = ${name}[layer];`),
    ]),
    '}',
  ];
}

/** How statements of samples are written: in layers that repeat, or outside. */
interface Writer {
  /** A statement's own name, or an expansion's. */
  called(name: string): string;
  /** The array of a value. */
  value(name: string): string;
  isSample(name: string): boolean;
  /** Index of the layer, behind the name of an expansion's coefficients. */
  readonly at: string;
  readonly embedded: boolean;
  readonly helpers: Set<string>;
}

function sampleLoop(run: readonly PointStatement[], writer: Writer): readonly string[] {
  const [first] = run;
  if (first?.kind === 'expand') {
    const name = writer.called(first.name);
    const variance = writer.value(first.variance);
    const made = writer.embedded ? `expandMany(${name}, ${variance})` : `${name}.prepare(${variance})`;
    return [writer.at === '' ? `const ${name}At = ${made};` : `${name}At.push(${made});`];
  }
  const printer = new ExpressionPrinter([], (name) =>
    writer.isSample(name) ? `${writer.value(name)}[i]` : writer.value(name),
  );
  const lines = run.flatMap((s) => selfLines(s, printer, writer));
  for (const h of printer.helpers) writer.helpers.add(h);
  return ['for (let i = 0; i < n; i++) {', ...indent(lines), '}'];
}

function selfLines(s: PointStatement, printer: ExpressionPrinter, writer: Writer): readonly string[] {
  const to = `${writer.value(s.name)}[i]`;
  switch (s.kind) {
    case 'inner':
      return [
        'let squared = 0;',
        `for (let c = i * features; c < (i + 1) * features; c++) squared += x[c] * x[c];`,
        `${to} = squared * ${s.scale};`,
      ];
    case 'map': {
      const { declarations, text } = printer.print(s.expr);
      return [...declarations, `${to} = ${text};`];
    }
    case 'dual': {
      const name = writer.called(s.expansion);
      if (writer.embedded) return [`${to} = ${name}At${writer.at}.${s.order === 0 ? 'value' : 'slope'}.second[i];`];
      return [`${to} = ${name}.${s.order === 0 ? 'selfKappa' : 'selfDotKappa'}(${writer.value(s.covariance)}[i]);`];
    }
    case 'expand':
      return [];
  }
}
