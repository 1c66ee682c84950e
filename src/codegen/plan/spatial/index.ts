/** Spatial programs as what a fused target does: passes over cells, differences p' - p one after another. */
import { type Program, positionsOf, prune, resolve, type Statement } from '../../../ir/program/index.ts';
import { sym, symbols } from '../../../ir/scalar/index.ts';
import type { SampleValue } from '../lower.ts';
import { type Layout, layoutKey } from './layout.ts';
import { NotPlanned } from './place.ts';
import { type PreparedStatements, prepareStatements } from './prepare.ts';
import { planRoutine, type RoutineResult } from './routine.ts';
import { givenName, inputName, matrixName, type Routine, type SampleRecord, type SpatialPlan } from './types.ts';

export { cellsOfGrid, spatialCost } from './cost.ts';
export { type Layout, layoutKey, stepOf } from './layout.ts';
export { type Stored, storedOf } from './parity.ts';
export { NotPlanned } from './place.ts';
export {
  type ArrayStep,
  type Cursor,
  degreeName,
  flagName,
  givenName,
  inputName,
  type Load,
  limitName,
  matrixName,
  type NumberValue,
  type Pass,
  type PassSeries,
  type Routine,
  type SampleRecord,
  type SpatialPlan,
  type Stage,
  type Step,
  type Store,
  type Sweep,
  seriesName,
} from './types.ts';

/** What a WebAssembly memory holds, with room for records of samples. */
const mostBytes = 3e9;

/** The plan of a program whose inputs have positions; undefined where it has none. */
export function planSpatial(program: Program): SpatialPlan | undefined {
  const plan = planOrReason(program);
  return plan instanceof NotPlanned ? undefined : plan;
}

/** The plan, or why there is none. */
export function planOrReason(program: Program): SpatialPlan | NotPlanned {
  try {
    return planned(program);
  } catch (error) {
    if (error instanceof NotPlanned) return error;
    throw error;
  }
}

function planned(given: Program): SpatialPlan {
  const prepared = prepareStatements(given);
  const program = { ...given, statements: prepared.statements };
  const channels = program.features / program.extents.reduce((product, n) => product * n, 1);
  const pairs = program.statements.filter((s) => s.domain === 'pair');
  const pair = planRoutine({ program, prepared, statements: pairs, recorded: new Map(), matrices: new Set() });
  const wanted = [...pair.samples, ...selfNumbers(program, pairs)];
  const sample = samplePlan(program, prepared, wanted, [...pair.expansions], pair.matrices);
  const diagonal = samplePlan(
    program,
    prepared,
    [],
    program.outputs.flatMap((o) => symbols(o.self)),
    new Set(),
  );
  const inputLayout = prepared.layout(program.extents, 'diagonal');
  const { buffers, numbered } = joinedBuffers([pair.routine, sample.result.routine, diagonal.result.routine]);
  const bytes = buffers.reduce((sum, { size }) => sum + 8 * size, 0);
  if (bytes > mostBytes) throw new NotPlanned('its arrays do not fit', { bytes, mostBytes });
  const [pairRoutine, sampleRoutine, diagonalRoutine] = numbered as [Routine, Routine, Routine];
  return {
    program,
    channels,
    expansions: program.statements.filter((s) => s.kind === 'expand'),
    inputLayout,
    buffers,
    contracted: Math.max(
      0,
      ...program.statements.map((s) => (s.kind === 'contract' ? positionsOf(prepared.gridOf(s.of)?.extents ?? []) : 0)),
    ),
    pair: pairRoutine,
    sample: sampleRoutine,
    sampleRecord: recordOf(sample.recorded, [pairRoutine, sampleRoutine], prepared, channels, inputLayout),
    diagonal: diagonalRoutine,
    diagonalRecord: recordOf(diagonal.recorded, [diagonalRoutine], prepared, channels, inputLayout),
    outputs: program.outputs.map(({ pair: p, self }) => ({ pair: p, self })),
  };
}

/** Self values without positions that numbers of pairs and outputs read. */
function selfNumbers(program: Program, pairs: readonly Statement[]): readonly SampleValue[] {
  const exprs = [
    ...pairs.flatMap((s) => (s.kind === 'map' && s.grid === undefined ? [s.expr] : [])),
    ...program.outputs.map((o) => o.pair),
  ];
  const names = exprs.flatMap((e) => symbols(e).flatMap((s) => (resolve(s).at === 'here' ? [] : [resolve(s).name])));
  return [...new Set(names)].map((name) => ({ name, expr: sym(name) }));
}

interface Recorded {
  readonly name: string;
  /** Positions of an array; none for a number. */
  readonly extents?: readonly number[];
  /** Over all (p, p'). */
  readonly isMatrix?: boolean;
}

/** The routine of a sample that leaves these values in its record; its passes between positions may need more there. */
function samplePlan(
  program: Program,
  prepared: PreparedStatements,
  wanted: readonly SampleValue[],
  outputs: readonly string[],
  matrices: ReadonlySet<string>,
): { readonly result: RoutineResult; readonly recorded: readonly Recorded[] } {
  const values = new Map(wanted.map((v) => [v.name, v]));
  const once = () => {
    const { statements, recorded } = withRecorded(program, prepared, [...values.values()], [...outputs, ...matrices]);
    return { result: planRoutine({ program, prepared, statements, recorded, matrices }), statements };
  };
  for (const v of once().result.samples) values.set(v.name, v);
  const { result, statements } = once();
  const recorded = [...values.values()].map(({ name }) => {
    const grid = statements.find((s) => s.name === recordName(name))?.grid;
    return { name, ...(grid && { extents: grid.extents }) };
  });
  const whole = (name: string, as: string): Recorded => {
    const grid = prepared.gridOf(name);
    return { name: as, extents: grid?.extents ?? [], isMatrix: grid?.span === 'all' };
  };
  const given = statements.filter((s) => s.kind === 'pattern' || s.kind === 'present');
  const others = [
    ...given.map((s) => whole(s.name, givenName(s.name))),
    ...[...matrices].map((name) => whole(name, matrixName(name))),
  ];
  return { result, recorded: [...others, ...recorded] };
}

export const recordName = (name: string): string => `record ${name}`;

/** Statements of samples that are needed, and after them a map for each value that is recorded. */
function withRecorded(
  program: Program,
  prepared: PreparedStatements,
  values: readonly SampleValue[],
  outputs: readonly string[],
): { readonly statements: readonly Statement[]; readonly recorded: ReadonlyMap<string, string> } {
  const maps = values.map(({ name, expr }): Statement => {
    const grid = symbols(expr)
      .map((s) => prepared.gridOf(s))
      .find((g) => g !== undefined);
    return { name: recordName(name), domain: 'self', kind: 'map', expr, ...(grid && { grid }) };
  });
  const own = program.statements.filter((s) => s.domain !== 'pair');
  const ends = [...outputs, ...maps.map((m) => m.name)];
  const { statements } = prune({
    ...program,
    statements: [...own, ...maps],
    outputs: ends.map((name) => ({ name, pair: sym(name), self: sym(name) })),
  });
  return { statements, recorded: new Map(values.map(({ name }) => [recordName(name), name])) };
}

function recordOf(
  recorded: readonly Recorded[],
  readers: readonly Routine[],
  prepared: PreparedStatements,
  channels: number,
  inputLayout: Layout,
): SampleRecord {
  const arrays = new Map<string, { readonly layout: Layout; readonly at: number }>();
  const numbers = new Map<string, number>();
  let size = 0;
  const place = (count: number) => {
    const at = size;
    size += Math.ceil(count / 8) * 8;
    return at;
  };
  for (let c = 0; c < channels; c++) arrays.set(inputName(c), { layout: inputLayout, at: place(inputLayout.size) });
  for (const { name, extents, isMatrix } of recorded) {
    if (extents === undefined) continue;
    const layout = isMatrix ? prepared.layout(extents, 'all', true) : prepared.layout(extents, 'diagonal');
    arrays.set(name, { layout, at: place(layout.size) });
  }
  for (const { name, extents } of recorded) if (extents === undefined) numbers.set(name, place(1));
  const series = new Set(readers.flatMap((routine) => routine.series));
  const tables = new Map([...series].map((name) => [name, place(1)]));
  return { arrays, numbers, tables, size };
}

/** Buffers of all routines: the k-th of each layout is the same for all. */
function joinedBuffers(routines: readonly Routine[]): {
  readonly buffers: readonly Layout[];
  readonly numbered: readonly Routine[];
} {
  const buffers: Layout[] = [];
  const numbers = new Map<string, number>();
  const numbered = routines.map((routine) => {
    const own = new Map<string, number>();
    for (const [name, k] of routine.buffers) {
      const layout = routine.arrays.get(name) as Layout;
      const key = `${k} ${layoutKey(layout)}`;
      if (!numbers.has(key)) {
        numbers.set(key, buffers.length);
        buffers.push(layout);
      }
      own.set(name, numbers.get(key) as number);
    }
    return { ...routine, buffers: own };
  });
  return { buffers, numbered };
}
