/** Which arrays may share memory: those of one layout, one after another. */
import { type Layout, layoutKey } from './layout.ts';
import type { Pass, Stage, Step } from './types.ts';

/**
 * A number for each array; arrays of different layouts never share one, so that borders stay zero. Numbers count per
 * layout: the k-th buffer of its layout.
 */
export function buffersOf(
  stages: readonly Stage[],
  passes: readonly Pass[],
  arrays: ReadonlyMap<string, Layout>,
): ReadonlyMap<string, number> {
  const lives = new Map<string, { first: number; last: number }>();
  let now = 0;
  const touch = (name: string) => {
    if (!arrays.has(name)) return;
    const life = lives.get(name) ?? { first: now, last: now };
    life.last = now;
    lives.set(name, life);
  };
  for (const stage of stages) {
    now++;
    for (const name of stage.clearedArrays) touch(name);
    for (const step of [...stage.flat, ...stage.sweeps.flatMap((s) => s.steps), ...stage.after]) {
      now++;
      for (const name of touched(step, passes)) touch(name);
    }
  }
  const order = [...lives].sort(([, a], [, b]) => a.first - b.first);
  const taken: { readonly key: string; readonly buffer: number; readonly last: number }[] = [];
  const buffers = new Map<string, number>();
  for (const [name, { first, last }] of order) {
    const key = layoutKey(arrays.get(name) as Layout);
    const busy = new Set(taken.filter((t) => t.key === key && t.last >= first).map((t) => t.buffer));
    let buffer = 0;
    while (busy.has(buffer)) buffer++;
    taken.push({ key, buffer, last });
    buffers.set(name, buffer);
  }
  return buffers;
}

function touched(step: Step, passes: readonly Pass[]): readonly string[] {
  if (step.kind === 'pass') {
    const { loads, stores } = passes[step.pass] as Pass;
    const read = [...loads.values()].flatMap((load) => (load.kind === 'array' ? [load.array] : []));
    return [...read, ...stores.flatMap((store) => (store.kind === 'array' ? [store.array] : []))];
  }
  return [
    ...('of' in step ? [step.of] : []),
    ...('to' in step ? [step.to] : []),
    ...('self' in step ? [step.self] : []),
    ...('matrix' in step ? [step.matrix] : []),
    ...('covariance' in step ? [step.covariance] : []),
  ];
}
