/** out[P P'] = Σ_{p p'} A[P p] A[P' p'] of[p p'], one difference p' - p at a time: pools, slices, resizing. */
import { cellAt, eachLeading, type RunStep } from './region.ts';
import type { PlacedStep, Placement } from './shape.ts';

type Linear = Extract<PlacedStep, { kind: 'linear' }>;
type LinearAxis = Linear['axes'][number];

/** A leading output position along every axis, and the weight with which it reads one position. */
interface Reader {
  readonly at: readonly number[];
  readonly weight: number;
}

/**
 * Adds what the cells of one difference contribute: the lanes' matrices first, [W W'] to [O O'], then that slab to each
 * output of the leading axes.
 */
export function linear({ of, to, axes }: Linear): RunStep {
  const readers = readersOf(axes.slice(0, -1), of.layout.extents);
  const index = (p: readonly number[]) => p.reduce((at, k, axis) => at * (of.layout.extents[axis] as number) + k, 0);
  const lanes = new LaneMatrix(axes.at(-1) as LinearAxis, of.layout.extents.at(-1) as number);
  return (v, { region, isMirrored, isZero }) => {
    eachLeading(region, (p, other) => {
      const [here, there] = [readers[index(p)], readers[index(other)]] as [readonly Reader[], readonly Reader[]];
      if (here.length === 0 || there.length === 0) return;
      const slab = lanes.apply(v, cellAt(of, p, other, region.low), of.layout.rowStep);
      for (const a of here)
        for (const b of there) {
          add(v, to, a, b, slab);
          if (isMirrored && !isZero) add(v, to, b, a, { ...slab, rowStep: slab.step, step: slab.rowStep });
        }
    });
  };
}

/** For each leading position, row-major, what reads it. */
function readersOf(axes: readonly LinearAxis[], extents: readonly number[]): readonly (readonly Reader[])[] {
  return axes.reduce<readonly (readonly Reader[])[]>(
    (positions, axis, a) =>
      positions.flatMap((readers) =>
        Array.from({ length: extents[a] as number }, (_, p) =>
          readers.flatMap(({ at, weight }) =>
            axis.flatMap(({ from, weights }, out) => {
              const w = weights[p - from];
              return w === undefined || w === 0 ? [] : [{ at: [...at, out], weight: weight * w }];
            }),
          ),
        ),
      ),
    [[{ at: [], weight: 1 }]],
  );
}

/** Numbers over (o, o'): where the first is, and how far apart the rows and the numbers of a row are. */
interface Slab {
  readonly data: Float64Array;
  readonly at: number;
  readonly rowStep: number;
  readonly step: number;
}

/** The matrix of the last axis, its rows one after another. */
class LaneMatrix {
  readonly #width: number;
  readonly #out: number;
  readonly #isIdentity: boolean;
  /** Of each output the first position it reads, and where its weights begin. */
  readonly #from: Int32Array;
  readonly #start: Int32Array;
  readonly #weights: Float64Array;
  readonly #half: Float64Array;
  readonly #slab: Float64Array;

  constructor(axis: LinearAxis, width: number) {
    this.#width = width;
    this.#out = axis.length;
    this.#isIdentity = axis.length === width && axis.every((r, o) => r.from === o && r.weights.join() === '1');
    this.#from = Int32Array.from(axis, (row) => row.from);
    this.#start = new Int32Array(axis.length + 1);
    axis.forEach((row, o) => {
      this.#start[o + 1] = (this.#start[o] as number) + row.weights.length;
    });
    this.#weights = Float64Array.from(axis.flatMap((row) => row.weights));
    this.#half = new Float64Array(width * axis.length);
    this.#slab = new Float64Array(axis.length ** 2);
  }

  /** slab[o o'] = Σ_{w w'} A[o w] A[o' w'] v[w w'], the cell (0, 0) at `cell`; valid until the next. */
  apply(v: Float64Array, cell: number, rowStep: number): Slab {
    if (this.#isIdentity) return { data: v, at: cell, rowStep, step: 1 };
    const [half, slab, weights, start, from] = [this.#half, this.#slab, this.#weights, this.#start, this.#from];
    const out = this.#out;
    for (let w = 0; w < this.#width; w++)
      for (let o = 0; o < out; o++) {
        let sum = 0;
        let at = cell + w * rowStep + (from[o] as number);
        for (let k = start[o] as number; k < (start[o + 1] as number); k++)
          sum += (weights[k] as number) * (v[at++] as number);
        half[w * out + o] = sum;
      }
    slab.fill(0);
    for (let o = 0; o < out; o++) {
      let row = (from[o] as number) * out;
      for (let k = start[o] as number; k < (start[o + 1] as number); k++) {
        const weight = weights[k] as number;
        for (let r = 0; r < out; r++)
          slab[o * out + r] = (slab[o * out + r] as number) + weight * (half[row + r] as number);
        row += out;
      }
    }
    return { data: slab, at: 0, rowStep: out, step: 1 };
  }
}

/** Adds a slab at the leading (P, P'); to an array over P alone where they are the same. */
function add(v: Float64Array, to: Placement, a: Reader, b: Reader, { data, at: from, rowStep, step }: Slab): void {
  const n = to.layout.extents.at(-1) as number;
  const weight = a.weight * b.weight;
  const isFlat = to.layout.span === 'diagonal';
  if (isFlat && a.at.some((k, axis) => k !== b.at[axis])) return;
  const cell = cellAt(to, a.at, b.at);
  if (isFlat) {
    for (let o = 0; o < n; o++)
      v[cell + o] = (v[cell + o] as number) + weight * (data[from + o * (rowStep + step)] as number);
    return;
  }
  for (let o = 0; o < n; o++) {
    const at = cell + o * to.layout.rowStep;
    let read = from + o * rowStep;
    for (let r = 0; r < n; r++) {
      v[at + r] = (v[at + r] as number) + weight * (data[read] as number);
      read += step;
    }
  }
}
