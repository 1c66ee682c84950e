/** The parts of a module whose values have positions: pairs are taken block by block, so that memory stays bounded. */
import { type Output, type Program, positionsOf } from '../../../../ir/program/index.ts';
import type { Expr } from '../../../../ir/scalar/index.ts';
import { weightLines } from '../body.ts';
import { diagonalName } from '../statements.ts';
import { type SpatialBody, spatialBody } from './body.ts';
import { spatialHelpers } from './helpers.ts';
import { onceEach, outsideLoops } from './parts.ts';
import { tablesOf } from './tables.ts';

/** What module.ts puts together. */
export interface SpatialParts {
  /** Constants before the kernel. */
  readonly constants: string;
  /** Type of x1 and x2, and of the values of samples. */
  readonly inputType: string;
  /** Statements of the kernel after its checks. */
  readonly kernel: readonly string[];
  /** Functions after it. */
  readonly functions: string;
}

/** What a block of pairs takes, in bytes, and how many samples it has on each side. */
export function blockOf(program: Program): { readonly bytes: number; readonly samples: number } {
  const { sampleBytes, pairBytes } = spatialBody(program, new Map(), tablesOf(onceEach(program)));
  const samples = Math.max(1, Math.floor(Math.sqrt(blockBytes / pairBytes)));
  return { bytes: Math.max(blockBytes, sampleBytes, pairBytes), samples };
}

/** Of one block of pairs: large enough that backends are busy, small beside the memory of any machine. */
const blockBytes = 2 ** 27;

/** What comes with the inputs, and its shape. */
interface Given {
  readonly name: 'pattern' | 'present';
  readonly type: string;
  readonly shape: readonly string[];
  readonly doc: string;
}

function givenWith({ statements, extents }: Program): readonly Given[] {
  const p = `${positionsOf(extents)}`;
  const all: readonly Given[] = [
    { name: 'pattern', type: 'tf.Tensor3D', shape: ['n', p, p], doc: 'the matrix of each over positions' },
    { name: 'present', type: 'tf.Tensor2D', shape: ['n', p], doc: '1 at the positions that each has, else 0' },
  ];
  return all.filter(({ name }) => statements.some((s) => s.kind === name));
}

export function spatialParts(program: Program, functions: ReadonlyMap<Expr, string>): SpatialParts {
  const tables = tablesOf(onceEach(program));
  const body = spatialBody(program, functions, tables);
  const given = givenWith(program);
  const own = [samplesText(program, body, given), pairsText(program, body), blocksText(program), checkText(given)].join(
    '',
  );
  const tableLines = tables.lines.length === 0 ? '' : `\n${tables.lines.join('\n')}\n`;
  return {
    constants: constantsText(program, body, given) + tableLines,
    inputType: given.length > 0 ? 'Inputs' : 'tf.Tensor2D',
    kernel: kernelLines(program),
    functions: own + spatialHelpers(own + tableLines),
  };
}

function constantsText({ extents, features }: Program, body: SpatialBody, given: readonly Given[]): string {
  const positions = positionsOf(extents);
  return `
/** Spatial extents of one input: its numbers are [${[...extents, features / positions].join(', ')}] row-major, channels last. */
export const extents: readonly number[] = [${extents.join(', ')}];

/** Memory that the tensors of one block of samples or pairs may take, as far as one sample and one pair allow. */
export const blockBytes = 2 ** ${Math.log2(blockBytes)};

/** What one sample takes in selfValues, and one pair in pairs: upper bounds. */
const sampleBytes = ${body.sampleBytes};
const pairBytes = ${body.pairBytes};
${given.length === 0 ? '' : inputsType(given)}`;
}

const inputsType = (given: readonly Given[]): string => `
/** Inputs, and what comes with them. */
export interface Inputs {
  /** [n d] */
  readonly x: tf.Tensor2D;
${given
  .map(
    ({ name, type, shape, doc }) => `  /** [${shape.join(' ')}]: ${doc}. */
  readonly ${name}: ${type};
`,
  )
  .join('')}}
`;

function kernelLines(program: Program): readonly string[] {
  const weights = weightLines(program, 'self').length > 0 ? ', weights' : '';
  const ofPairs = weightLines(program, 'pair').length > 0 ? '(a, b) => pairs(a, b, weights)' : 'pairs';
  const lines = [
    `const x = samples(x1${weights});`,
    `const y = x2 === undefined ? x : samples(x2${weights});`,
    `const values = inBlocks(x, y, ${ofPairs});`,
  ];
  const [first] = program.outputs;
  if (program.kernel !== 'layerwise')
    return [...lines, `return x2 === undefined ? withDiagonal(values, x.${diagonalName(first as Output)}) : values;`];
  return [
    ...lines,
    'const layer = (l: number, diagonal: tf.Tensor): tf.Tensor2D => {',
    '  const k: tf.Tensor2D = tf.squeeze(tf.slice(values, [l], [1]), [0]);',
    '  return x2 === undefined ? withDiagonal(k, tf.reshape(diagonal, [-1, 1])) : k;',
    '};',
    'return {',
    ...program.outputs.map((o, l) => `  ${o.name}: layer(${l}, x.${diagonalName(o)}),`),
    '};',
  ];
}

function samplesText(program: Program, { self }: SpatialBody, given: readonly Given[]): string {
  const weighted = weightLines(outsideLoops(program), 'self');
  const [parameter, argument] =
    weightLines(program, 'self').length > 0 ? [', weights: LayerWeights', ', weights'] : ['', ''];
  const [input, name, rows, cut] =
    given.length > 0
      ? ['given: Inputs', 'given', 'given.x', 'part({ ...given }, from, count)']
      : ['x: tf.Tensor2D', 'x', 'x', 'tf.slice(x, [from], [Math.min(count, n - from)])'];
  const unpacked = given.length > 0 ? ['const x = given.x;'] : [];
  return `
type Samples = ReturnType<typeof selfValues>;

/** Values of each row of x[n d] with itself, block by block. */
function samples(${input}${parameter}): Samples {
  const n = ${rows}.shape[0];
  const count = Math.max(1, Math.floor(blockBytes / sampleBytes));
  const starts = Array.from({ length: Math.ceil(n / count) }, (_, i) => i * count);
  const block = (from: number) => ${cut};
  const blocks = starts.map((from) => tf.tidy(() => selfValues(block(from)${argument})));
  const [first] = blocks;
  if (first === undefined) return selfValues(${name}${argument});
  if (blocks.length === 1) return first;
  const names = Object.keys(first) as (keyof Samples)[];
  return Object.fromEntries(names.map((name) => [name, tf.concat(blocks.map((b): tf.Tensor => b[name]))])) as Samples;
}

/**
 * Values of each row of x[n d] with itself: q is Σ(x, x)[p, p], t is Θ(x, x)[p, p], each [n p], or [n 1] where they
 * have no positions.
 */
function selfValues(${input}${parameter}) {
${[...weighted, ...unpacked, ...self].map((l) => (l === '' ? '' : `  ${l}`)).join('\n')}
}
`;
}

function pairsText(program: Program, { pair }: SpatialBody): string {
  const weighted = weightLines(outsideLoops(program), 'pair');
  const parameter = weightLines(program, 'pair').length > 0 ? ', weights: LayerWeights' : '';
  return `
/** ${program.kernel === 'layerwise' ? 'The kernels [l n m]' : 'The kernel [n m]'} of every sample in x with every one in y. */
function pairs(x: Samples, y: Samples${parameter}): ${blockType(program)} {
${[...weighted, ...pair].map((l) => (l === '' ? '' : `  ${l}`)).join('\n')}
}
`;
}

const blockType = ({ kernel }: Program): string => (kernel === 'layerwise' ? 'tf.Tensor3D' : 'tf.Tensor2D');

function blocksText(program: Program): string {
  const type = blockType(program);
  const isLayerwise = program.kernel === 'layerwise';
  const transpose = isLayerwise ? 'tf.transpose(mirrored, [0, 2, 1])' : 'tf.transpose(mirrored)';
  const [rows, columns] = isLayerwise ? [1, 2] : [0, 1];
  const any = diagonalName(program.outputs[0] as Output);
  return `
/** The kernel of all pairs, block by block; of samples with themselves, each block and its mirror image once. */
function inBlocks(x: Samples, y: Samples, f: (x: Samples, y: Samples) => ${type}): ${type} {
  const side = Math.max(1, Math.floor(Math.sqrt(blockBytes / pairBytes)));
  const starts = (s: Samples) => {
    const n = s.${any}.shape[0] ?? 0;
    return Array.from({ length: Math.ceil(n / side) }, (_, i) => i * side);
  };
  const done: ${type}[][] = [];
  for (const [i, from] of starts(x).entries()) {
    const row: ${type}[] = [];
    for (const [j, start] of starts(y).entries()) {
      const mirrored = x === y ? done[j]?.[i] : undefined;
      if (mirrored === undefined) row.push(tf.tidy(() => f(part(x, from, side), part(y, start, side))));
      else row.push(${transpose});
    }
    done.push(row);
  }
  return tf.concat(done.map((row) => tf.concat(row, ${columns})), ${rows});
}
`;
}

const checkText = (given: readonly Given[]): string =>
  given.length === 0
    ? ''
    : `
function checkGiven(name: string, inputs: Inputs): void {
  for (const own of [${['x', ...given.map((g) => g.name)].map((name) => `'${name}'`).join(', ')}] as const)
    if (inputs[own] === undefined) throw new Error(\`\${name}.\${own} is missing: \${name} is { x, ${given.map((g) => g.name).join(', ')} }\`);
  checkInputs(\`\${name}.x\`, inputs.x);
  const n = inputs.x.shape[0];
${given.map(({ name, shape }) => `  checkShape(\`\${name}.${name}\`, inputs.${name}, [${shape.join(', ')}]);\n`).join('')}}

function checkShape(name: string, x: tf.Tensor, shape: readonly number[]): void {
  if (x.shape.join() === shape.join()) return;
  throw new Error(\`\${name} has shape [\${x.shape.join(', ')}], expected [\${shape.join(', ')}]\`);
}
`;
