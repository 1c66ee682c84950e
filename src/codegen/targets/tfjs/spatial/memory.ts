/** What the tensors of one sample, or of one pair, take while their statements run: sizes of blocks come from it. */
import type { Program, Statement } from '../../../../ir/program/index.ts';
import { countOf } from './forms.ts';
import type { LayerGroups, SpatialBlock, SpatialGroup } from './groups.ts';

/** Numbers of a value, for one sample or pair. */
export function cellsOf(s: Pick<Statement, 'domain' | 'grid'>): number {
  if (s.grid === undefined) return 1;
  const p = countOf(s);
  return s.domain === 'full' || (s.domain === 'pair' && s.grid.span === 'all') ? p * p : p;
}

/** Tensors that a statement makes besides those its lines name, in sizes of the larger of its input and its output. */
const inHelpers: Readonly<Partial<Record<Statement['kind'], number>>> = {
  shiftSum: 6,
  linear: 8,
  average: 4,
  contract: 5,
  dual: 6,
  inner: 3,
};

/** Points of quadrature that an expansion holds at a time, some arrays of them. */
const quadrature = 481 * 6;

/**
 * Upper bound, in bytes, on what is held at once: the values alive between groups, and all that one group makes, for
 * tensors are freed when their group ends. `linesOf` gives the emitted lines of a statement; `program` has each once.
 */
export function peakBytes(
  blocks: readonly SpatialBlock[],
  program: Program,
  kept: ReadonlySet<string>,
  linesOf: (s: Statement) => readonly string[],
): number {
  const cells = new Map(program.statements.map((s) => [s.name, cellsOf(s)]));
  const sizeOf = (name: string) => cells.get(name) ?? 0;
  const alive = new Map<string, number>();
  let peak = 0;
  const compute = ({ statements, live, dead }: SpatialGroup) => {
    const own = statements.reduce((sum, s) => sum + madeBy(s, linesOf(s), cells), 0);
    peak = Math.max(peak, own + [...alive.values()].reduce((sum, v) => sum + v, 0));
    for (const name of live) alive.set(name, sizeOf(name));
    for (const name of dead) alive.delete(name);
  };
  for (const block of blocks)
    if (block.kind === 'group') compute(block);
    else {
      enter(block, alive, sizeOf, kept);
      block.groups.forEach(compute);
      leave(block, alive, sizeOf);
    }
  return 4 * peak;
}

type Sizes = Map<string, number>;

/** What is handed to the first layer; what is kept of each, twice, because it is put together in the end. */
function enter(
  { loop, before }: LayerGroups,
  alive: Sizes,
  sizeOf: (name: string) => number,
  kept: ReadonlySet<string>,
) {
  for (const { variable, initial, isCopy } of before) {
    alive.set(variable, sizeOf(variable));
    if (!isCopy) alive.delete(initial);
  }
  for (const name of [...loop.statements.map((s) => s.name), ...before.map((b) => b.variable)])
    if (kept.has(name)) alive.set(`${name} of each`, 2 * loop.times * sizeOf(name));
}

function leave({ before, leaving, dead }: LayerGroups, alive: Sizes, sizeOf: (name: string) => number) {
  for (const { variable, own } of before) {
    alive.delete(own.name);
    alive.set(variable, sizeOf(variable));
  }
  for (const { name, variable } of leaving) {
    alive.set(name, sizeOf(variable));
    alive.delete(variable);
  }
  for (const name of dead) alive.delete(name);
}

function madeBy(s: Statement, lines: readonly string[], cells: ReadonlyMap<string, number>): number {
  if (s.kind === 'expand') return 2 * quadrature * cellsOf(s);
  const calls = lines.reduce((sum, line) => sum + [...line.matchAll(/\btf\.\w+\(/g)].length, 0);
  const input = 'of' in s ? (cells.get(s.of) ?? 0) : 0;
  return calls * cellsOf(s) + (inHelpers[s.kind] ?? 0) * Math.max(input, cellsOf(s));
}
