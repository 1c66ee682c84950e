/** A kernel compiled for a target: what every target implements and everything that runs kernels uses. */
import type { Program } from '../ir/program/index.ts';

export type DType = 'float64' | 'float32';

/** Rows of a matrix of inputs: x[n d], row-major; d runs over positions, then channels. */
export interface Inputs {
  readonly data: Float64Array;
  readonly n: number;
  /** Of one sample, where it is known: it must then be the network's input.shape. */
  readonly shape?: readonly number[];
  /** For networks whose pattern comes with the inputs: one matrix over positions a sample, [n p p'] row-major. */
  readonly patterns?: Float64Array;
  /** For masked networks: 1 where a sample has a position, else 0, and its numbers are 0 there; [n p]. */
  readonly present?: Float64Array;
}

/** Inputs with what the kernel needs once a sample, ready to be paired. Opaque: only the kernel that made it reads it. */
export interface Prepared {
  readonly n: number;
}

export interface Tile {
  readonly a: Prepared;
  readonly aRows: readonly [from: number, to: number];
  readonly b: Prepared;
  readonly bRows: readonly [from: number, to: number];
  /**
   * The two are the same inputs, so an entry with equal indices is on the diagonal and takes its analytic value.
   * Entries below the diagonal may then be left as they are.
   */
  readonly symmetric: boolean;
}

/** Some rows of a Gram matrix. */
export interface MatrixRequest {
  readonly a: Prepared;
  readonly b: Prepared;
  /** The two are the same inputs, and each pair is computed once. */
  readonly symmetric: boolean;
  readonly rows: readonly [from: number, to: number];
  /** Default: all; where symmetric, those from the first of the rows on. Where symmetric they begin there, or after all rows. */
  readonly columns?: readonly [from: number, to: number];
  readonly output: number;
  /** Memory that may be written over, where it is large enough and of the right kind. */
  readonly into?: ArrayBufferLike;
  readonly signal?: AbortSignal;
  /** The part that is done, 0 to 1; at the end 1. */
  readonly onProgress?: (part: number) => void;
}

export interface CompiledKernel {
  readonly program: Program;
  /** e.g. "reference", or "tfjs (wasm)". */
  readonly target: string;
  readonly dtype: DType;
  /** The program's layer weights by default; any values when given. */
  readonly layerWeights: readonly number[];
  /** The same kernel with other layer weights; nothing is compiled again. @throws NtkcError when they do not fit */
  withLayerWeights(layerWeights: readonly number[]): CompiledKernel;
  /** Rows and columns of a tile that takes a fraction of a second. Default: any number. */
  readonly tileRows?: number;
  /** Memory for n samples and their pairs, in bytes, beside inputs, tiles and result; 0 if it is not worth counting. */
  readonly workingBytes?: (n: number) => number;
  prepare(x: Inputs): Promise<Prepared> | Prepared;
  /** One block [aRows, bRows], row-major, for each output of the program, in order; numbers of float32 where dtype says so. */
  tile(tile: Tile): Promise<readonly Float64Array[]> | readonly Float64Array[];
  /**
   * Rows of the matrix of one output, where the target has a faster way than tile by tile. The same bytes for an entry
   * whatever the rows and columns asked for, if these begin at multiples of 512.
   * @throws NtkcError on NaN or infinity
   */
  matrix?(request: MatrixRequest): Promise<Float64Array>;
  /**
   * The same numbers in an array of float32, from a target that computes in it.
   * @throws NtkcError also where one is beyond float32
   */
  matrix32?(request: MatrixRequest): Promise<Float32Array>;
  /** Bound on the truncation error of formula activations, relative, for the last inputs prepared; 0 if all closed. */
  truncationBound?(prepared: Prepared): number;
  /** Frees what the kernel holds on a device. */
  dispose(): void;
}

/** How to compile: everything a target may be told. */
export interface LoadOptions {
  readonly layerWeights?: readonly number[];
  /** For targets with threads of their own. Default: as many as the machine has cores. */
  readonly threads?: number;
  /**
   * What to compute in, where the target has a choice. Default "float64". Results are float64 arrays unless gram is asked
   * for others.
   */
  readonly dtype?: DType;
}
