/** The statements of a derivation by name, and which of them stand inside the formulas that read them. */
import { type Program, reads, resolve, type Statement } from '../../ir/program/index.ts';
import { type Expr, subscript, symbols } from '../../ir/scalar/index.ts';
import type { Derivation } from '../derivation.ts';

/** The same thing in both styles. */
export interface Written {
  readonly tex: string;
  readonly text: string;
}

export interface Statements {
  readonly named: ReadonlyMap<string, Statement>;
  /** Sums over positions that formulas read as a summand alone: written there, not on a line of their own. */
  readonly inlined: ReadonlySet<string>;
  /** What no input changes: δ, the identity, and R, what matrices make of it; R₁, R₂, ... where there are several. */
  readonly constants: ReadonlyMap<string, Written>;
  /** The ones that identities are made of. */
  readonly ones: ReadonlySet<string>;
}

const known = new WeakMap<Program, Statements>();

export function statementsOf({ written }: Pick<Derivation, 'written'>): Statements {
  const found = known.get(written);
  if (found !== undefined) return found;
  const named = new Map(written.statements.map((s) => [s.name, s]));
  const { constants, ones } = constantsOf(written, named);
  const inlined = new Set([...inlinedOf(written)].filter((name) => !constants.has(name)));
  const made = { named, inlined, constants, ones };
  known.set(written, made);
  return made;
}

function constantsOf({ statements }: Program, named: Statements['named']): Pick<Statements, 'constants' | 'ones'> {
  const isOne = (s: Statement | undefined) => s?.kind === 'map' && s.expr.kind === 'num' && s.expr.value === 1;
  const deltas = statements.filter((s) => s.kind === 'onlyDiagonal' && isOne(named.get(s.of)));
  const isDelta = (name: string) => deltas.some((s) => s.name === name);
  const mixed = statements.flatMap((s) => (s.kind === 'linear' && isDelta(s.of) ? [s] : []));
  const matrices = [...new Set(mixed.map((s) => s.axes))];
  const constants = new Map<string, Written>(deltas.map((s) => [s.name, { tex: '\\delta', text: 'δ' }]));
  for (const s of mixed) {
    const place = matrices.indexOf(s.axes) + 1;
    const several = matrices.length > 1;
    constants.set(s.name, { tex: several ? `R_{${place}}` : 'R', text: several ? `R${subscript(place)}` : 'R' });
  }
  const ones = deltas.flatMap((s) => (s.kind === 'onlyDiagonal' ? [s.of] : []));
  return { constants, ones: new Set(ones) };
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
