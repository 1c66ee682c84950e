/** Which arrays share memory: one whose value is read no more gives its place to a later one. */
import { reads } from '../../../../ir/program/index.ts';
import { type ArrayOf, arrayOf, type Step } from './steps.ts';

/** What one statement reads and writes. */
interface Access {
  readonly reads: readonly string[];
  readonly writes?: ArrayOf;
  /** Each cell is read before it is written, so an array may take the place of one that is read here for the last time. */
  readonly inPlace: boolean;
}

export interface Memory {
  /** Numbers in each buffer. */
  readonly buffers: readonly number[];
  /** The arrays, in the order they are written, and their buffers. */
  readonly arrays: readonly (ArrayOf & { readonly buffer: number })[];
}

/** Values of runs that something outside their loop reads: these are arrays, the others numbers inside the loop. */
export function storedValues(steps: readonly Step[], kept: ReadonlySet<string>): ReadonlySet<string> {
  const stored = new Set<string>(kept);
  for (const step of steps) {
    const inside = new Set(step.kind === 'run' ? step.statements.map((s) => s.name) : []);
    for (const { reads } of accesses(step, () => true))
      for (const name of reads) if (!inside.has(name)) stored.add(name);
  }
  return stored;
}

/** The memory of arrays for which `isShared` holds; others have memory of their own. */
export function planMemory(
  steps: readonly Step[],
  stored: ReadonlySet<string>,
  isShared: (name: string) => boolean,
): Memory {
  const all = steps.flatMap((step) => accesses(step, (name) => stored.has(name)));
  const lastRead = new Map(all.flatMap(({ reads }, at) => reads.map((name) => [name, at] as const)));
  const buffers: number[] = [];
  const free = new Set<number>();
  const places = new Map<string, number>();
  const arrays: (ArrayOf & { buffer: number })[] = [];
  all.forEach(({ reads, writes, inPlace }, at) => {
    const release = () => {
      for (const name of reads) {
        const buffer = lastRead.get(name) === at ? places.get(name) : undefined;
        if (buffer !== undefined) free.add(buffer);
      }
    };
    if (inPlace) release();
    if (writes !== undefined && isShared(writes.name)) {
      const buffer = placeFor(writes.size, buffers, free);
      free.delete(buffer);
      places.set(writes.name, buffer);
      arrays.push({ ...writes, buffer });
    }
    if (!inPlace) release();
  });
  return { buffers, arrays };
}

/** The smallest free buffer that is large enough, else the largest made larger, else a new one. */
function placeFor(size: number, buffers: number[], free: ReadonlySet<number>): number {
  const bySize = [...free].sort((a, b) => (buffers[a] as number) - (buffers[b] as number));
  const found = bySize.find((b) => (buffers[b] as number) >= size) ?? bySize.at(-1);
  if (found === undefined) return buffers.push(size) - 1;
  buffers[found] = Math.max(buffers[found] as number, size);
  return found;
}

function accesses(step: Step, isStored: (name: string) => boolean): readonly Access[] {
  switch (step.kind) {
    case 'run':
      return [
        ...step.statements.map((s) => ({
          reads: reads(s),
          inPlace: true,
          ...(step.grid !== undefined && isStored(s.name) && { writes: arrayOf(s.name, step.grid) }),
        })),
        // What is read in another order, at p = p' alone, is needed until the loop ends.
        { reads: step.statements.flatMap((s) => (s.kind === 'onlyDiagonal' ? [s.of] : [])), inPlace: false },
      ];
    case 'expand':
      return [{ reads: [step.statement.variance], inPlace: false }];
    case 'given':
      return [];
    case 'total':
      return [{ reads: [step.of], inPlace: false }];
    case 'fromLeft':
    case 'fromRight':
    case 'rowProducts':
      return [{ reads: [step.of, step.matrix], writes: step.out, inPlace: false }];
    default:
      return [{ reads: [step.of], writes: step.out, inPlace: false }];
  }
}
