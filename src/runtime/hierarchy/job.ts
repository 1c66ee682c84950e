/** A call of an emitted hierarchy that all threads of a job make. */
import type { Room } from './tensors/bench.ts';
import { Stopped, stop } from './tensors/team.ts';
import { TensorEngine } from './tensors/tensorEngine.ts';

export interface HierarchyJob {
  /** The functions of codegen/hierarchy/wasm/module.ts. */
  readonly text: string;
  readonly name: 'prepareOn' | 'allOn' | 'contractedOn';
  /** What the function is given after the engine: tensors in memory, numbers, and objects of these. */
  readonly given: readonly unknown[];
  readonly module: WebAssembly.Module;
  readonly room: Room;
  readonly control: Int32Array;
  readonly threads: number;
}

export interface HierarchyResult {
  readonly value: unknown;
  /** Where what was made ends. */
  readonly top: number;
}

/** The part of one thread; the others stop where it throws. The result is the same in all of them. */
export function runJob(job: HierarchyJob, thread: number): HierarchyResult | undefined {
  const { text, name, given, module, room, control, threads } = job;
  try {
    const engine = new TensorEngine(module, room, { control, thread, threads });
    const value = loadHierarchyText(text)[name](engine, ...given);
    return { value, top: engine.top };
  } catch (error) {
    stop(control);
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

type EmittedHierarchy = Readonly<
  Record<HierarchyJob['name'], (e: TensorEngine, ...given: readonly unknown[]) => unknown>
>;

/** Modules that a thread keeps, the one used last at the end. */
const loaded = new Map<string, EmittedHierarchy>();
const mostLoaded = 4;

/** The text is ours: made from checked terms, whose names are identifiers and whose constants are numbers (decision 7). */
function loadHierarchyText(text: string): EmittedHierarchy {
  const contracted = text.includes('function contractedOn(') ? ', contractedOn' : '';
  const source = `'use strict';\n${text.replaceAll(/^export /gm, '')}\nreturn { prepareOn, allOn${contracted} };`;
  const module = loaded.get(text) ?? (new Function(source)() as EmittedHierarchy);
  loaded.delete(text);
  loaded.set(text, module);
  if (loaded.size > mostLoaded) loaded.delete([...loaded.keys()][0]!);
  return module;
}
