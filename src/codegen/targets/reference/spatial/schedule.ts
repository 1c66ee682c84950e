/** The order in which the emitted code computes: statements that one loop can hold stand together. */
import { atX, atY, type Grid, reads, type SpatialStatement, type Statement } from '../../../../ir/program/index.ts';
import { spatialSteps } from './lower.ts';
import type { CellStatement, Run, Step } from './steps.ts';

/**
 * Statements of a sample (self and full), or of a pair. `grids`: positions of whatever these read; `fresh`: names of arrays
 * between steps.
 */
export function schedule(
  statements: readonly Statement[],
  grids: ReadonlyMap<string, Grid | undefined>,
  fresh: () => string,
): readonly Step[] {
  const waiting = new Set(statements.map((s) => s.name));
  const steps: Step[] = [];
  for (let left = statements; left.length > 0; left = left.filter((s) => waiting.has(s.name))) {
    // Statements over several positions as soon as they can be, then variances: a loop over (p, p') has all it could hold.
    const ready = left.filter((s) => reads(s).every((name) => !waiting.has(name)));
    const first = ready.find((s) => !isCell(s)) ?? ready.find((s) => s.domain === 'self') ?? (ready[0] as Statement);
    if (isCell(first)) steps.push(runFrom(left, first, waiting));
    else if (first.kind === 'expand') steps.push({ kind: 'expand', statement: first });
    else {
      const [head, ...rest] = spatialSteps(first, 'of' in first ? grids.get(first.of) : undefined, fresh);
      const note = meaning(first);
      steps.push({ ...(head as Step), ...(note && { note }) }, ...rest);
    }
    waiting.delete(first.name);
  }
  return steps;
}

const isCell = (s: Statement): s is CellStatement =>
  s.kind === 'inner' || s.kind === 'map' || s.kind === 'dual' || s.kind === 'onlyDiagonal';

const sameCells = (a: Statement, b: Statement) => a.domain === b.domain && gridKey(a.grid) === gridKey(b.grid);
const gridKey = (grid: Grid | undefined) => (grid === undefined ? '' : `${grid.extents.join('x')} ${grid.span}`);

/** The formula that several steps work out together. */
function meaning(s: SpatialStatement): string | undefined {
  const all = s.grid?.span === 'all';
  const [name, second] = all ? [`${s.name}[P P']`, "P'"] : [`${s.name}[P]`, 'P'];
  switch (s.kind) {
    case 'shiftSum':
      return `${name} = ${s.scale} · Σ_o ${s.of}[${all ? "p(o P) p(o P')" : 'p(o P)'}]`;
    case 'average':
      return `${name} = Σ_p A[P p] ${s.of}[p]`;
    case 'linear':
      return `${name} = Σ_pp' A[P p] A[${second} p'] ${s.of}[p p']`;
    case 'contract': {
      const [left, right] = s.domain === 'pair' ? [atX(s.matrix), atY(s.matrix)] : [s.matrix, s.matrix];
      return `${name} = Σ_pp' ${left}[P p] ${s.of}[p p'] ${right}[${second} p']`;
    }
    default:
      return undefined;
  }
}

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
