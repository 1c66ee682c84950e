/** Values of cut trees, with every vector and every inner product that trees and tuples share computed once. */
import type { TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { denseNodes } from '../parameters.ts';
import { boundedMap } from './boundedMap.ts';
import { type Direction, directionBytes, innerProduct } from './direction.ts';
import type { CutTree } from './plan.ts';

/** ∇^(k+1) f_sample [directions, ·]. */
export type GradientAt = (sample: number, directions: readonly Direction[]) => Direction;

/** A part of a tree with samples at its nodes; equal keys, equal vectors. */
interface Subtree {
  /** "3(0,5(1))": the sample of the root, its children in canonical order. */
  readonly key: string;
  readonly sample: number;
  readonly children: readonly Subtree[];
}

/** What a number in the memo costs beside its key of two bytes a character, roughly. */
const entryBytes = 100;

/** The value of a tree with sample tuple[i] at node i. */
export function contraction(
  program: TensorProgram,
  gradientAt: GradientAt,
  limitBytes: number,
): (tree: CutTree, tuple: readonly number[]) => number {
  const layers = denseNodes(program);
  const vectors = boundedMap<Direction>(limitBytes, directionBytes);
  const products = boundedMap<number>(limitBytes / 4, (_, key) => entryBytes + 2 * key.length);
  const vectorOf = ({ key, sample, children }: Subtree): Direction =>
    vectors.get(key, () => gradientAt(sample, children.map(vectorOf)));
  return ({ neighbours, edge: [a, b] }, tuple) => {
    const subtree = (node: number, from: number): Subtree => {
      const children = neighbours[node]!.filter((next) => next !== from).map((next) => subtree(next, node));
      return canonical(tuple[node]!, children);
    };
    const [v, w] = [subtree(a, b), subtree(b, a)].sort(byKey) as [Subtree, Subtree];
    return products.get(`${v.key} ${w.key}`, () => innerProduct(layers, vectorOf(v), vectorOf(w)));
  };
}

/** Derivatives commute, so the order of children does not matter. */
function canonical(sample: number, unordered: readonly Subtree[]): Subtree {
  if (unordered.length === 0) return { key: `${sample}`, sample, children: [] };
  const children = unordered.toSorted(byKey);
  return { key: `${sample}(${children.map(({ key }) => key).join(',')})`, sample, children };
}

const byKey = (a: Subtree, b: Subtree) => (a.key < b.key ? -1 : Number(a.key > b.key));
