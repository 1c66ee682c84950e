/** Lines of loops over layers that repeat. */
import type { Program } from '../../../ir/program/index.ts';
import { variableOf } from '../reference/index.ts';
import { ordersOf, selfReads } from './groups.ts';
import type { VectorLoop } from './layers.ts';
import { bodyDepth, listLines } from './lines.ts';
import { coefficientsName, dotName, type StatementPrinter } from './statements.ts';

/** Tensors that hold what an expansion leaves out. */
export const tailsOf = (expansion: string, orders: ReturnType<typeof ordersOf>): readonly string[] => [
  ...(orders.get(expansion)?.has(0) ? [`${expansion}.tail`] : []),
  ...(orders.get(expansion)?.has(1) ? [`${dotName(expansion)}.tail`] : []),
];

const bodyOf = (loop: VectorLoop, program: Program): Program => ({
  ...program,
  statements: [...loop.self, ...loop.pair],
  outputs: [],
});

const weightLines = (loop: VectorLoop, lines: readonly string[]): readonly string[] =>
  [...loop.weights].flatMap(([name, { from, by }]) =>
    lines.some((l) => new RegExp(`\\b${name}\\b`).test(l))
      ? [`const ${name} = weights[${from} + ${by === 1 ? '' : `${by} * `}layer] ?? Number.NaN;`]
      : [],
  );

/** In selfValues: a loop whose values, those that pairs read, are kept by layer. */
export function selfLayers(loop: VectorLoop, program: Program, printer: StatementPrinter): readonly string[] {
  const body = bodyOf(loop, program);
  const orders = ordersOf(body);
  const { values, coefficients, variances } = selfReads(body);
  const inner = printer.of(body);
  const lines = loop.self.flatMap((s) => inner.lines(s, bodyDepth, orders.get(s.name) ?? new Set()));
  const names = new Set([...loop.self.map((s) => s.name), ...loop.before.map((b) => b.variable)]);
  const series = coefficients.map((c) => coefficientsName(c.expansion, c.order)).map((name) => `${name}: ${name}.a`);
  const kept = [...new Set([...values.filter((name) => names.has(name)), ...variances]), ...series];
  const tails = loop.self.flatMap((s) => (s.kind === 'expand' ? tailsOf(s.name, orders) : []));
  const before = loop.before.filter(({ own }) => own.domain === 'self');
  return [
    '',
    `// ${loop.times} layers that repeat, called as the first of them: what pairs read of each`,
    `const ${loop.field} = [];`,
    ...(tails.length > 0 ? [`const ${loop.field}Tails: tf.Tensor2D[] = [];`] : []),
    ...before.map((b) => `let ${b.variable}: tf.Tensor = ${b.initial};`),
    `for (let layer = 0; layer < ${loop.times}; layer++) {`,
    ...[
      ...weightLines(loop, lines),
      ...lines,
      ...listLines(`${loop.field}.push({ `, kept, ' });', bodyDepth),
      ...(tails.length > 0 ? [`${loop.field}Tails.push(${tails.join(', ')});`] : []),
      ...before.map((b) => `${b.variable} = ${b.own.name};`),
    ].map((l) => `  ${l}`),
    '}',
    ...leavingLines(loop, 'self', printer),
  ];
}

/** In the kernel: a loop that frees the matrices of each layer. */
export function pairLayers(loop: VectorLoop, program: Program, printer: StatementPrinter): readonly string[] {
  if (loop.pair.length === 0) return [];
  const body = bodyOf(loop, program);
  const { values } = selfReads(body);
  const inner = printer.of(body);
  const lines = loop.pair.flatMap((s) => inner.lines(s, bodyDepth + 4, new Set()));
  const names = new Set([...loop.self.map((s) => s.name), ...loop.before.map((b) => b.variable)]);
  const own = values.filter((name) => names.has(name));
  const ends = (end: 'x' | 'y', shape: string) =>
    listLines(
      'const { ',
      own.map((name) => `${name}: ${name}_${end}`),
      ` } = ${end}; // each ${shape}`,
      bodyDepth + 2,
    );
  const before = loop.before.filter((b) => b.own.domain === 'pair');
  const handed = before.map((b) => b.own.name);
  return [
    '',
    `const ${loop.field} = layersOf(x.${loop.field}, y.${loop.field});`,
    ...before.map((b) => `let ${b.variable}: tf.Tensor = ${b.initial};`),
    `for (const { layer, x, y } of ${loop.field}) {`,
    ...[
      ...weightLines(loop, lines),
      ...(own.length === 0 ? [] : [...ends('x', '[n 1]'), ...ends('y', '[1 m]')]),
      'const made = tf.tidy(() => {',
      ...lines.map((l) => `  ${l}`),
      ...listLines('return { ', handed, ' };', bodyDepth + 4).map((l) => `  ${l}`),
      '});',
      `if (layer > 0) tf.dispose([${before.map((b) => b.variable).join(', ')}]);`,
      ...before.map((b) => `${b.variable} = made.${b.own.name};`),
    ].map((l) => `  ${l}`),
    '}',
    ...leavingLines(loop, 'pair', printer),
  ];
}

/** What is read after a loop, under its own name again. */
const leavingLines = (loop: VectorLoop, domain: 'self' | 'pair', printer: StatementPrinter): readonly string[] =>
  loop.leaving
    .filter(({ own }) => own.domain === domain)
    .map((l) => printer.again(l.name, variableOf(l, loop) as string));

export const layersHelper = `
/** Values of x and of y, layer by layer. */
function layersOf<T>(x: readonly T[], y: readonly T[]): readonly { layer: number; x: T; y: T }[] {
  return x.map((own, layer) => ({ layer, x: own, y: y[layer] ?? own }));
}
`;
