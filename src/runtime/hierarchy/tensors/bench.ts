/** What a thread works with: the kernels on a memory, room of its own, and its part of the work. */
import { tileBytes } from '../../../codegen/linear/shape.ts';
import { NtkcError } from '../../../errors.ts';
import { Heap } from './heap.ts';
import { type Member, meet, shareOut } from './team.ts';
import { type Walk, writeOffsets } from './tensor.ts';

/** src/codegen/linear/{multiply,tensor,entrywise}.ts */
interface Kernels {
  multiply(c: number, a: number, b: number, depth: number, rowPanels: number, columnPanels: number): void;
  pack(to: number, depth: number, panels: number, ...factor: readonly number[]): void;
  packProduct(to: number, depth: number, panels: number, ...factors: readonly number[]): void;
  store(to: number, panel: number, rows: number, columns: number, stride: number): void;
  dots(to: number, count: number, ...sides: readonly number[]): void;
  product(to: number, rows: number, length: number, ...parts: readonly number[]): void;
  add(to: number, rows: number, length: number, ...part: readonly number[]): void;
}

/** Entries that a thread has for tables of offsets: for four tables of `tableSize`. */
export const tableSize = 1024;
const ownBytes = 3 * tileBytes + 4 * 4 * tableSize;
const page = 65536;

/** Where tensors may be. */
export interface Room {
  readonly memory: WebAssembly.Memory;
  /** How large the memory is when a job begins: the same for all its threads, whichever comes first to make it grow. */
  readonly bytes: number;
  /** Bytes from here on are free. */
  readonly base: number;
}

export class Bench {
  readonly kernels: Kernels;
  readonly heap: Heap;
  readonly #memory: WebAssembly.Memory;
  readonly #team: Member;
  /** Where this thread's own room begins. */
  readonly #own: number;
  #view: Float64Array;
  #offsets: Int32Array;

  constructor(module: WebAssembly.Module, { memory, bytes, base }: Room, team: Member) {
    const { exports } = new WebAssembly.Instance(module, { ntkc: { memory } });
    this.kernels = exports as unknown as Kernels;
    this.#memory = memory;
    this.#team = team;
    this.#view = new Float64Array(memory.buffer, 0, bytes / 8);
    this.#offsets = new Int32Array(memory.buffer, 0, bytes / 4);
    this.heap = new Heap(base, (end) => this.#reach(end));
    this.#own = this.heap.take(ownBytes * team.threads) + ownBytes * team.thread;
  }

  /** The whole memory: valid until something is taken from the heap. */
  get view(): Float64Array {
    return this.#view;
  }

  /** Room for a tile: 0, 1 or 2. */
  tile(which: number): number {
    return this.#own + which * tileBytes;
  }

  /**
   * Address of a table of the byte offsets of positions from .. to − 1 of a walk, the last repeated up to a length.
   * @param entry of the room for tables, where it begins
   */
  table(entry: number, walk: Walk, from: number, to: number, length = to - from): number {
    const at = this.#own + 3 * tileBytes + 4 * entry;
    writeOffsets(this.#offsets, at / 4, walk, from, to);
    this.#offsets.fill(this.#offsets[at / 4 + to - from - 1]!, at / 4 + to - from, at / 4 + length);
    return at;
  }

  /** Parts of 0 .. count − 1, at most `size` at a time, on all threads. */
  each(count: number, size: number, f: (from: number, to: number) => void): void {
    shareOut(this.#team, count, Math.max(1, Math.floor(size)), f);
  }

  get threads(): number {
    return this.#team.threads;
  }

  /** All threads come here for the same end: one makes the memory grow, and each sees it. */
  #reach(end: number): void {
    const now = this.#view.byteLength;
    if (end <= now) return;
    const missing = Math.ceil((end - now) / page);
    if (this.#team.thread === 0) growBy(this.#memory, missing, end);
    meet(this.#team);
    const bytes = now + missing * page;
    // V8 tells other threads by an interrupt that can come late, or not at all; growing by nothing asks.
    if (this.#memory.buffer.byteLength < bytes) this.#memory.grow(0);
    this.#view = new Float64Array(this.#memory.buffer, 0, bytes / 8);
    this.#offsets = new Int32Array(this.#memory.buffer, 0, bytes / 4);
  }
}

function growBy(memory: WebAssembly.Memory, pages: number, end: number): void {
  try {
    memory.grow(pages);
  } catch {
    throw new NtkcError({
      what: `the tensors of a contraction need ${Math.ceil(end / 1e6)} MB of WebAssembly memory`,
      expected: 'at most 4295 MB, and no more than the machine has',
      next: 'Lower the memory limit, so that large tensors are made in blocks, or use the target reference.',
    });
  }
}
