/** Parameters of a finite network: one entry for each parametrised layer of its tensor program, in their order. */
import { NtkcError } from '../../errors.ts';
import type { DenseNode, TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { blocksOf } from './layerBlocks.ts';
import { normals, type Seed, subStream } from './random.ts';

export interface LayerParameters {
  /**
   * W[o i], row-major [width, fanIn]: the raw parameter, before weightScale. Of a convolution i runs over the offsets of
   * its window, row-major, and within each over the channels. Where positions do not share weights, W[P o i].
   */
  readonly W: Float64Array;
  /** b[o], [width], or b[P o]; absent where the layer has no bias. */
  readonly b?: Float64Array;
}

export type Parameters = readonly LayerParameters[];

/** As product.md fixes it for files: [{ "W": [[...]], "b": [...] }, ...]. */
export type ParametersJson = readonly { readonly W: readonly (readonly number[])[]; readonly b?: readonly number[] }[];

/** For each layer the first node that uses it. */
export const denseNodes = (program: TensorProgram): readonly DenseNode[] =>
  Array.from({ length: program.layers }, (_, layer) => {
    const [first] = usesOf(program, layer);
    if (first === undefined) throw new Error(`ntkc bug: tensor program: no node uses layer ${layer}`);
    return first;
  });

/** The nodes that share the parameters of a layer. */
export const usesOf = ({ nodes }: TensorProgram, layer: number): readonly DenseNode[] =>
  nodes.filter((node): node is DenseNode => node.kind === 'dense' && node.layer === layer);

/** Rows of a layer's W, and entries of its b. */
export const rowsOf = (node: DenseNode): number => blocksOf(node) * node.width;

/**
 * Independent draws: W ~ N(0, weightStd²), b ~ N(0, bias.std²), a stream of its own for each (seed, layer, W or b).
 * The same program and seed give the same parameters, on every machine with the same Math.log.
 * @throws NtkcError where the seed is not made of integers.
 */
export function initialise(program: TensorProgram, seed: Seed): Parameters {
  return denseNodes(program).map((node) => {
    const rows = rowsOf(node);
    const W = normals(rows * node.fanIn, node.weightStd, subStream(seed, node.layer, 0));
    if (node.bias === undefined) return { W };
    return { W, b: normals(rows, node.bias.std, subStream(seed, node.layer, 1)) };
  });
}

/**
 * Parameters read from JSON, checked against the program.
 * A "b" for a layer without bias is checked, then left out: its factor bStd is zero, or in standard parameterization it is.
 * @throws NtkcError with the path of the first entry that does not fit, e.g. "[2].W[1][3]".
 */
export function parametersFromJson(json: unknown, program: TensorProgram): Parameters {
  const dense = denseNodes(program);
  if (!Array.isArray(json) || json.length !== dense.length) {
    const what = Array.isArray(json) ? `parameters for ${json.length} layers` : 'parameters are not a list';
    throw new NtkcError({ what, expected: `a list of ${dense.length} entries {"W": [[...]], "b": [...]}` });
  }
  return dense.map((node, index) => layerFromJson(json[index], node, `[${index}]`));
}

export function parametersToJson(parameters: Parameters, program: TensorProgram): ParametersJson {
  return denseNodes(program).map((node, index) => {
    const { W, b } = parameters[index]!;
    const row = (o: number) => [...W.subarray(o * node.fanIn, (o + 1) * node.fanIn)];
    const rows = Array.from({ length: rowsOf(node) }, (_, o) => row(o));
    return b === undefined ? { W: rows } : { W: rows, b: [...b] };
  });
}

function layerFromJson(json: unknown, node: DenseNode, where: string): LayerParameters {
  const { fanIn, bias } = node;
  const width = rowsOf(node);
  const expected = `{"W": [${width} rows of ${fanIn} numbers]${bias ? `, "b": [${width} numbers]` : ''}}`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new NtkcError({ what: 'not the parameters of a layer', where, expected });
  }
  const rows: unknown = Reflect.get(json, 'W');
  if (!Array.isArray(rows) || rows.length !== width) {
    throw new NtkcError({ what: 'W has the wrong number of rows', where: `${where}.W`, expected: `${width} rows` });
  }
  const W = new Float64Array(width * fanIn);
  for (let o = 0; o < width; o++) W.set(numbers(rows[o], fanIn, `${where}.W[${o}]`), o * fanIn);
  const offsets: unknown = Reflect.get(json, 'b');
  if (bias === undefined && offsets === undefined) return { W };
  const b = Float64Array.from(numbers(offsets, width, `${where}.b`));
  const wrong = node.biasIsZero ? b.findIndex((value) => value !== 0) : -1;
  if (wrong >= 0)
    throw new NtkcError({
      what: 'a bias of a layer that has none: its bStd is 0 in standard parameterization',
      where: `${where}.b[${wrong}]`,
      expected: '0, or no "b"',
      next: 'Give the layer a bStd.',
    });
  return bias === undefined ? { W } : { W, b };
}

function numbers(json: unknown, length: number, where: string): readonly number[] {
  if (!Array.isArray(json) || json.length !== length) {
    throw new NtkcError({ what: 'a list of the wrong length', where, expected: `${length} numbers` });
  }
  const list: readonly unknown[] = json;
  return list.map((value, index) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new NtkcError({ what: 'not a finite number', where: `${where}[${index}]`, expected: 'a finite number' });
  });
}
