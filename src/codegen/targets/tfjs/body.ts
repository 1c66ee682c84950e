/** The two functions of an emitted module: values of one sample, and the kernel of pairs. */
import type { Domain, Output, Program } from '../../../ir/program/index.ts';
import { type Expr, symbols } from '../../../ir/scalar/index.ts';
import { type Group, ordersOf, selfReads, stepsOf } from './groups.ts';
import { pairLayers, selfLayers, tailsOf } from './layerLines.ts';
import { outsideLayers, partsOfVectors, readByLayers } from './layers.ts';
import { bodyDepth as depth, listLines } from './lines.ts';
import { helperNames } from './spatial/helpers.ts';
import { coefficientsName, diagonalName, ofPair, ofSample, StatementPrinter, valuesName } from './statements.ts';

export interface Body {
  /** Statements of selfValues(x[, weights]). */
  readonly self: readonly string[];
  /** Statements inside the kernel's tf.tidy. */
  readonly pair: readonly string[];
}

export function bodyOf(program: Program, functions: ReadonlyMap<Expr, string>): Body {
  const printer = new StatementPrinter(program, functions);
  return { self: selfBody(program, printer), pair: pairBody(program, printer) };
}

/** Formula activations, φ and φ', by the name of their function: phi, dphi; phi1, phi2, ... where there are several. */
export function functionNames(program: Program): ReadonlyMap<Expr, string> {
  const orders = ordersOf(program);
  const names = new Map<Expr, string>();
  const expands = program.statements.filter((s) => s.kind === 'expand');
  const several = new Set(expands.map((s) => s.phi)).size > 1;
  const indices = new Map<Expr, string>();
  for (const s of expands) {
    const index = indices.get(s.phi) ?? (several ? `${indices.size + 1}` : '');
    indices.set(s.phi, index);
    const read = orders.get(s.name);
    if (read?.has(0)) names.set(s.phi, `phi${index}`);
    if (read?.has(1)) names.set(s.dphi, `dphi${index}`);
  }
  return names;
}

function selfBody(program: Program, printer: StatementPrinter): readonly string[] {
  const orders = ordersOf(program);
  const lines = partsOfVectors(program).flatMap((part) => {
    if (part.kind === 'layers') return selfLayers(part, program, printer);
    return part.domain === 'self' ? printer.lines(part, depth - 2, orders.get(part.name) ?? new Set()) : [];
  });
  const diagonals = program.outputs
    .filter((o) => o.self.kind !== 'sym')
    .flatMap((o) => printer.value(diagonalName(o), o.self, ofSample, depth - 2));
  const fill = [...lines, ...diagonals].some((l) => l.includes('tf.fill([n, 1]'));
  return [...(fill ? ['const n = x.shape[0];'] : []), ...lines, ...diagonals, ...returned(program)];
}

/** `return { q1, t3 };`: what pairs and diagonals read. */
function returned(program: Program): readonly string[] {
  const outside = outsideLayers(program);
  const { values, coefficients, variances } = selfReads(outside, readByLayers(program));
  const orders = ordersOf(program);
  const fields = new Set([...values, ...variances, ...program.outputs.map(diagonalName)]);
  const series = coefficients.map((c) => coefficientsName(c.expansion, c.order)).map((name) => `${name}: ${name}.a`);
  const loops = partsOfVectors(program).filter((part) => part.kind === 'layers');
  const tails = [
    ...outside.statements.filter((s) => s.kind === 'expand').flatMap((s) => tailsOf(s.name, orders)),
    ...loops.filter((l) => l.self.some((s) => s.kind === 'expand')).map((l) => `...${l.field}Tails`),
  ];
  const all = [...fields, ...series, ...loops.map((l) => l.field), ...(tails.length > 0 ? ['tails'] : [])];
  const tailLines = ['// [n e], e expansions', ...listLines('const tails = tf.concat2d([', tails, '], 1);', depth - 2)];
  return [...(tails.length > 0 ? tailLines : []), ...listLines('return { ', all, ' };', depth - 2)];
}

function pairBody(program: Program, printer: StatementPrinter): readonly string[] {
  const weights = readsWeights(program) ? ', weights' : '';
  const steps = stepsOf(program).flatMap((step) =>
    step.kind === 'layers' ? pairLayers(step, program, printer) : groupLines(step, printer),
  );
  const values = program.outputs
    .filter((o) => o.pair.kind !== 'sym')
    .flatMap((o) => printer.value(valuesName(o), o.pair, ofPair, depth));
  const own = [...steps, ...values];
  const fill = own.some((l) => l.includes('tf.fill([n, m]'));
  return [
    `const x = selfValues(x1${weights});`,
    ...endLines(program, weights),
    ...(fill ? ['const [n, m] = [x1.shape[0], (x2 ?? x1).shape[0]];'] : []),
    ...own,
    '',
    ...resultLines(program),
  ];
}

/** Self values at both ends, and the names that pair statements read them by: q1_x[n 1], q1_y[1 m]. */
function endLines(program: Program, weights: string): readonly string[] {
  const { values, coefficients, variances } = selfReads(outsideLayers(program), readByLayers(program));
  const loops = partsOfVectors(program).some((part) => part.kind === 'layers');
  if (!loops && values.length + variances.length + coefficients.length === 0) return [];
  const line = (end: 'x' | 'y', shape: string) =>
    listLines(
      'const { ',
      values.map((name) => `${name}: ${name}_${end}`),
      ` } = ${end}; // each ${shape}`,
      depth,
    );
  const rows = `const y = transposed(x2 === undefined ? x : selfValues(x2${weights})); // of x2, each a row`;
  return values.length === 0 ? [rows] : [rows, ...line('x', '[n 1]'), ...line('y', '[1 m]')];
}

/** Groups of few statements stand as they are; the intermediate matrices of others are freed when they end. */
function groupLines(group: Group, printer: StatementPrinter): readonly string[] {
  printer.forgetCorrelations();
  const alone = group.statements.length - group.live.length < 2;
  const lines = group.statements.flatMap((s) => printer.lines(s, alone ? depth : depth + 2, new Set()));
  if (alone) return ['', ...lines];
  return [
    '',
    ...listLines('const { ', group.live, ' } = tf.tidy(() => {', depth),
    ...lines.map((l) => `  ${l}`),
    ...listLines('return { ', group.live, ' };', depth + 2).map((l) => `  ${l}`),
    '});',
  ];
}

function resultLines(program: Program): readonly string[] {
  const [first] = program.outputs;
  if (program.kernel !== 'layerwise' && first !== undefined)
    return [
      `return x2 === undefined ? withDiagonal(${valuesName(first)}, x.${diagonalName(first)}) : ${valuesName(first)};`,
    ];
  const field = (o: Output, value: string) => (o.name === value ? `  ${value},` : `  ${o.name}: ${value},`);
  return [
    'if (x2 !== undefined)',
    '  return {',
    ...program.outputs.map((o) => `  ${field(o, valuesName(o))}`),
    '  };',
    'return {',
    ...program.outputs.map((o) => field(o, `withDiagonal(${valuesName(o)}, x.${diagonalName(o)})`)),
    '};',
  ];
}

/** Names an emitted module declares itself; a statement must not be called like one of them. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...'tf features layerWeights x y x1 x2 n m weights selfValues transposed withDiagonal checkInputs checkWeights'.split(
    ' ',
  ),
  ...'degree reach nodes panels truncationBound expansion expand expandKinked correlation series hermiteBasis'.split(
    ' ',
  ),
  ...'legendreNodes legendreWeights unitRule phi dphi'.split(' '),
  ...'layer layersOf extents blockBytes pairBytes sampleBytes samples pairs inBlocks points given checkGiven checkShape tails'.split(
    ' ',
  ),
  ...helperNames,
]);

/** Whether selfValues takes the layer weights. */
export function readsWeights({ statements, outputs, weights }: Program): boolean {
  const expressions = [
    ...statements.flatMap((s) => (s.kind === 'map' && s.domain !== 'pair' ? [s.expr] : [])),
    ...outputs.map((o) => o.self),
  ];
  const read = new Set(expressions.flatMap(symbols));
  return weights.some((w) => read.has(w.name));
}

/** `const [mu1, , mu3] = weights;`: the layer weights that statements of a domain read, outside of loops. */
export function weightLines(program: Program, domain: 'self' | 'pair'): readonly string[] {
  const isOf = (d: Domain) => (d === 'pair') === (domain === 'pair');
  const { statements } = program.extents.length === 0 ? outsideLayers(program) : program;
  const expressions = [
    ...statements.flatMap((s) => (s.kind === 'map' && isOf(s.domain) ? [s.expr] : [])),
    ...program.outputs.map((o) => o[domain]),
  ];
  const read = new Set(expressions.flatMap(symbols));
  const names = program.weights.map((w) => (read.has(w.name) ? w.name : ''));
  while (names.at(-1) === '') names.pop();
  if (names.filter((name) => name === '').length > 2)
    return names.flatMap((name, i) => (name === '' ? [] : [`const ${name} = weights[${i}];`]));
  return names.length === 0 ? [] : listLines('const [', names, '] = weights;', 2);
}
