/**
 * Where a network ends in a flatten, its kernel needs every value at p = p' alone: n² · HW numbers instead of n² · (HW)².
 * What is needed is found backwards from the outputs, so no op knows of it.
 */
import type { Program, Statement } from './program.ts';
import { reads } from './prune.ts';
import type { Span } from './spatial.ts';

/** The program with each pair value at no more positions than what reads it needs. */
export function withSpans(program: Program): Program {
  const wide = new Set<string>();
  const pairs = program.statements.filter((s) => s.domain === 'pair' && s.grid !== undefined);
  // A statement that works at each (p, p') on its own has the span of what it reads: one that is wide for another reader
  // makes this one wide too, and with it the rest of what it reads. So the search goes on until nothing changes.
  for (let before = -1; before < wide.size; ) {
    before = wide.size;
    for (const s of [...program.statements].reverse())
      if (s.domain === 'pair') for (const name of reads(s)) if (spanRead(s, name, wide) === 'all') wide.add(name);
    for (const s of pairs) if (isPointwise(s) && reads(s).some((name) => wide.has(name))) wide.add(s.name);
  }
  const spanOf = (s: Statement): Statement =>
    s.domain === 'pair' && s.grid !== undefined
      ? { ...s, grid: { ...s.grid, span: wide.has(s.name) ? 'all' : 'diagonal' } }
      : s;
  return { ...program, statements: program.statements.map(spanOf) };
}

/** Whether out[P P'] reads what it reads at one p for P, and one p' for P'. */
const isPointwise = ({ kind }: Statement): boolean => kind === 'map' || kind === 'dual' || kind === 'shiftSum';

/** The span at which a pair statement reads a value. */
function spanRead(s: Statement, name: string, wide: ReadonlySet<string>): Span {
  switch (s.kind) {
    case 'linear':
    case 'contract':
      return name === s.of ? 'all' : 'diagonal';
    case 'reduce':
      return s.over;
    case 'onlyDiagonal':
      return 'diagonal';
    default:
      return wide.has(s.name) ? 'all' : 'diagonal';
  }
}
