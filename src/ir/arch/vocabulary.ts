import type { z } from 'zod';
import type { Shape } from './network.ts';

/** What the network IR needs to know of an op. Everything else about it lives in its folder under src/ops. */
export interface ArchOp {
  readonly name: string;
  /** Names that users may know it by, with the fields that make it that: what an error about such a name suggests. */
  readonly alsoCalled?: Readonly<Record<string, Fields>>;
  /** zod schema of each field; a default makes the field optional. `branches` and `layers` are added by `nests`. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** Holds layers of its own: several branches side by side, or one list of layers. */
  readonly nests?: 'branches' | 'layers';
  /** Ops that hold `layers`: how many times these run, each copy with parameters of its own. */
  readonly copies?: (fields: Fields) => number;
  /**
   * Shape after the op. Ops with branches get the shape after each branch.
   * @throws NtkcError when the shape does not fit; the caller adds where
   */
  readonly shape: (fields: Fields, inputs: readonly Shape[]) => Shape;
}

// Each op knows its own fields; the registry does not. Ops read them through their schema's type.
export type Fields = Readonly<Record<string, unknown>>;

export type Vocabulary = ReadonlyMap<string, ArchOp>;

/** Whether a field has the value it has when left out. */
export function isDefault(op: ArchOp | undefined, field: string, value: unknown): boolean {
  if (value === undefined) return true;
  const assumed = op?.fields[field]?.safeParse(undefined);
  return assumed?.success === true && JSON.stringify(assumed.data) === JSON.stringify(value);
}

export const shapeText = (shape: Shape): string => `[${shape.map((s) => (s === Infinity ? '∞' : s)).join(', ')}]`;
