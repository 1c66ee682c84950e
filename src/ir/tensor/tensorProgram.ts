/**
 * A finite network as a program of a few primitives. Ops build it (their `forward`); from it come the forward pass,
 * reverse mode and the structured empirical kernels, for every op at once.
 * Values are batches [n, positions, width], row-major; positions are row-major over `extents`, one where there are none.
 * Node i may read only nodes before it; node 0 is the input.
 */
import { type LinearAxis, positionsOf, type ShiftAxis } from '../program/spatial.ts';
import type { Expr } from '../scalar/expr.ts';

interface Placed {
  /** Neurons at each position. */
  readonly width: number;
  /** Positions along each spatial axis; [] for vectors. */
  readonly extents: readonly number[];
}
interface OfOne extends Placed {
  readonly input: number;
}
interface OfSeveral extends Placed {
  readonly inputs: readonly number[];
}

/** z[n P o] = weightScale · Σ_i h[n P i] W[o i] + biasScale · b[o]; entries of W ~ N(0, weightStd²), of b ~ N(0, biasStd²). */
export interface DenseNode extends OfOne {
  readonly kind: 'dense';
  /** Index of its parameters, 0-based, in order of appearance in the network; nodes of one layer share them. */
  readonly layer: number;
  /** Index of the parametrised op it is of; layer-wise kernels have one part an op. Most ops have one layer. */
  readonly op: number;
  readonly fanIn: number;
  readonly weightScale: number;
  readonly weightStd: number;
  /** Absent: no bias. */
  readonly bias?: { readonly scale: number; readonly std: number };
  /** Without a bias in standard parameterization, whose b no factor bStd makes 0: one that is not 0 is of another network. */
  readonly biasIsZero?: true;
  /** Every position has weights and biases of its own: W[P o i], b[P o]. Absent: positions share them. */
  readonly perPosition?: true;
}
/** z[n c] = phi(h[n c]); `phi` is an expression in the one variable x. */
export interface ElementwiseNode extends OfOne {
  readonly kind: 'elementwise';
  readonly phi: Expr;
}
/** z[n P (o c)] = h[n p(o, P) c], 0 where p is −1; o row-major over the axes' offsets: before a dense, a convolution. */
export interface PatchesNode extends OfOne {
  readonly kind: 'patches';
  readonly axes: readonly ShiftAxis[];
}
/** z[n P c] = Σ_p A[P p] h[n p c], A the product of the axes' matrices: pooling, resizing, slices. */
export interface PositionMapNode extends OfOne {
  readonly kind: 'positionMap';
  readonly axes: readonly LinearAxis[];
}
/** The inputs side by side along the last axis, or a spatial one: parts of every one of `blocks` equal blocks a sample. */
export interface ConcatNode extends OfSeveral {
  readonly kind: 'concat';
  readonly blocks: number;
}
/** z[n P c] = scale · Σ_k a[n P k] b[n k c], or with b[n c k] where transposed, k running over b's width. */
export interface MatrixProductNode extends OfSeveral {
  readonly kind: 'matrixProduct';
  readonly inputs: readonly [number, number];
  readonly scale: number;
  readonly transposed: boolean;
}

/** Numbers that come with a sample after those of its input, from `offset` on: a pattern over its positions, or a mask. */
export interface GivenNode extends Placed {
  readonly kind: 'given';
  readonly offset: number;
}

export type TensorNode =
  | (Placed & { readonly kind: 'input' })
  | GivenNode
  | DenseNode
  | ElementwiseNode
  | PatchesNode
  | PositionMapNode
  | ConcatNode
  | MatrixProductNode
  | (OfSeveral & { readonly kind: 'add' })
  /** z[n P c] = Π_i h_i[n P c] */
  | (OfSeveral & { readonly kind: 'multiply' })
  /** The same numbers at one position: z[n (P c)] = h[n P c]. */
  | (OfOne & { readonly kind: 'flatten' })
  /** z[n P c] = (1/width) Σ_c' h[n P c'], for every c: a linear map that is its own transpose. */
  | (OfOne & { readonly kind: 'mean' })
  /** z[n P c] = 1/keep with probability keep, else 0, independent for all n, P, c: noise of a pass, and 1 in one without. */
  | (Placed & { readonly kind: 'mask'; readonly keep: number });

export interface TensorProgram {
  readonly nodes: readonly TensorNode[];
  /** Number of sets of parameters; layer indices run 0 .. layers − 1. */
  readonly layers: number;
  /** Number of parametrised ops. */
  readonly ops: number;
}

/** Numbers of one sample: its input, and what is given with it. */
export const sampleSize = ({ nodes }: TensorProgram): number =>
  nodes.reduce((most, node) => {
    const start = node.kind === 'input' ? 0 : node.kind === 'given' ? node.offset : undefined;
    return start === undefined ? most : Math.max(most, start + sizeOf(node));
  }, 0);

/** Numbers of one sample at a node. */
export const sizeOf = ({ extents, width }: Placed): number => positionsOf(extents) * width;
