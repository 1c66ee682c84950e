import { jsonPath, NtkcError } from '../../errors.ts';

/** A dense array, row-major: data[i j k ...] with the given shape. */
export interface DenseArray {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

const maxAxes = 32;
/** Text beyond this many numbers no longer fits one JavaScript string. */
export const mostJsonNumbers = 2e7;

/**
 * Nested lists [n, ...shape] of finite numbers as a dense array; the first element of each level gives the shape.
 * Throws NtkcError with the place ("x[3][1]") for ragged rows, entries that are no finite number, and empty lists.
 */
export function denseFromNested(value: unknown, name = 'x'): DenseArray {
  const shape = shapeOf(value, name);
  const data = new Float64Array(shape.reduce((product, size) => product * size, 1));
  let filled = 0;
  const visit = (node: unknown, path: readonly number[]): void => {
    if (path.length === shape.length) {
      data[filled++] = requireNumber(node, name, path);
      return;
    }
    const list = requireList(node, shape, name, path);
    for (let i = 0; i < list.length; i++) visit(list[i], [...path, i]);
  };
  visit(value, []);
  return { data, shape };
}

/** Nested lists as JSON text, one line for each entry of the first axis; exact (it reads back to the same numbers). */
export function printNested(data: Float64Array | Float32Array, shape: readonly number[]): string {
  const at = data.findIndex((v) => !Number.isFinite(v));
  if (at >= 0) {
    throw new NtkcError({
      what: `the result holds ${data[at]}`,
      where: jsonPath('', indicesOf(at, shape)),
      expected: 'finite numbers',
    });
  }
  if (data.length > mostJsonNumbers) {
    throw new NtkcError({
      what: `${data.length} numbers are too many for a .json file`,
      next: 'Name an .npy file as the output.',
    });
  }
  const inner = shape.slice(1);
  const size = inner.reduce((product, d) => product * d, 1);
  const rows = Array.from({ length: shape[0] ?? 1 }, (_, i) => printLevel(data, i * size, inner));
  return `[\n${rows.join(',\n')}\n]\n`;
}

/** Indices [i, j, ...] of a flat, row-major position. */
export function indicesOf(at: number, shape: readonly number[]): readonly number[] {
  const indices: number[] = [];
  let rest = at;
  for (const size of shape.toReversed()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return indices;
}

function printLevel(data: Float64Array | Float32Array, at: number, shape: readonly number[]): string {
  const [size, ...inner] = shape;
  if (size === undefined) return String(data[at]);
  const step = inner.reduce((product, d) => product * d, 1);
  return `[${Array.from({ length: size }, (_, i) => printLevel(data, at + i * step, inner)).join(',')}]`;
}

function shapeOf(value: unknown, name: string): readonly number[] {
  const shape: number[] = [];
  let node = value;
  while (Array.isArray(node)) {
    if (node.length === 0) throw emptyList(name, shape);
    if (shape.push(node.length) > maxAxes) {
      throw new NtkcError({
        what: `more than ${maxAxes} nested lists`,
        where: name,
        expected: '[n, ...shape] nested lists',
      });
    }
    node = node[0];
  }
  if (shape.length > 0) return shape;
  throw new NtkcError({
    what: `${describe(value)} instead of a list`,
    where: name,
    expected: 'nested lists of numbers',
  });
}

function requireList(
  node: unknown,
  shape: readonly number[],
  name: string,
  path: readonly number[],
): readonly unknown[] {
  const size = shape[path.length];
  if (Array.isArray(node) && node.length === size) return node;
  throw new NtkcError({
    what: Array.isArray(node)
      ? `ragged lists: this one has ${node.length} entries`
      : `${describe(node)} instead of a list`,
    where: jsonPath(name, path),
    expected: `a list of ${size} entries, as in the first one`,
  });
}

function requireNumber(node: unknown, name: string, path: readonly number[]): number {
  if (typeof node === 'number' && Number.isFinite(node)) return node;
  const what =
    typeof node === 'number'
      ? `${node} is not finite (too large for float64)`
      : `${describe(node)} instead of a number`;
  throw new NtkcError({ what, where: jsonPath(name, path), expected: 'a finite number' });
}

const emptyList = (name: string, shape: readonly number[]) =>
  new NtkcError({
    what: 'empty data: a list without entries',
    where: jsonPath(
      name,
      shape.map(() => 0),
    ),
    expected: 'at least one entry',
  });

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length} entries`;
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  return value !== null && typeof value === 'object' ? 'an object' : String(value);
}
