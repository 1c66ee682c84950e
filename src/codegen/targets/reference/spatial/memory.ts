/** Which arrays share memory: one whose value is read no more gives its place to a later one. */
import { reads } from '../../../../ir/program/index.ts';
import { type Block, readFromOutside } from './blocks.ts';
import { type ArrayOf, arrayOf, type Step } from './steps.ts';

/** What one statement reads and writes. */
interface Access {
  readonly reads: readonly string[];
  readonly writes?: ArrayOf;
  /** Each cell is read before it is written, so an array may take the place of one that is read here for the last time. */
  readonly inPlace: boolean;
  /** The array in whose place this one must be; or is best, if it is free. */
  readonly into?: string;
  readonly best?: string;
  /** Arrays whose places are free until something is written into them. */
  readonly lends?: readonly string[];
}

export interface Memory {
  /** Numbers in each buffer. */
  readonly buffers: readonly number[];
  /** The arrays, in the order they are written, and their buffers. */
  readonly arrays: readonly (ArrayOf & { readonly buffer: number })[];
}

/** Values of runs that something outside their loop reads: these are arrays, the others numbers inside the loop. */
export function storedValues(blocks: readonly Block[], kept: ReadonlySet<string>): ReadonlySet<string> {
  const stored = new Set<string>(kept);
  for (const block of blocks) {
    for (const step of block.steps) {
      const inside = new Set(step.kind === 'run' ? step.statements.map((s) => s.name) : []);
      for (const { reads } of accesses(step, () => true))
        for (const name of reads) if (!inside.has(name)) stored.add(name);
    }
    if (block.kind === 'straight') continue;
    for (const { of, out } of [...block.enter, ...block.next, ...block.leave]) stored.add(of).add(out.name);
    for (const { variable, own, initial } of block.variables) stored.add(variable).add(own.name).add(initial);
  }
  return stored;
}

/** The memory of arrays for which `isShared` holds; others have memory of their own. */
export function planMemory(
  blocks: readonly Block[],
  stored: ReadonlySet<string>,
  isShared: (name: string) => boolean,
): Memory {
  const isStored = (name: string) => stored.has(name);
  const plan = (lends: boolean) =>
    placed(
      blocks.flatMap((block) => blockAccesses(block, isStored, lends)),
      isShared,
    );
  return plan(true) ?? (plan(false) as Memory);
}

/** Undefined where an array must be in a place that was lent to one that is still read. */
function placed(all: readonly Access[], isShared: (name: string) => boolean): Memory | undefined {
  const lastRead = new Map(all.flatMap(({ reads }, at) => reads.map((name) => [name, at] as const)));
  // What stands in the place of another is freed with it.
  for (const { writes, into } of all) if (writes !== undefined && into !== undefined) lastRead.delete(writes.name);
  const buffers: number[] = [];
  const free = new Set<number>();
  const places = new Map<string, number>();
  const holders = new Map<number, string>();
  const arrays: (ArrayOf & { buffer: number })[] = [];
  for (const [at, { reads, writes, inPlace, into, best = '', lends = [] }] of all.entries()) {
    const release = () => {
      for (const name of [...reads.filter((name) => lastRead.get(name) === at), ...lends]) {
        const buffer = places.get(name);
        if (buffer !== undefined) free.add(buffer);
      }
    };
    if (inPlace) release();
    if (writes !== undefined && isShared(writes.name)) {
      const wanted = places.get(into ?? best);
      const isFree = wanted !== undefined && (free.has(wanted) || holders.get(wanted) === into);
      if (into !== undefined && !isFree) return undefined;
      const buffer = isFree ? wanted : placeFor(writes.size, buffers, free);
      free.delete(buffer);
      places.set(writes.name, buffer);
      holders.set(buffer, writes.name);
      arrays.push({ ...writes, buffer });
    }
    if (!inPlace) release();
  }
  return { buffers, arrays };
}

/**
 * The accesses of a loop, once: what comes from before it, and what one layer hands to the next, is in use until its end. A
 * value may be written where that of the layer before was, once this is read no more; until then that place is lent.
 */
function blockAccesses(block: Block, isStored: (name: string) => boolean, lends: boolean): readonly Access[] {
  const steps = block.steps.flatMap((step) => accesses(step, isStored));
  if (block.kind === 'straight') return steps;
  const { enter, next, leave } = block;
  const following = next.flatMap(({ of, out: { name } }) => {
    const written = steps.findIndex((a) => a.writes?.name === of);
    const read = steps.findLastIndex((a) => a.reads.includes(name));
    return read < written || (read === written && steps[read]?.inPlace) ? [{ of, name, written, read }] : [];
  });
  const moves = next.filter(({ of }) => following.every((f) => f.of !== of));
  return [
    ...enter.map(({ of, out }) => ({ reads: [of], writes: out, inPlace: true, best: of })),
    ...steps.map((access, at) => {
      const into = following.find((f) => f.written === at)?.name;
      const lent = lends ? following.flatMap((f) => (f.read === at ? [f.name] : [])) : [];
      return { ...access, ...(into !== undefined && { into }), lends: lent };
    }),
    ...moves.map(({ of }) => ({ reads: [of], inPlace: false })),
    { reads: [...next.map(({ out }) => out.name), ...readFromOutside(block)], inPlace: false },
    ...leave.map(({ of, out }) => ({ reads: [of], writes: out, inPlace: true, best: of })),
  ];
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
    case 'copy':
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
