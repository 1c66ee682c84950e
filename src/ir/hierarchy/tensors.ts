/** The tensors that terms of a hierarchy are made of, and what their indices run over. */
import type { TensorNode, TensorProgram } from '../tensor/tensorProgram.ts';

export type DenseNode = Extract<TensorNode, { kind: 'dense' }>;
export type ElementwiseNode = Extract<TensorNode, { kind: 'elementwise' }>;

/** The free index: which output of the network f is. */
export const OUTPUT = -1;

export const weightTensor = (layer: number): string => `W${layer + 1}`;
export const inputTensor = (layer: number): string => `u${layer + 1}`;
/** Of D_γ W alone: the bias is no column of W. */
export const plainInputTensor = (layer: number): string => `h${layer + 1}`;
export const activationTensor = (activation: number): string => `s${activation + 1}`;
/** The number in a tensor's name, counted from 0. */
export const numberOf = (tensor: string): number => Number(tensor.slice(1)) - 1;

/** Nodes of the elementwise kind, in order; activation e is the e-th of them. */
export const activationNodes = (program: TensorProgram): readonly number[] =>
  program.nodes.flatMap(({ kind }, node) => (kind === 'elementwise' ? [node] : []));

/** Dense nodes in the order of their layers. */
export const denseLayers = (program: TensorProgram): readonly DenseNode[] =>
  program.nodes.filter((node) => node.kind === 'dense').sort((a, b) => a.layer - b.layer);
