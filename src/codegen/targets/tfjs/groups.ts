/** The program cut into what is computed together, and what each part must hand on. */
import { type PointStatement, type Program, pointStatements, reads, resolve } from '../../../ir/program/index.ts';
import { symbols } from '../../../ir/scalar/index.ts';
import { partsOfVectors, type VectorLoop } from './layers.ts';

/** Pair statements of one layer: intermediate matrices of a group are freed before the next begins. */
export interface Group {
  readonly kind: 'group';
  /** Index that the statements' names share: 2 of sigma2, theta2, sigmaHat2. */
  readonly index: string;
  readonly statements: readonly PointStatement[];
  /** Names that later groups or the outputs read. */
  readonly live: readonly string[];
}

/** Groups and loops, in order. */
export function stepsOf(program: Program): readonly (Group | VectorLoop)[] {
  const steps: ({ kind: 'group'; index: string; statements: PointStatement[] } | VectorLoop)[] = [];
  for (const part of partsOfVectors(program)) {
    if (part.kind === 'layers') steps.push(part);
    else if (part.domain === 'pair') {
      const index = /(\d+)(of\d+)?$/.exec(part.name)?.[1] ?? '';
      const last = steps.at(-1);
      if (last?.kind === 'group' && last.index === index) last.statements.push(part);
      else steps.push({ kind: 'group', index, statements: [part] });
    }
  }
  const readsOf = (step: (typeof steps)[number]) =>
    step.kind === 'group'
      ? step.statements.flatMap(reads)
      : [...step.pair.flatMap(reads), ...step.before.map((b) => b.initial)];
  return steps.map((step, i) => {
    if (step.kind === 'layers') return step;
    const later = new Set(steps.slice(i + 1).flatMap(readsOf));
    for (const o of program.outputs) for (const name of symbols(o.pair)) later.add(name);
    return { ...step, live: step.statements.map((s) => s.name).filter((name) => later.has(name)) };
  });
}

/** Orders (0: φ, 1: φ') of the duals that read each expansion. */
export function ordersOf(program: Program): ReadonlyMap<string, ReadonlySet<0 | 1>> {
  const orders = new Map<string, Set<0 | 1>>();
  for (const s of program.statements)
    if (s.kind === 'dual') orders.set(s.expansion, (orders.get(s.expansion) ?? new Set()).add(s.order));
  return orders;
}

export interface SelfReads {
  /** Self values that pair statements read at both ends. */
  readonly values: readonly string[];
  /** Expansions whose coefficients they read, with the order; and the variances of these. */
  readonly variances: readonly string[];
  readonly coefficients: readonly { readonly expansion: string; readonly order: 0 | 1 }[];
}

/** What pair statements and outputs, and other symbols, read of the self values, in the program's order. */
export function selfReads(program: Program, others: readonly string[] = []): SelfReads {
  const values = new Set<string>();
  const variances = new Set<string>();
  const coefficients = new Map<string, { readonly expansion: string; readonly order: 0 | 1 }>();
  const expressions = [
    ...pointStatements(program, 'tfjs').flatMap((s) => (s.kind === 'map' && s.domain === 'pair' ? [s.expr] : [])),
    ...program.outputs.map((o) => o.pair),
  ];
  for (const symbol of [...expressions.flatMap(symbols), ...others]) {
    const { name, at } = resolve(symbol);
    if (at !== 'here') values.add(name);
  }
  for (const s of pointStatements(program, 'tfjs')) {
    if (s.kind !== 'dual' || s.domain !== 'pair') continue;
    const expand = pointStatements(program, 'tfjs').find((e) => e.name === s.expansion);
    if (expand?.kind === 'expand') variances.add(expand.variance);
    coefficients.set(`${s.expansion} ${s.order}`, { expansion: s.expansion, order: s.order });
  }
  const order = new Map(pointStatements(program, 'tfjs').map((s, i) => [s.name, i]));
  const sorted = [...values].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  return { values: sorted, variances: [...variances], coefficients: [...coefficients.values()] };
}
