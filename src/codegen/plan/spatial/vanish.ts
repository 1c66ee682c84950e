import type { Program } from '../../../ir/program/index.ts';

/** Whether a self value, a variance, can be 0; not where a positive number is added to others that are not negative. */
export function mayVanish(program: Program, name: string): boolean {
  const s = program.statements.find((statement) => statement.name === name);
  if (s?.kind !== 'map' || s.expr.kind !== 'add') return true;
  const { constant, terms } = s.expr;
  if (constant < 0 || terms.some((t) => t.coefficient < 0 || t.term.kind !== 'sym')) return true;
  return constant === 0 && terms.every(({ term }) => term.kind !== 'sym' || mayVanish(program, term.name));
}
