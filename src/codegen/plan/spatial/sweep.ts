/** The sweeps of a stage: which passes run for each difference p' - p, and how far each grid moves with it. */
import type { Statement } from '../../../ir/program/index.ts';
import { type Layout, layoutKey } from './layout.ts';
import { isOnPairs, NotPlanned, type Placed, passKey, readsHere } from './place.ts';
import type { PreparedStatements } from './prepare.ts';
import type { Step, Sweep } from './types.ts';

export interface SweepContext {
  /** Statements of the stage. */
  readonly here: readonly Placed[];
  /** Values that have to be visited at every (p, p'). */
  readonly sinks: readonly string[];
  /** Steps at the end of the stage. */
  readonly steps: readonly Step[];
  readonly arrays: ReadonlyMap<string, Layout>;
  readonly prepared: PreparedStatements;
  readonly passOf: ReadonlyMap<string, number>;
  readonly storedAt: (name: string) => { readonly array: string; readonly layout: Layout } | undefined;
  readonly region: (name: string) => Layout;
  /** What comes after the pass of a statement. */
  readonly patches: (statement: Statement) => readonly Step[];
  /** Full values that differ between (p, p') and (p', p). */
  readonly lopsided: ReadonlySet<string>;
}

/** One for each grid that sinks have. */
export function sweepsOf(context: SweepContext): readonly Sweep[] {
  const byGrid = grouped([...new Set(context.sinks)], (name) => layoutKey(context.region(name)));
  return [...byGrid.values()].map((sinks) => sweepOf(context, sinks));
}

/** Items by key, in the order of their first. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

function sweepOf(context: SweepContext, sinks: readonly string[]): Sweep {
  const layout = context.region(sinks[0] as string);
  const leading = layout.extents.slice(0, -1);
  const factors = new Map<string, { readonly layout: Layout; readonly factors: readonly number[] }>();
  const note = (of: Layout, by: readonly number[]) => {
    const known = factors.get(layoutKey(of));
    if (known !== undefined && known.factors.join() !== by.join())
      throw new NotPlanned('two paths of different strides between the same grids');
    factors.set(layoutKey(of), { layout: of, factors: by });
  };
  note(
    layout,
    leading.map(() => 1),
  );
  for (const name of sinks)
    note(
      context.storedAt(name)?.layout as Layout,
      leading.map(() => 1),
    );
  const needed = neededStatements(context, sinks, note, factors);
  const steps = [...passSteps(context, needed), ...endSteps(context, layout)];
  const arrays = needed.map((p) => p.statement.name).filter((name) => context.arrays.has(name));
  return {
    extents: leading,
    isHalf:
      context.here.some((p) => p.statement.domain !== 'pair') &&
      !needed.some((p) => context.lopsided.has(p.statement.name)),
    grids: [...factors.values()],
    arrays,
    steps,
  };
}

/** Statements of passes that the sinks need, in order. */
function neededStatements(
  { here, prepared, storedAt, region }: SweepContext,
  sinks: readonly string[],
  note: (layout: Layout, factors: readonly number[]) => void,
  factors: ReadonlyMap<string, { readonly factors: readonly number[] }>,
): readonly Placed[] {
  const names = new Set(sinks);
  const needed: Placed[] = [];
  for (const p of [...here].reverse()) {
    const s = p.statement;
    if (!names.has(s.name) || p.manner !== 'pass' || !isOnPairs(s)) continue;
    needed.unshift(p);
    const own = factors.get(layoutKey(region(s.name)))?.factors as readonly number[];
    for (const name of readsHere(s)) {
      const stored = storedAt(name);
      if (stored === undefined) continue;
      names.add(name);
      const strides = s.kind === 'shiftSum' ? prepared.affine.get(s.name)?.map((axis) => axis.stride) : undefined;
      const by = own.map((f, axis) => f * (strides?.[axis] ?? 1));
      note(region(name), by);
      note(stored.layout, by);
    }
  }
  return needed;
}

/** Passes level by level; after each the full values that are known where p = p', and what its series could not give. */
function passSteps({ passOf, arrays, patches }: SweepContext, needed: readonly Placed[]): readonly Step[] {
  const byPass = grouped(
    [...needed].sort((a, b) => a.level - b.level),
    passKey,
  );
  return [...byPass].flatMap(([key, group]): readonly Step[] => {
    const pass = passOf.get(key);
    if (pass === undefined) return [];
    const fixes = group.flatMap(({ statement: s }) => fixOf(s)).filter((step) => arrays.has(step.of));
    return [{ kind: 'pass', pass }, ...fixes, ...group.flatMap((p) => patches(p.statement))];
  });
}

const fixOf = (s: Statement) =>
  'diagonal' in s && s.diagonal !== undefined ? [{ kind: 'fix', of: s.name, self: s.diagonal } as const] : [];

/** Steps on whole arrays, after the sweeps. */
export const wholeSteps: ReadonlySet<Step['kind']> = new Set(['gather', 'contract', 'softmax', 'record']);

/** Steps on arrays over (p, p') of this grid. */
const endSteps = ({ steps, arrays }: SweepContext, grid: Layout): readonly Step[] =>
  steps.filter((s) => {
    if (!('of' in s) || wholeSteps.has(s.kind)) return false;
    const of = arrays.get(s.of);
    return of?.span === 'all' && of.extents.join() === grid.extents.join();
  });
