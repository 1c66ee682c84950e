/** A standalone TypeScript module that computes K_r of one finite network with @tensorflow/tfjs-core, in float32. */
import { SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { commentLines } from '../../targets/comment.ts';
import { type Body, bodyOf } from '../body.ts';
import { type Forward, forwardOf } from '../forward.ts';
import { constantLines, indent, loopNames, nestedLoops, readLine, shapeOfAll } from '../module.ts';
import type { FormPlan, HierarchyPlans } from '../plans.ts';
import { formsOf } from '../prepared.ts';
import { spellTfjs } from './body.ts';
import { spellForward } from './forward.ts';

/** The module with a comment at its head: `prepare`, `one`, `all` and `contracted`. Same plans and header, same bytes. */
export function generateHierarchyTfjs(plans: HierarchyPlans, header: readonly string[]): string {
  const activations: string[] = [];
  const forward = forwardOf(plans, spellForward(activations));
  const bodies = formsOf(plans).map((form) => bodyOf(form.plan, form.tensors, spellTfjs));
  const functions = [
    ...prepareLines(forward),
    '',
    ...oneLines(plans, bodies[0]!),
    '',
    ...allLines(plans, bodies[1]!),
    ...(plans.contracted === undefined ? [] : ['', ...contractedLines(plans.contracted, bodies[2]!)]),
  ];
  const helpers = Object.entries(sources).filter(([name]) => functions.some((line) => line.includes(`${name}(`)));
  const text = [
    ...(header.length === 0 ? [] : [commentLines(header)]),
    "import * as tf from '@tensorflow/tfjs-core';",
    '',
    ...constantLines(plans, functions),
    '',
    ...functions,
    '',
    ...activations,
    ...helpers.flatMap(([, source]) => ['', source]),
    '',
  ];
  return text.join('\n');
}

const prepareLines = ({ lines, names }: Forward): readonly string[] => {
  const fields = [...new Set(['x', ...names])];
  return [
    '/** {W, b} of each layer, W[o i] row-major and b[o], before their scales. */',
    'export type Parameters = readonly { readonly W: ArrayLike<number>; readonly b?: ArrayLike<number> }[];',
    '',
    '/** Values and derivatives at n samples, which the kernel is made of. */',
    'export type Prepared = {',
    `  readonly ${SAMPLES}: number;`,
    ...fields.map((name) => `  readonly ${name}: tf.Tensor;`),
    '};',
    '',
    '/** At samples x[n features]; output: which one f is. The caller disposes of the tensors. */',
    'export function prepare(parameters: Parameters, x: tf.Tensor2D, output = 0): Prepared {',
    `  const ${SAMPLES} = x.shape[0];`,
    '  return tf.tidy(() => {',
    ...indent(indent(lines)),
    `    return { ${[SAMPLES, ...fields.map((name) => (name === 'x' ? 'x: tf.clone(x)' : name))].join(', ')} };`,
    '  });',
    '}',
  ];
};

const oneLines = ({ one, program }: HierarchyPlans, body: Body): readonly string[] => [
  '/** K at one tuple of sample indices. */',
  `export function one(prepared: Prepared, tuple: readonly number[]): tf.Scalar {`,
  `  const [${sampleNames.slice(0, program.order).join(', ')}] = tuple as [${Array.from({ length: program.order }, () => 'number').join(', ')}];`,
  `  ${readLine(one, false)}`,
  '  return tf.tidy(() => {',
  ...indent(indent(body.lines.map(({ text }) => text))),
  `    return tf.reshape<tf.Rank.R0>(${body.result}, []);`,
  '  });',
  '}',
];

/** Matrices over the first two samples, in loops over the others. */
function allLines(plans: HierarchyPlans, { lines, result }: Body): readonly string[] {
  const loops = loopNames(plans);
  const axes = [...loops.map((_, k) => k + 2), 0, 1];
  const order = axes.map((_, axis) => (axis < 2 ? loops.length + axis : axis - 2));
  const inLoop = (inside: readonly string[]) => ['tf.tidy(() => {', ...indent(inside), '});'];
  const stacked = [
    'const matrices: tf.Tensor[] = [];',
    ...nestedLoops(lines, loops, [`matrices.push(tf.keep(${result}));`], inLoop),
    `const out = tf.transpose(tf.reshape(tf.stack(matrices), [${shapeOfAll(plans, ', ')}]), [${order.join(', ')}]);`,
    'tf.dispose(matrices);',
    'return out;',
  ];
  return [
    `/** K at all tuples, [${shapeOfAll(plans, ' ')}]. The caller disposes of it. */`,
    'export function all(prepared: Prepared): tf.Tensor {',
    `  ${readLine(plans.pairs, true)}`,
    '  return tf.tidy(() => {',
    ...indent(indent(loops.length === 0 ? [...nestedLoops(lines, loops, []), `return ${result};`] : stacked)),
    '  });',
    '}',
  ];
}

const contractedLines = (form: FormPlan, body: Body): readonly string[] => [
  `/** Σ K(α, β, γ, ..)·weights[γ ..] over all but the first two samples, [${SAMPLES} ${SAMPLES}]. The caller disposes of it. */`,
  'export function contracted(prepared: Prepared, weights: tf.Tensor): tf.Tensor2D {',
  `  ${readLine(form, true)}`,
  '  return tf.tidy(() => {',
  ...indent(indent(body.lines.map(({ text }) => text))),
  `    return ${body.result} as tf.Tensor2D;`,
  '  });',
  '}',
];

const sources: Readonly<Record<string, string>> = {
  row: `/** t[at], one axis less. */
function row(t: tf.Tensor, at: number): tf.Tensor {
  const shape = t.shape.slice(1);
  return tf.reshape(tf.slice(t, [at, ...shape.map(() => 0)], [1, ...shape]), shape);
}`,
  blockOf: `/** Positions from .. from + size − 1 of one axis. */
function blockOf(t: tf.Tensor, axis: number, from: number, size: number): tf.Tensor {
  const begin = t.shape.map((_, k) => (k === axis ? from : 0));
  return tf.slice(t, begin, t.shape.map((length, k) => (k === axis ? size : length)));
}`,
  column: `/** t[n at], [n]. */
function column(t: tf.Tensor, at: number): tf.Tensor {
  const [n] = t.shape as [number, number];
  return tf.reshape(tf.slice(t, [0, at], [n, 1]), [n]);
}`,
  weights: `/** W of a layer, [o i]. */
const weights = (parameters: Parameters, layer: number, shape: [number, number]): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(parameters[layer]?.W ?? []), shape);`,
  biases: `/** b of a layer, [o]. */
const biases = (parameters: Parameters, layer: number, width: number): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from(parameters[layer]?.b ?? new Float32Array(width)));`,
};
