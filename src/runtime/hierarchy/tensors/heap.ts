/** Addresses in one memory: the first gap that is large enough. */

interface Block {
  readonly at: number;
  readonly end: number;
  /** Counts up with each that is taken. */
  readonly id: number;
}

/** Blocks begin at whole cache lines. */
const line = 64;

export class Heap {
  readonly #base: number;
  readonly #grow: (end: number) => void;
  /** By address. */
  #blocks: Block[] = [];
  #taken = 0;

  /** @param grow makes the memory reach at least this address */
  constructor(base: number, grow: (end: number) => void) {
    this.#base = Math.ceil(base / line) * line;
    this.#grow = grow;
  }

  take(bytes: number): number {
    const size = Math.max(line, Math.ceil(bytes / line) * line);
    let at = this.#base;
    let place = 0;
    for (const block of this.#blocks) {
      if (block.at - at >= size) break;
      at = block.end;
      place++;
    }
    this.#blocks.splice(place, 0, { at, end: at + size, id: this.#taken++ });
    this.#grow(at + size);
    return at;
  }

  free(at: number): void {
    const place = this.#blocks.findIndex((block) => block.at === at);
    if (place >= 0) this.#blocks.splice(place, 1);
  }

  mark(): number {
    return this.#taken;
  }

  /** Frees what was taken since `mark`. */
  release(mark: number): void {
    this.#blocks = this.#blocks.filter(({ id }) => id < mark);
  }

  /** Where the last block ends. */
  get top(): number {
    return this.#blocks.at(-1)?.end ?? this.#base;
  }
}
