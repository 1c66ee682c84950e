import type { HierarchyPlans } from '../../codegen/hierarchy/plans.ts';
import { hierarchyWasmBody } from '../../codegen/hierarchy/wasm/module.ts';
import { loadable, mostPages, tensorModule } from '../../codegen/linear/index.ts';
import { planCost } from '../../ir/einsum/plan/index.ts';
import { denseLayers, SAMPLES } from '../../ir/hierarchy/index.ts';
import { threadsFor } from '../solve/machine.ts';
import { runOnAll, threadPool } from '../threadPool.ts';
import type { HierarchySamples } from './checks.ts';
import type { EngineSamples, HierarchyEngine } from './engine.ts';
import { type HierarchyJob, type HierarchyResult, runJob } from './job.ts';
import { loadReference } from './reference.ts';
import type { Room } from './tensors/bench.ts';
import { controlLength, stop } from './tensors/team.ts';
import type { Tensor } from './tensors/tensor.ts';
import { TensorEngine } from './tensors/tensorEngine.ts';

/** Float64 in WebAssembly, contractions on all threads; the numbers do not depend on how many. */
export async function loadWasm(plans: HierarchyPlans, threads?: number): Promise<HierarchyEngine> {
  const text = hierarchyWasmBody(plans);
  return {
    target: 'wasm',
    dtype: 'float64',
    prepare: async (samples) => {
      const memory = new SampleMemory(plans, text, samples, threadsOf(plans, samples.n, threads));
      await memory.prepare();
      return memory;
    },
  };
}

/** As many as the contraction is worth, or all tuples where there is none. */
function threadsOf({ pairs, contracted }: HierarchyPlans, n: number, asked?: number): number {
  const { steps, space } = (contracted ?? pairs).plan;
  const { flops } = planCost(steps, { ...space, sizes: { ...space.sizes, [SAMPLES]: n } });
  return threadsFor(flops / 2, asked);
}

const idleThreads = threadPool(import.meta.url);
const modules = new Map<boolean, WebAssembly.Module>();

function moduleFor(shared: boolean): WebAssembly.Module {
  const known = modules.get(shared) ?? new WebAssembly.Module(loadable(tensorModule, shared));
  modules.set(shared, known);
  return known;
}

/** Parameters and samples in a memory of their own, with what is made of them. */
class SampleMemory implements EngineSamples {
  readonly #plans: HierarchyPlans;
  readonly #text: string;
  readonly #samples: HierarchySamples;
  readonly #threads: number;
  readonly #memory: WebAssembly.Memory;
  /** Bytes of the memory from here on are free. */
  #base = 0;
  #prepared: unknown;
  /** Calls wait for each other: they use the same room. */
  #last: Promise<unknown> = Promise.resolve();
  #single: Promise<EngineSamples> | undefined;

  constructor(plans: HierarchyPlans, text: string, samples: HierarchySamples, threads: number) {
    this.#plans = plans;
    this.#text = text;
    this.#samples = samples;
    this.#threads = threads;
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: threads > 1 });
  }

  async prepare(): Promise<void> {
    const { parameters, x, n, output = 0 } = this.#samples;
    const engine = this.#engine();
    const layers = denseLayers(this.#plans.program.network).map(({ width, fanIn }, l) => {
      const { W, b } = parameters[l]!;
      return { W: engine.put(W, [width, fanIn]), ...(b !== undefined && { b: engine.put(b, [width]) }) };
    });
    const inputs = engine.put(x, [n, x.length / n]);
    this.#base = engine.top;
    const { value, top } = await this.#run('prepareOn', [layers, inputs, output]);
    this.#prepared = value;
    this.#base = top;
  }

  /** One tuple is many small steps, which plain JavaScript takes faster than they can be shared out. */
  async at(tuples: readonly (readonly number[])[]): Promise<Float64Array> {
    this.#single ??= loadReference(this.#plans).then((engine) => engine.prepare(this.#samples));
    return (await this.#single).at(tuples);
  }

  async all(): Promise<Float64Array> {
    return this.#inTurn(async () => this.#values(await this.#run('allOn', [this.#prepared])));
  }

  async contracted(weights: Float64Array): Promise<Float64Array> {
    return this.#inTurn(async () => {
      const base = this.#base;
      const engine = this.#engine();
      const shape = Array.from({ length: this.#plans.program.order - 2 }, () => this.#samples.n);
      const given = engine.put(weights, shape);
      this.#base = engine.top;
      try {
        return this.#values(await this.#run('contractedOn', [this.#prepared, given]));
      } finally {
        this.#base = base;
      }
    });
  }

  dispose(): void {
    this.#prepared = undefined;
    this.#single = undefined;
  }

  /** On this thread alone. */
  #engine(): TensorEngine {
    const team = { control: new Int32Array(controlLength), thread: 0, threads: 1 };
    return new TensorEngine(moduleFor(this.#threads > 1), this.#room(), team);
  }

  #room(): Room {
    return { memory: this.#memory, bytes: this.#memory.buffer.byteLength, base: this.#base };
  }

  #values({ value }: HierarchyResult): Float64Array {
    return this.#engine().values(value as Tensor);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #run(name: HierarchyJob['name'], given: readonly unknown[]): Promise<HierarchyResult> {
    const threads = this.#threads;
    const bytes = 4 * controlLength;
    const control = new Int32Array(threads > 1 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    const module = moduleFor(threads > 1);
    const job = { text: this.#text, name, given, module, room: this.#room(), control, threads };
    if (threads === 1) return runJob(job, 0)!;
    const messages = Array.from({ length: threads }, (_, thread) => ({ job, thread }));
    const results = await runOnAll<HierarchyResult>(idleThreads(threads), messages, () => stop(control));
    return results[0]!;
  }
}
