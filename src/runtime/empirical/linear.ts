/** Linear maps without parameters, each with its transpose: what forward, backward and jets share. */
import { positionsOf, shifts } from '../../ir/program/index.ts';
import type { ConcatNode, PatchesNode, PositionMapNode, TensorNode } from '../../ir/tensor/tensorProgram.ts';

export type LinearNode = Extract<TensorNode, { kind: 'patches' | 'positionMap' | 'flatten' | 'mean' }>;

/** The value of a node, [rows, size of the node], from that of the node it reads. */
export function applied(node: LinearNode, from: TensorNode, h: Float64Array, rows: number): Float64Array {
  switch (node.kind) {
    case 'flatten':
      return h;
    case 'mean':
      return spread(h, node.width);
    case 'patches': {
      const out = new Float64Array(rows * positionsOf(node.extents) * node.width);
      eachPatch(node, from, rows, (patch, read) => {
        for (let c = 0; c < from.width; c++) out[patch + c] = h[read + c]!;
      });
      return out;
    }
    case 'positionMap':
      return mappedPositions(node, from, h, rows, false);
  }
}

/** into += the transposed map of `signal`, [rows, size of the node]. */
export function addTransposed(
  node: LinearNode,
  from: TensorNode,
  into: Float64Array,
  signal: Float64Array,
  rows: number,
): void {
  switch (node.kind) {
    case 'flatten':
      addTo(into, signal);
      return;
    case 'mean':
      addTo(into, spread(signal, node.width));
      return;
    case 'patches':
      eachPatch(node, from, rows, (patch, read) => {
        for (let c = 0; c < from.width; c++) into[read + c] = into[read + c]! + signal[patch + c]!;
      });
      return;
    case 'positionMap':
      addTo(into, mappedPositions(node, from, signal, rows, true));
      return;
  }
}

export function addTo(out: Float64Array, values: Float64Array): void {
  for (let k = 0; k < out.length; k++) out[k] = out[k]! + values[k]!;
}

/** out[r c] = (1/width) Σ_c' values[r c'] */
function spread(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let from = 0; from < out.length; from += width) {
    let sum = 0;
    for (let c = from; c < from + width; c++) sum += values[c]!;
    out.fill(sum / width, from, from + width);
  }
  return out;
}

const tablesOf = new WeakMap<PatchesNode, readonly (readonly number[])[]>();

/** Calls `visit` with the places of the `from.width` numbers of each patch, and of what they are copies of. */
function eachPatch(
  node: PatchesNode,
  from: TensorNode,
  rows: number,
  visit: (patch: number, read: number) => void,
): void {
  const tables = tablesOf.get(node) ?? shifts(node.axes, node.extents, from.extents);
  tablesOf.set(node, tables);
  const [outputs, inputs] = [positionsOf(node.extents), positionsOf(from.extents)];
  for (let r = 0; r < rows; r++)
    for (let P = 0; P < outputs; P++)
      for (let o = 0; o < tables.length; o++) {
        const p = tables[o]![P]!;
        if (p >= 0) visit((r * outputs + P) * node.width + o * from.width, (r * inputs + p) * from.width);
      }
}

/** One axis after the other: the product of their matrices is never written out. */
function mappedPositions(
  { axes, width }: PositionMapNode,
  from: TensorNode,
  values: Float64Array,
  rows: number,
  transposed: boolean,
): Float64Array {
  const shape = transposed ? axes.map(({ length }) => length) : [...from.extents];
  return axes.reduce((value, axis, a) => {
    const [inputs, outputs] = transposed ? [axis.length, from.extents[a]!] : [from.extents[a]!, axis.length];
    const outer = rows * positionsOf(shape.slice(0, a));
    const inner = positionsOf(shape.slice(a + 1)) * width;
    shape[a] = outputs;
    const out = new Float64Array(outer * outputs * inner);
    for (let r = 0; r < outer; r++)
      axis.forEach((row, P) => {
        row.weights.forEach((weight, k) => {
          const [to, read] = transposed ? [row.from + k, P] : [P, row.from + k];
          addScaled(out, (r * outputs + to) * inner, value, (r * inputs + read) * inner, weight, inner);
        });
      });
    return out;
  }, values);
}

/** out[at ..] += weight · values[from ..], `count` entries. */
function addScaled(
  out: Float64Array,
  at: number,
  values: Float64Array,
  from: number,
  weight: number,
  count: number,
): void {
  for (let k = 0; k < count; k++) out[at + k] = out[at + k]! + weight * values[from + k]!;
}

/** The inputs of a concatenation side by side in each of its blocks. */
export function sideBySide(parts: readonly Float64Array[], rows: number): Float64Array {
  if (parts.length === 1) return parts[0]!;
  const widths = parts.map((part) => part.length / rows);
  const width = widths.reduce((sum, w) => sum + w, 0);
  const out = new Float64Array(rows * width);
  let from = 0;
  parts.forEach((part, i) => {
    for (let r = 0; r < rows; r++) out.set(part.subarray(r * widths[i]!, (r + 1) * widths[i]!), r * width + from);
    from += widths[i]!;
  });
  return out;
}

/** Each part of the rows of `signal` to the signal of its own input: what concatenation does, transposed. */
export function addParts(
  { inputs, blocks }: ConcatNode,
  signals: readonly Float64Array[],
  signal: Float64Array,
  samples: number,
): void {
  const rows = samples * blocks;
  const width = signal.length / rows;
  let from = 0;
  for (const input of inputs) {
    const into = signals[input]!;
    const part = into.length / rows;
    for (let k = 0; k < into.length; k++)
      into[k] = into[k]! + signal[Math.floor(k / part) * width + from + (k % part)]!;
    from += part;
  }
}
