import { Bench, type Room } from './bench.ts';
import { contract, type Side } from './contract.ts';
import { entriesAtOnce, entrywise } from './entrywise.ts';
import type { Member } from './team.ts';
import { type Labelled, sizeOf, sizesOf, stridesOf, type Tensor, writeOffsets } from './tensor.ts';

/**
 * What emitted hierarchies call: contractions of tensors on one WebAssembly memory. All threads of a job make the same calls
 * in the same order, so they agree on every address, share out the work of each call and end it together.
 */
export class TensorEngine {
  readonly #bench: Bench;

  constructor(module: WebAssembly.Module, room: Room, team: Member) {
    this.#bench = new Bench(module, room, team);
  }

  /** Bytes from this address on are free. */
  get top(): number {
    return this.#bench.heap.top;
  }

  /** What has been made so far, for `release`. */
  mark(): number {
    return this.#bench.heap.mark();
  }

  /** Lets go of all tensors made since `mark`. */
  release(mark: number): void {
    this.#bench.heap.release(mark);
  }

  free(...made: readonly Tensor[]): void {
    for (const { at } of made) this.#bench.heap.free(at);
  }

  /** Room for a tensor, whatever it holds. */
  tensor(shape: readonly number[]): Tensor {
    return { at: this.#bench.heap.take(8 * sizeOf(shape)), shape, strides: stridesOf(shape) };
  }

  /** The numbers of a tensor that lies in order, in memory: valid until the next call. */
  numbers({ at, shape }: Tensor): Float64Array {
    return this.#bench.view.subarray(at / 8, at / 8 + sizeOf(shape));
  }

  /** A tensor of these numbers, which this thread alone copies. */
  put(data: ArrayLike<number>, shape: readonly number[]): Tensor {
    const t = this.tensor(shape);
    this.numbers(t).set(data);
    return t;
  }

  /** A copy of the numbers of a tensor, in order. */
  values({ at, shape, strides }: Tensor): Float64Array {
    const offsets = new Int32Array(sizeOf(shape));
    writeOffsets(offsets, 0, { sizes: shape, strides }, 0, offsets.length);
    const { view } = this.#bench;
    return Float64Array.from(offsets, (offset) => view[(at + (offset >>> 0)) / 8]!);
  }

  /** t[index], one axis less; shares its memory. */
  row({ at, shape, strides }: Tensor, index: number): Tensor {
    return { at: at + 8 * index * strides[0]!, shape: shape.slice(1), strides: strides.slice(1) };
  }

  /** t[.. index], one axis less; shares its memory. */
  column({ at, shape, strides }: Tensor, index: number): Tensor {
    return { at: at + 8 * index * strides.at(-1)!, shape: shape.slice(0, -1), strides: strides.slice(0, -1) };
  }

  /** Positions from .. from + size − 1 of one axis; shares its memory. */
  block({ at, shape, strides }: Tensor, axis: number, from: number, size: number): Tensor {
    return {
      at: at + 8 * from * strides[axis]!,
      shape: shape.map((length, k) => (k === axis ? size : length)),
      strides,
    };
  }

  /** f of each number of a tensor that lies in order. */
  mapped(t: Tensor, f: (x: number) => number): Tensor {
    const out = this.tensor(t.shape);
    const [x, y] = [this.numbers(t), this.numbers(out)];
    this.#bench.each(x.length, entriesAtOnce, (from, to) => {
      for (let k = from; k < to; k++) y[k] = f(x[k]!);
    });
    return out;
  }

  /** h[a i], which lies in order, with one more column that holds `value`. */
  withColumn(h: Tensor, value: number): Tensor {
    const [n, width] = h.shape as [number, number];
    const out = this.tensor([n, width + 1]);
    const [x, y] = [this.numbers(h), this.numbers(out)];
    this.#bench.each(n, entriesAtOnce / width, (from, to) => {
      for (let a = from; a < to; a++) {
        y.set(x.subarray(a * width, (a + 1) * width), a * (width + 1));
        y[a * (width + 1) + width] = value;
      }
    });
    return out;
  }

  /** Puts the numbers of a tensor where a view of another has them. */
  copy(target: Tensor, source: Tensor): void {
    const last = target.shape.at(-1) ?? 1;
    const step = target.strides.at(-1) ?? 1;
    const rows = { ...target, shape: target.shape.slice(0, -1), strides: target.strides.slice(0, -1) };
    const [view, x] = [this.#bench.view, this.numbers(source)];
    this.#bench.each(sizeOf(rows.shape), entriesAtOnce / last, (from, to) => {
      for (let r = from; r < to; r++) {
        let at = target.at / 8;
        for (let axis = rows.shape.length - 1, rest = r; axis >= 0; axis--) {
          at += (rest % rows.shape[axis]!) * rows.strides[axis]!;
          rest = Math.floor(rest / rows.shape[axis]!);
        }
        for (let k = 0; k < last; k++) view[at + k * step] = x[r * last + k]!;
      }
    });
  }

  /** out += part, both in order. */
  add(out: Tensor, part: Tensor): void {
    const { kernels } = this.#bench;
    entrywise(
      this.#bench,
      { ...out, shape: [sizeOf(out.shape)], strides: [1] },
      'a',
      [['a', { ...part, strides: [1] }]],
      (to, rows, length, [given]) => {
        kernels.add(to, rows, length, ...given!, 1);
      },
    );
  }

  /** out[letters] = a·b entry by entry; a part is the same for all positions along an axis that it lacks. */
  product(letters: string, a: Labelled, b: Labelled): Tensor {
    const out = this.tensor(sizesOf(letters, [a, b]));
    const { kernels } = this.#bench;
    entrywise(this.#bench, out, letters, [a, b], (to, rows, length, [first, second]) => {
      kernels.product(to, rows, length, ...first!, ...second!);
    });
    return out;
  }

  /** out[letters] = Σ coefficient · part, of this shape. */
  sum(shape: readonly number[], letters: string, ...parts: readonly (readonly [number, ...Labelled])[]): Tensor {
    const out = this.tensor(shape);
    const { kernels, view } = this.#bench;
    const labelled = parts.map(([, own, t]): Labelled => [own, t]);
    entrywise(this.#bench, out, letters, labelled, (to, rows, length, given) => {
      view.fill(0, to / 8, to / 8 + rows * length);
      parts.forEach(([coefficient], p) => void kernels.add(to, rows, length, ...given[p]!, coefficient));
    });
    return out;
  }

  /**
   * out[letters] = Σ left·right over the letters that it lacks; `letters` are those of both sides, then of the left, then of
   * the right. A side is one tensor, or two: their entrywise product.
   */
  contract(letters: string, left: Side, right: Side): Tensor {
    const out = this.tensor(sizesOf(letters, [...left, ...right]));
    contract(this.#bench, out, letters, left, right);
    return out;
  }
}
