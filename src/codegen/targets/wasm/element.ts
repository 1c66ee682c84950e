/** What a tile computes in: vectors of two float64 or of four float32. */
import type { Instruction, OpName } from './assembler/index.ts';

export type ElementType = 'float64' | 'float32';

export interface Element {
  readonly type: ElementType;
  readonly bytes: 8 | 4;
  /** Numbers in a vector. */
  readonly perVector: 2 | 4;
  /** Loads one number into all places of a vector. */
  readonly splat: OpName;
  readonly select: OpName;
}

/** What instructions are written for: vectors of which numbers, and whether relaxed SIMD is there. */
export interface Machine {
  readonly element: Element;
  readonly relaxed: boolean;
}

export const elements: Readonly<Record<ElementType, Element>> = {
  float64: {
    type: 'float64',
    bytes: 8,
    perVector: 2,
    splat: 'v128.load64_splat',
    select: 'i64x2.relaxed_laneselect',
  },
  float32: {
    type: 'float32',
    bytes: 4,
    perVector: 4,
    splat: 'v128.load32_splat',
    select: 'i32x4.relaxed_laneselect',
  },
};

const floatOps = [
  'add',
  'sub',
  'mul',
  'div',
  'neg',
  'abs',
  'sqrt',
  'nearest',
  'pmin',
  'pmax',
  'lt',
  'le',
  'eq',
  'relaxed_madd',
  'relaxed_nmadd',
] as const;
const integerOps = ['shl', 'shr_u', 'add'] as const;
type FloatOp = (typeof floatOps)[number];
type IntegerOp = (typeof integerOps)[number];

/** Names of instructions, each made once: looking a new string up costs more than all else that is done with it. */
const named = <Op extends string, Prefix extends string>(ops: readonly Op[], prefix: Prefix) =>
  Object.fromEntries(ops.map((op) => [op, `${prefix}.${op}`])) as Readonly<{ [O in Op]: `${Prefix}.${O}` }>;
const names = {
  float64: { float: named(floatOps, 'f64x2'), integer: named(integerOps, 'i64x2') },
  float32: { float: named(floatOps, 'f32x4'), integer: named(integerOps, 'i32x4') },
} as const;
export const floatOp = ({ type }: Element, op: FloatOp): OpName => names[type].float[op];
export const integerOp = ({ type }: Element, op: IntegerOp): OpName => names[type].integer[op];

/** Leaves the upper two places of a vector of float32 in the lower two. */
export const upperHalf = (local: number): readonly Instruction[] => [
  ['local.get', local],
  ['local.get', local],
  ['i8x16.shuffle', 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15],
];
