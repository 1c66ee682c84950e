/** Lines of loops over layers that repeat. */
import type { Program } from '../../../ir/program/index.ts';
import { ordersOf, selfReads } from './groups.ts';
import type { LayerLoop } from './layers.ts';
import { bodyDepth, listLines } from './lines.ts';
import { coefficientsName, dotName, type StatementPrinter } from './statements.ts';

/** Tensors that hold what an expansion leaves out. */
export const tailsOf = (expansion: string, orders: ReturnType<typeof ordersOf>): readonly string[] => [
  ...(orders.get(expansion)?.has(0) ? [`${expansion}.tail`] : []),
  ...(orders.get(expansion)?.has(1) ? [`${dotName(expansion)}.tail`] : []),
];

const bodyOf = (loop: LayerLoop, program: Program): Program => ({
  ...program,
  statements: [...loop.self, ...loop.pair],
  outputs: [],
});

const weightLines = (loop: LayerLoop, lines: readonly string[]): readonly string[] =>
  [...loop.weights].flatMap(([name, { from, by }]) =>
    lines.some((l) => new RegExp(`\\b${name}\\b`).test(l))
      ? [`const ${name} = weights[${from} + ${by === 1 ? '' : `${by} * `}layer] ?? Number.NaN;`]
      : [],
  );

/** In selfValues: a loop whose values, those that pairs read, are kept by layer. */
export function selfLayers(loop: LayerLoop, program: Program, printer: StatementPrinter): readonly string[] {
  const body = bodyOf(loop, program);
  const orders = ordersOf(body);
  const { values, coefficients, variances } = selfReads(body);
  const inner = printer.of(body);
  const lines = loop.self.flatMap((s) => inner.lines(s, bodyDepth, orders.get(s.name) ?? new Set()));
  const names = new Set([...loop.self.map((s) => s.name), ...loop.before.map((b) => b.variable)]);
  const series = coefficients.map((c) => coefficientsName(c.expansion, c.order)).map((name) => `${name}: ${name}.a`);
  const kept = [...new Set([...values.filter((name) => names.has(name)), ...variances]), ...series];
  const tails = loop.self.flatMap((s) => (s.kind === 'expand' ? tailsOf(s.name, orders) : []));
  const before = loop.before.filter((b) => b.domain === 'self');
  const leaving = loop.leaving.filter((l) => l.domain === 'self');
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
      ...before.map((b) => `${b.variable} = ${b.name};`),
    ].map((l) => `  ${l}`),
    '}',
    ...leaving.map((l) => left(l.name, l.variable, printer)),
  ];
}

/** In the kernel: a loop that frees the matrices of each layer. */
export function pairLayers(loop: LayerLoop, program: Program, printer: StatementPrinter): readonly string[] {
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
  const before = loop.before.filter((b) => b.domain === 'pair');
  const leaving = loop.leaving.filter((l) => l.domain === 'pair');
  const handed = before.map((b) => b.name);
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
      ...before.map((b) => `${b.variable} = made.${b.name};`),
    ].map((l) => `  ${l}`),
    '}',
    ...leaving.map((l) => left(l.name, l.variable, printer)),
  ];
}

const left = (name: string, variable: string, printer: StatementPrinter): string => {
  const declared = printer.declare(name);
  return `${declared} = ${variable}${declared.endsWith('tf.Tensor2D') ? ' as tf.Tensor2D' : ''};`;
};

export const layersHelper = `
/** Values of x and of y, layer by layer. */
function layersOf<T>(x: readonly T[], y: readonly T[]): readonly { layer: number; x: T; y: T }[] {
  return x.map((own, layer) => ({ layer, x: own, y: y[layer] ?? own }));
}
`;
