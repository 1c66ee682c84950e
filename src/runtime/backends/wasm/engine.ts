/**
 * The loaded tile module: copies panels of rows and columns into its memory, runs, and shows the outputs. All it needs is
 * plain data, so that a worker thread can have one.
 */

/** How the module reads its memory: src/codegen/targets/wasm/tile.ts. */
export interface TileShape {
  /** 8: panels and outputs are float64, a chunk is 8 columns; 4: float32 and 16 columns. */
  readonly elementBytes: number;
  /** Features of a row, padded. */
  readonly depth: number;
  /** Values of a row's and of a column's record. */
  readonly rowWidth: number;
  readonly columnWidth: number;
  readonly outputs: number;
  readonly heapOffset: number;
  readonly rowGroup: number;
  readonly columnChunk: number;
}

/** The elements of a kernel: float64 or float32. */
export type Numbers = Float64Array | Float32Array;

/** Samples as rows: x[n d], values[n v], series[s][n P], n padded to whole groups. */
export interface RowPanel {
  readonly n: number;
  readonly x: Numbers;
  readonly values: Numbers;
  readonly series: readonly Numbers[];
}
/** Samples as columns: the same by chunks of w, y[c d w], values[c v w], series[s][c P w]. */
export type ColumnPanel = RowPanel;

/** The two sides of a Gram matrix. */
export interface Panels {
  readonly rows: RowPanel;
  readonly columns: ColumnPanel;
  /** Coefficients of each series. */
  readonly degrees: readonly number[];
  readonly symmetric: boolean;
}

/** A block of the Gram matrix: rows [i0, i1), columns [j0, j1). */
export interface Span {
  readonly i0: number;
  readonly i1: number;
  readonly j0: number;
  readonly j1: number;
}

/** What a run left in memory: outputs [k][rows][stride], rows from `i0`, columns from `j0`; valid until the next run. */
export interface RunResult extends Span {
  readonly data: Numbers;
  readonly stride: number;
  /** Entries of one output. */
  readonly size: number;
  /** Some value is NaN or infinite: the tile has to be looked through. */
  readonly poisoned: boolean;
}

/** Columns and rows at a time: their panels and outputs stay in a cache of 1 MB. */
const panelBytes = 2 ** 19;
const mostColumns = 512;
const mostRows = 64;
const page = 65536;

type TileFunction = (...parameters: readonly number[]) => number;

export class TileEngine {
  readonly shape: TileShape;
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: page });
  readonly #tile: TileFunction;
  /** The memory as elements. */
  #elements: Numbers = new Float64Array(0);

  constructor(module: WebAssembly.Module, shape: TileShape) {
    this.shape = shape;
    const { exports } = new WebAssembly.Instance(module, { ntkc: { memory: this.#memory } });
    this.#tile = exports.tile as TileFunction;
  }

  /** Runs the blocks of a span, each as large as the caches like; `take` sees each before the next is run. */
  run({ rows, columns, degrees, symmetric }: Panels, span: Span, take: (result: RunResult) => void): void {
    const { elementBytes, depth, rowGroup, columnChunk, outputs } = this.shape;
    const sampleBytes = elementBytes * (depth + degrees.reduce((a, b) => a + b, 0) + this.shape.columnWidth);
    const columnStep = clamp(panelBytes / (sampleBytes * Math.sqrt(outputs)), columnChunk, mostColumns);
    const rowStep = clamp(panelBytes / Math.max(sampleBytes, elementBytes * columnStep * outputs), rowGroup, mostRows);
    for (let j = span.j0 - (span.j0 % columnChunk); j < span.j1; j += columnStep) {
      const j1 = Math.min(j + columnStep, span.j1);
      const from = span.i0 - (span.i0 % rowGroup);
      const last = symmetric ? Math.min(span.i1, j1) : span.i1;
      const panel = { from: j, chunks: Math.ceil((j1 - j) / columnChunk) };
      const layout = this.#layout(rowStep, panel.chunks, degrees);
      this.#loadColumns(columns, panel, degrees, layout);
      for (let i = from; i < last; i += rowStep) {
        const block = { i0: i, i1: Math.min(i + rowStep, last), j0: j, j1 };
        const poison = this.#runRows(rows, block, panel.chunks, degrees, symmetric, layout);
        const stride = panel.chunks * columnChunk;
        const size = layout.outBytes / elementBytes;
        const first = layout.out / elementBytes;
        const data = this.#elements.subarray(first, first + size * outputs);
        take({ ...block, data, stride, size, poisoned: Number.isNaN(poison) });
      }
    }
  }

  /** Byte offsets of every array, for blocks of at most `rows`. */
  #layout(rows: number, chunks: number, degrees: readonly number[]): Layout {
    const { elementBytes, depth, rowWidth, columnWidth, outputs, heapOffset, columnChunk } = this.shape;
    let at = heapOffset;
    const place = (entries: number, bytes = elementBytes) => {
      const here = at;
      at += Math.ceil((bytes * entries) / 64) * 64;
      return here;
    };
    const columns = chunks * columnChunk;
    const outBytes = elementBytes * rows * columns;
    const layout = {
      x: place(rows * depth),
      xr: place(rows * rowWidth),
      y: place(columns * depth),
      yr: place(columns * columnWidth),
      xs: degrees.map((p) => place(rows * p)),
      ys: degrees.map((p) => place(columns * p)),
      out: place(outputs * outBytes, 1),
      outBytes,
    };
    const missing = Math.ceil((at - this.#memory.buffer.byteLength) / page);
    if (missing > 0) this.#memory.grow(missing);
    const { buffer } = this.#memory;
    if (this.#elements.buffer !== buffer)
      this.#elements = elementBytes === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
    return layout;
  }

  #loadColumns(
    columns: ColumnPanel,
    { from, chunks }: { readonly from: number; readonly chunks: number },
    degrees: readonly number[],
    layout: Layout,
  ): void {
    const { elementBytes, depth, columnWidth, columnChunk } = this.shape;
    const copy = (to: number, array: Numbers, width: number) => {
      this.#elements.set(array.subarray(from * width, (from + chunks * columnChunk) * width), to / elementBytes);
    };
    copy(layout.y, columns.x, depth);
    copy(layout.yr, columns.values, columnWidth);
    degrees.forEach((p, s) => void copy(layout.ys[s] as number, columns.series[s] as Numbers, p));
  }

  #runRows(
    rows: RowPanel,
    { i0, i1, j0 }: Span,
    chunks: number,
    degrees: readonly number[],
    symmetric: boolean,
    layout: Layout,
  ): number {
    const { elementBytes, depth, rowWidth, rowGroup } = this.shape;
    const count = Math.ceil((i1 - i0) / rowGroup) * rowGroup;
    const copy = (to: number, array: Numbers, width: number) => {
      this.#elements.set(array.subarray(i0 * width, (i0 + count) * width), to / elementBytes);
    };
    copy(layout.x, rows.x, depth);
    copy(layout.xr, rows.values, rowWidth);
    degrees.forEach((p, s) => void copy(layout.xs[s] as number, rows.series[s] as Numbers, p));
    const shift = symmetric ? i0 - j0 : -(2 ** 30);
    const { x, xr, y, yr, out, outBytes, xs, ys } = layout;
    const series = degrees.flatMap((p, s) => [xs[s] as number, ys[s] as number, p]);
    return this.#tile(count, chunks, shift, x, xr, y, yr, out, outBytes, ...series);
  }
}

interface Layout {
  readonly x: number;
  readonly xr: number;
  readonly y: number;
  readonly yr: number;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly out: number;
  readonly outBytes: number;
}

/** The largest whole number of `unit` up to `value`, between one and `most`. */
const clamp = (value: number, unit: number, most: number): number =>
  Math.max(unit, Math.min(most, Math.floor(value / unit) * unit));
