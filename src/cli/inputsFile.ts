import { extname } from 'node:path';
import { jsonPath, NtkcError } from '../errors.ts';
import { type Layer, type Network, shapeText } from '../ir/arch/index.ts';
import { positionsOf } from '../ir/program/index.ts';
import { loadArray, parseJson, readInput, readNpy } from '../runtime/io/index.ts';
import { type DenseArray, denseFromNested } from '../runtime/io/jsonArray.ts';
import type { Inputs } from '../runtime/kernel.ts';
import { absentWhereNaN, padded } from '../runtime/padded.ts';
import { type Edge, patternOfEdges } from '../runtime/patterns.ts';

/** Samples one by one. */
export function inputRows({ data, n }: Inputs): readonly Float64Array[] {
  const features = data.length / n;
  return Array.from({ length: n }, (_, i) => data.subarray(i * features, (i + 1) * features));
}

/**
 * Inputs [n, ...shape] of the network's shape. Of a masked network, lists may be shorter and positions of a .npy all NaN.
 * @throws NtkcError naming the file
 */
export function loadInputs(file: string, network: Network, netFile: string): Inputs {
  const { shape, masked } = network.input;
  const isNpy = extname(file).toLowerCase() === '.npy';
  if (masked === true && !isNpy) return loadPadded(file, shape);
  const array = masked === true ? readNpy(file) : wholeArray(file, network, netFile);
  const [n = 0, ...sample] = array.shape;
  if (sample.length !== shape.length || sample.some((size, i) => size !== shape[i]))
    throw new NtkcError({
      what: `the inputs have the shape ${shapeText(array.shape)}`,
      where: file,
      expected: `[n, ${shape.join(', ')}]: the input.shape of ${netFile} is ${shapeText(shape)}`,
    });
  const data = array.data instanceof Float64Array ? array.data : Float64Array.from(array.data);
  return masked === true ? absentWhereNaN(data, n, shape.at(-1) ?? 1) : { data, n };
}

/** Of a network without a mask: sequences and graphs of different sizes are what one is for. */
function wholeArray(file: string, { input }: Network, netFile: string): DenseArray {
  try {
    return loadArray(file);
  } catch (error) {
    if (!(error instanceof NtkcError) || input.shape.length < 2 || !error.what.startsWith('ragged')) throw error;
    const next = `For samples of different sizes write "masked": true beside the input.shape of ${netFile}.`;
    throw new NtkcError({ ...error.complaint(), next });
  }
}

function loadPadded(file: string, shape: readonly number[]): Inputs {
  const value = parseJson(readInput(file), file);
  return blaming(file, () => {
    if (!Array.isArray(value)) throw new NtkcError({ what: 'no list', expected: 'nested lists, one a sample' });
    return padded(value, { extents: shape.slice(0, -1), features: positionsOf(shape) }, 'x');
  });
}

/**
 * The inputs with their patterns, [n, P, P] in all or, of a masked network, smaller ones for samples with fewer positions.
 * @throws NtkcError naming the file
 */
export function withPatterns(inputs: Inputs, file: string | undefined, network: Network): Inputs {
  if (file === undefined) return inputs;
  const { shape, masked } = network.input;
  const positions = positionsOf(shape.slice(0, -1));
  const samples = extname(file).toLowerCase() === '.npy' ? rowsOf(loadArray(file)) : rowsOfJson(file, positions);
  if (samples.length !== inputs.n)
    throw new NtkcError({ what: `patterns of ${samples.length} samples, for ${inputs.n} inputs`, where: file });
  const patterns = new Float64Array(inputs.n * positions ** 2);
  samples.forEach(({ data, shape: [rows = 0, columns, ...rest] }, i) => {
    const fits = rows === columns && rest.length === 0 && (rows === positions || (masked === true && rows < positions));
    if (!fits)
      throw new NtkcError({
        what: `a pattern of shape ${shapeText([rows, ...(columns === undefined ? [] : [columns]), ...rest])}`,
        where: `${file}: ${jsonPath('pattern', [i])}`,
        expected: `${shapeText([positions, positions])}: one number for each pair of positions`,
      });
    for (let p = 0; p < rows; p++)
      patterns.set(data.subarray(p * rows, (p + 1) * rows), i * positions ** 2 + p * positions);
  });
  return { ...inputs, patterns };
}

/** Whether patterns come with the inputs of a network of these layers. */
export const aggregates = (layers: readonly Layer[]): boolean =>
  layers.some(
    ({ op, layers = [], branches = [] }) => op === 'aggregate' || aggregates(layers) || branches.some(aggregates),
  );

/** @throws NtkcError for a network that takes no patterns, which `option` gives */
export function requireAggregate({ layers }: Network, netFile: string, option: string): void {
  if (aggregates(layers)) return;
  const what = 'the network has no aggregate, so it takes no patterns';
  throw new NtkcError({ what, where: netFile, next: `Leave ${option} out.` });
}

/** The samples of an array [n, ...]. */
function rowsOf({ data, shape: [n = 0, ...shape] }: DenseArray): readonly DenseArray[] {
  const size = data.length / n;
  return Array.from({ length: n }, (_, i) => ({ data: data.subarray(i * size, (i + 1) * size), shape }));
}

/** Matrices, or graphs by their edges: {"edges": [[from, to, weight], ...]}. */
function rowsOfJson(file: string, positions: number): readonly DenseArray[] {
  const value = parseJson(readInput(file), file);
  return blaming(file, () => {
    if (!Array.isArray(value)) throw new NtkcError({ what: 'no list', expected: 'one pattern for each sample' });
    return value.map((pattern, i) => {
      const name = jsonPath('pattern', [i]);
      if (!isEdges(pattern)) return denseFromNested(pattern, name);
      return { data: patternOfEdges(pattern.edges, positions, `${name}.edges`), shape: [positions, positions] };
    });
  });
}

const isEdges = (pattern: unknown): pattern is { readonly edges: readonly Edge[] } =>
  typeof pattern === 'object' && pattern !== null && 'edges' in pattern && Array.isArray(pattern.edges);

function blaming<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof NtkcError ? error.inFile(file) : error;
  }
}
