/** The statements of a derivation by name, and which of them stand inside the formulas that read them. */
import { type Program, reads, resolve, type Statement } from '../../ir/program/index.ts';
import { type Expr, symbols } from '../../ir/scalar/index.ts';
import type { Derivation } from '../derivation.ts';

export interface Statements {
  readonly named: ReadonlyMap<string, Statement>;
  /** Sums over positions that formulas read as a summand alone: written there, not on a line of their own. */
  readonly inlined: ReadonlySet<string>;
}

const known = new WeakMap<Program, Statements>();

export function statementsOf({ written }: Pick<Derivation, 'written'>): Statements {
  const found = known.get(written);
  if (found !== undefined) return found;
  const made = { named: new Map(written.statements.map((s) => [s.name, s])), inlined: inlinedOf(written) };
  known.set(written, made);
  return made;
}

const sums = new Set<Statement['kind']>(['shiftSum', 'linear', 'reduce', 'onlyDiagonal', 'contract', 'average']);

function inlinedOf({ statements, outputs }: Program): ReadonlySet<string> {
  const inlined = new Set(statements.filter((s) => sums.has(s.kind)).map((s) => s.name));
  const keepSummands = (e: Expr) => {
    for (const term of summands(e))
      if (term.kind !== 'sym' || resolve(term.name).at !== 'here')
        for (const symbol of symbols(term)) inlined.delete(resolve(symbol).name);
  };
  for (const s of statements)
    if (s.kind === 'map') keepSummands(s.expr);
    else for (const name of reads(s)) inlined.delete(name);
  for (const o of outputs) for (const e of [o.pair, o.self]) keepSummands(e);
  return inlined;
}

const summands = (e: Expr): readonly Expr[] => (e.kind === 'add' ? e.terms.map((t) => t.term) : [e]);
