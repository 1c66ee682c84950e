/** The order in which the emitted code computes: statements that one loop can hold stand together. */
import { type Grid, type Program, reads, type Statement } from '../../../../ir/program/index.ts';
import { type CellStatement, type Run, type Step, spatialSteps } from './steps.ts';

/** Statements of a sample (self and full), or of a pair. */
export function schedule(program: Program, part: 'sample' | 'pair', fresh: (name: string) => string): readonly Step[] {
  const statements = program.statements.filter((s) => (s.domain === 'pair') === (part === 'pair'));
  const grids = new Map(program.statements.map((s) => [s.name, s.grid]));
  const waiting = new Set(statements.map((s) => s.name));
  const steps: Step[] = [];
  for (let left = statements; left.length > 0; left = left.filter((s) => waiting.has(s.name))) {
    // Statements over several positions as soon as they can be: a loop then has all it could hold.
    const ready = left.filter((s) => reads(s).every((name) => !waiting.has(name)));
    const first = ready.find((s) => !isCell(s)) ?? (ready[0] as Statement);
    if (isCell(first)) steps.push(runFrom(left, first, waiting));
    else if (first.kind === 'expand') steps.push({ kind: 'expand', statement: first });
    else steps.push(...spatialSteps(first, 'of' in first ? grids.get(first.of) : undefined, fresh));
    waiting.delete(first.name);
  }
  return steps;
}

const isCell = (s: Statement): s is CellStatement =>
  s.kind === 'inner' || s.kind === 'map' || s.kind === 'dual' || s.kind === 'onlyDiagonal';

const sameCells = (a: Statement, b: Statement) => a.domain === b.domain && gridKey(a.grid) === gridKey(b.grid);
const gridKey = (grid: Grid | undefined) => (grid === undefined ? '' : `${grid.extents.join('x')} ${grid.span}`);

/** All statements over the cells of the first that need nothing computed later; they wait no more. */
function runFrom(left: readonly Statement[], first: CellStatement, waiting: Set<string>): Run {
  const statements: CellStatement[] = [];
  for (const s of left)
    if (isCell(s) && sameCells(s, first) && reads(s).every((name) => !waiting.has(name))) {
      statements.push(s);
      waiting.delete(s.name);
    }
  return { kind: 'run', domain: first.domain, grid: first.grid, statements };
}
