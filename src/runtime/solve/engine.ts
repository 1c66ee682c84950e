/** The loaded linear algebra on one memory: what a thread does to tiles. */
import { columnBytes, panelBytes, panelRows, tileBytes } from '../../codegen/linear/index.ts';

const blockBytes = columnBytes * panelRows;

interface Functions {
  /** C −= A·Bᵀ; see src/codegen/linear/multiply.ts. */
  readonly multiply: (c: number, a: number, b: number, depth: number, rowPanels: number, columnPanels: number) => void;
  readonly substitute: (x: number, l: number, inverses: number, panels: number) => void;
}

/** A diagonal tile: its address, that of the reciprocals of its diagonal, and how many panels it has. */
export interface DiagonalTile {
  readonly at: number;
  readonly inverses: number;
  readonly panels: number;
}

export class LinearEngine {
  readonly view: Float64Array;
  readonly #functions: Functions;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    const { exports } = new WebAssembly.Instance(module, { ntkc: { memory } });
    this.#functions = exports as unknown as Functions;
    this.view = new Float64Array(memory.buffer);
  }

  /** C −= A·Bᵀ of whole tiles; `depth` columns of A and B. */
  subtractProduct(c: number, a: number, b: number, depth: number, rowPanels: number, columnPanels: number): void {
    this.#functions.multiply(c, a, b, depth, rowPanels, columnPanels);
  }

  /** C −= A·Aᵀ, on and below the diagonal. */
  subtractSquare(c: number, a: number, depth: number, panels: number): void {
    for (let j = 0; j < panels; j++) {
      const at = j * panelBytes;
      this.#functions.multiply(c + at + j * blockBytes, a + at, a + at, depth, panels - j, 1);
    }
  }

  /** X·Lᵀ = C in place of C, for so many panels of C. */
  solveTile(x: number, xPanels: number, { at, inverses, panels }: DiagonalTile): void {
    for (let j = 0; j < panels; j++) {
      const [column, row] = [x + j * blockBytes, at + j * panelBytes];
      if (j > 0) this.#functions.multiply(column, x, row, j * panelRows, xPanels, 1);
      this.#functions.substitute(column, row + j * blockBytes, inverses + j * columnBytes, xPanels);
    }
  }

  /**
   * The lower factor of a diagonal tile in place. `accept(i, pivot)` says whether pivot i of the tile may be divided by;
   * false, and the tile half done, at the first that may not.
   */
  factorTile({ at, inverses, panels }: DiagonalTile, accept: (i: number, pivot: number) => boolean): boolean {
    for (let j = 0; j < panels; j++) {
      const row = at + j * panelBytes;
      const block = row + j * blockBytes;
      const below = panels - j - 1;
      if (j > 0) this.#functions.multiply(block, row, row, j * panelRows, below + 1, 1);
      const inverse = inverses + j * columnBytes;
      if (!this.#factorBlock(block / 8, inverse / 8, (i, pivot) => accept(j * panelRows + i, pivot))) return false;
      if (below > 0) this.#functions.substitute(block + panelBytes, block, inverse, below);
    }
    return true;
  }

  #factorBlock(at: number, inverses: number, accept: (i: number, pivot: number) => boolean): boolean {
    const { view } = this;
    for (let j = 0; j < panelRows; j++) {
      for (let i = j; i < panelRows; i++) {
        let rest = view[at + j * panelRows + i]!;
        for (let k = 0; k < j; k++) rest -= view[at + k * panelRows + i]! * view[at + k * panelRows + j]!;
        view[at + j * panelRows + i] = rest;
      }
      const pivot = view[at + j * panelRows + j]!;
      if (!accept(j, pivot)) return false;
      const root = Math.sqrt(pivot);
      view[at + j * panelRows + j] = root;
      view[inverses + j] = 1 / root;
      for (let i = j + 1; i < panelRows; i++) view[at + j * panelRows + i]! /= root;
    }
    return true;
  }

  /** The tile at an address. */
  tile(at: number): Float64Array {
    return this.view.subarray(at / 8, (at + tileBytes) / 8);
  }
}
