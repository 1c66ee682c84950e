/** The value of contractions in float64: by plain loops, and by summing out one dummy after the other. */
import { dummiesOf, type Factor, headKey, isDummy } from './factor.ts';

/** Row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface EinsumScope {
  /** The tensor of a factor; asked once for each factor of a term. */
  readonly tensor: (factor: Factor) => Tensor;
  /** Position at which a free index is taken. */
  readonly free: (index: number) => number;
}

/** A tensor with named dummies; `key` says what it is, up to the names. */
interface Operand {
  readonly key: string;
  readonly indices: readonly number[];
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Σ over all dummies of the product of the factors, by nested loops: the plainest reading. */
export function evaluateByLoops(factors: readonly Factor[], scope: EinsumScope): number {
  const operands = factors.map((factor) => operandOf(factor, scope));
  return sumOut(operands, dummiesOf(factors), []).data[0]!;
}

/** result[kept] = Σ over all other indices of the product of tensors, by nested loops; every index is in a tensor. */
export function evaluateTensor(
  operands: readonly { readonly indices: readonly number[]; readonly tensor: Tensor }[],
  kept: readonly number[],
): Tensor {
  const indices = [...new Set(operands.flatMap((operand) => operand.indices))];
  const summed = indices.filter((index) => !kept.includes(index));
  const { shape, data } = sumOut(
    operands.map(({ indices, tensor }) => ({ key: '', indices, ...tensor })),
    summed,
    kept,
  );
  return { shape, data };
}

/**
 * The value of each contraction under one scope, summing out the dummies in an order of small intermediate results.
 * Intermediate results are kept, so that contractions with common parts compute them once.
 */
export function contractionEvaluator(scope: EinsumScope): (factors: readonly Factor[]) => number {
  const known = new Map<string, Operand>();
  const ids = new Map<string, string>();
  const idOf = (key: string): string => {
    if (!ids.has(key)) ids.set(key, `#${ids.size}`);
    return ids.get(key)!;
  };
  const eliminate = (operands: readonly Operand[], dummy: number): Operand => {
    const { key, names } = pattern(operands, dummy);
    const id = idOf(key);
    const kept = names.filter((index) => index !== dummy);
    const old = known.get(id) ?? { ...sumOut(operands, [dummy], kept), key: id };
    known.set(id, old);
    return { ...old, indices: kept };
  };
  return (factors) => {
    let operands: readonly Operand[] = factors.map((factor) => operandOf(factor, scope));
    const left = new Set(dummiesOf(factors));
    while (left.size > 0) {
      const dummy = cheapest(operands, left);
      left.delete(dummy);
      const touching = operands.filter(({ indices }) => indices.includes(dummy));
      operands = [...operands.filter(({ indices }) => !indices.includes(dummy)), eliminate(touching, dummy)];
    }
    return operands.reduce((product, { data }) => product * data[0]!, 1);
  };
}

/** The dummy whose elimination leaves the fewest dummies on the result. */
function cheapest(operands: readonly Operand[], left: ReadonlySet<number>): number {
  let [choice, least] = [-1, Number.POSITIVE_INFINITY];
  for (const dummy of left) {
    const neighbours = new Set(operands.flatMap(({ indices }) => (indices.includes(dummy) ? indices : [])));
    if (neighbours.size < least) [choice, least] = [dummy, neighbours.size];
  }
  return choice;
}

/** What an elimination computes, up to names: the operands in order of their keys, indices by first appearance. */
function pattern(
  operands: readonly Operand[],
  dummy: number,
): { readonly key: string; readonly names: readonly number[] } {
  const names: number[] = [dummy];
  const local = (index: number): number => {
    if (!names.includes(index)) names.push(index);
    return names.indexOf(index);
  };
  const sorted = [...operands].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { key: sorted.map(({ key, indices }) => `${key}(${indices.map(local)})`).join('*'), names };
}

/** The factor with its free indices fixed. */
function operandOf(factor: Factor, scope: EinsumScope): Operand {
  const { shape, data } = scope.tensor(factor);
  const key = `${headKey(factor)}[${factor.indices.map((i) => (isDummy(i) ? '' : i)).join(' ')}]`;
  if (factor.indices.every(isDummy)) return { key, indices: factor.indices, shape, data };
  const kept = factor.indices.flatMap((index, position) => (isDummy(index) ? [position] : []));
  const keptShape = kept.map((position) => shape[position]!);
  const out = new Float64Array(keptShape.reduce((a, b) => a * b, 1));
  const strides = stridesOf(shape);
  const start = factor.indices.reduce(
    (at, i, position) => at + (isDummy(i) ? 0 : scope.free(i) * strides[position]!),
    0,
  );
  eachPosition(keptShape, (at, flat) => {
    out[flat] = data[kept.reduce((sum, position, k) => sum + at[k]! * strides[position]!, start)]!;
  });
  return { key, indices: kept.map((position) => factor.indices[position]!), shape: keptShape, data: out };
}

/** result[kept] = Σ_summed Π operands. */
function sumOut(operands: readonly Operand[], summed: readonly number[], kept: readonly number[]): Operand {
  const order = [...kept, ...summed];
  const sizeOf = (index: number) => {
    const holder = operands.find(({ indices }) => indices.includes(index))!;
    return holder.shape[holder.indices.indexOf(index)]!;
  };
  const shape = order.map(sizeOf);
  const inner = shape.slice(kept.length).reduce((a, b) => a * b, 1);
  const out = new Float64Array(shape.slice(0, kept.length).reduce((a, b) => a * b, 1));
  const steps = operands.map(({ indices, shape: own }) => {
    const strides = stridesOf(own);
    // A repeated index of one operand (a diagonal) adds its strides.
    return order.map((index) =>
      indices.reduce((sum, i, position) => (i === index ? sum + strides[position]! : sum), 0),
    );
  });
  eachPosition(shape, (at, flat) => {
    let product = 1;
    operands.forEach(({ data }, n) => {
      let offset = 0;
      for (let k = 0; k < at.length; k++) offset += at[k]! * steps[n]![k]!;
      product *= data[offset]!;
    });
    const to = Math.floor(flat / inner);
    out[to] = out[to]! + product;
  });
  return { key: '', indices: kept, shape: shape.slice(0, kept.length), data: out };
}

const stridesOf = (shape: readonly number[]): readonly number[] =>
  shape.map((_, position) => shape.slice(position + 1).reduce((a, b) => a * b, 1));

/** Every position of a shape in row-major order, with its flat index. */
function eachPosition(shape: readonly number[], visit: (at: readonly number[], flat: number) => void): void {
  const total = shape.reduce((a, b) => a * b, 1);
  const at = shape.map(() => 0);
  for (let flat = 0; flat < total; flat++) {
    visit(at, flat);
    for (let k = shape.length - 1; k >= 0; k--) {
      at[k] = at[k]! + 1;
      if (at[k]! < shape[k]!) break;
      at[k] = 0;
    }
  }
}
