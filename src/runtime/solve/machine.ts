/** Memory and threads of one computation on tiles. */
import { availableParallelism } from 'node:os';
import { linearModule, loadable, mostPages } from '../../codegen/linear/index.ts';
import { NtkcError } from '../../errors.ts';
import { LinearEngine } from './engine.ts';
import { type Job, takeTasks } from './jobs.ts';
import { stop } from './progress.ts';
import { runOnThreads } from './threads.ts';

const page = 65536;
/** Bytes that a memory holds; the last page stays free, so that no address wraps round. */
export const mostBytes = (mostPages - 1) * page;

const modules = new Map<boolean, WebAssembly.Module>();

function moduleFor(shared: boolean): WebAssembly.Module {
  const known = modules.get(shared) ?? new WebAssembly.Module(loadable(linearModule, shared));
  modules.set(shared, known);
  return known;
}

export class Machine {
  readonly threads: number;
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  /** Where the room begins. */
  readonly #first: number;

  /** With one thread nothing is shared. */
  constructor(bytes: number, threads: number) {
    this.threads = threads;
    this.#module = moduleFor(threads > 1);
    const initial = Math.ceil(bytes / page);
    this.#first = initial * page;
    const limits = { initial, maximum: mostPages, shared: threads > 1 };
    this.#memory = orNoMemory(bytes, () => new WebAssembly.Memory(limits));
  }

  /** Address of so many bytes after those it was made with; the same room each time. */
  room(bytes: number): number {
    const missing = this.#first + bytes - this.#memory.buffer.byteLength;
    if (missing > 0) orNoMemory(missing, () => this.#memory.grow(Math.ceil(missing / page)));
    return this.#first;
  }

  /** Bytes that the room can have. */
  get roomBytes(): number {
    return mostBytes - this.#first;
  }

  /** On the memory as it is now: made anew after it grows. */
  engine(): LinearEngine {
    return new LinearEngine(this.#module, this.#memory);
  }

  /** Zeros in memory that all threads of a job see. */
  numbers(count: number): Float64Array {
    return new Float64Array(this.#buffer(8 * count));
  }
  flags(count: number): Int32Array {
    return new Int32Array(this.#buffer(4 * count));
  }
  #buffer(bytes: number): ArrayBufferLike {
    return this.threads > 1 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }

  /** Runs a job to its end, with one thread on this one, between events. Throws NtkcError if a thread fails. */
  async run(job: Job, threads: number = this.threads): Promise<void> {
    if (threads > 1) {
      const [module, memory] = [this.#module, this.#memory];
      const messages = Array.from({ length: threads }, (_, thread) => ({ module, memory, job, thread }));
      return runOnThreads(messages, () => stop(job));
    }
    let breathed = performance.now();
    for (const _ of takeTasks(this.engine(), job, 0)) {
      if (performance.now() - breathed < 50) continue;
      await new Promise((resolve) => setImmediate(resolve));
      breathed = performance.now();
    }
  }
}

function orNoMemory<T>(bytes: number, allocate: () => T): T {
  try {
    return allocate();
  } catch (error) {
    throw new NtkcError({
      what: `there is no room for ${Math.ceil(bytes / 1e6)} MB of tiles: ${String(error)}`,
      expected: 'half the matrix once more in memory',
      next: 'Use fewer samples, or a machine with more memory.',
    });
  }
}

/** Multiply-adds in the time that starting a thread takes, some 12 ms. */
const threadCost = 1.5e8;

/**
 * Threads for so many multiply-adds w, if nobody asks for a number: w/t + t·cost is least at t = √(w/cost). One where
 * memory cannot be shared.
 */
export function threadsFor(multiplyAdds: number, asked?: number): number {
  if (typeof SharedArrayBuffer === 'undefined') return 1;
  const worthwhile = Math.max(1, Math.floor(Math.sqrt(multiplyAdds / threadCost)));
  return asked ?? Math.min(availableParallelism(), worthwhile);
}
