/** The statements of one function of an emitted module, cut into what is computed together and then freed. */
import { type Program, reads, resolve, type Statement } from '../../../../ir/program/index.ts';
import { symbols } from '../../../../ir/scalar/index.ts';
import { ordersOf } from '../groups.ts';
import { coefficientsName, diagonalName } from '../statements.ts';

export interface SpatialGroup {
  readonly statements: readonly Statement[];
  /** Names of constants that later groups read, or that the function returns. */
  readonly live: readonly string[];
  /** Names that no later group reads. */
  readonly dead: readonly string[];
}

/** Constants that a statement declares: itself, or the expansions of φ and φ' that are read. */
export function declaredBy(s: Statement, program: Program): readonly string[] {
  if (s.kind !== 'expand') return [s.name];
  return [...(ordersOf(program).get(s.name) ?? [])].map((order) => coefficientsName(s.name, order));
}

/** Constants of the same function that a statement reads. */
function constantsRead(s: Statement, program: Program): readonly string[] {
  if (s.kind !== 'dual') return reads(s);
  const expansion = program.statements.find((e) => e.name === s.expansion);
  const variance = expansion?.kind === 'expand' ? [expansion.variance] : [];
  return [coefficientsName(s.expansion, s.order), ...variance, ...reads(s)];
}

/** Statements of one layer, by the number in their names; `kept` is what the function returns. */
export function spatialGroups(
  statements: readonly Statement[],
  program: Program,
  kept: ReadonlySet<string>,
): readonly SpatialGroup[] {
  const parts: { index: string | undefined; statements: Statement[] }[] = [];
  for (const s of statements) {
    const index = /\d+/.exec(s.name)?.[0];
    const last = parts.at(-1);
    if (last !== undefined && last.index === index) last.statements.push(s);
    else parts.push({ index, statements: [s] });
  }
  const readIn = parts.map((part) => new Set(part.statements.flatMap((s) => constantsRead(s, program))));
  const known: string[] = [];
  return parts.map((part, i) => {
    const later = new Set(readIn.slice(i + 1).flatMap((r) => [...r]));
    const isNeeded = (name: string) => later.has(name) || kept.has(name);
    const own = part.statements.flatMap((s) => declaredBy(s, program));
    const dead = known.filter((name) => readIn[i]?.has(name) && !isNeeded(name));
    known.push(...own);
    return { statements: part.statements, live: own.filter(isNeeded), dead };
  });
}

/** What pairs of samples read of each: names of fields, and the constants they are. */
export function sampleFields(program: Program): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const pairs = program.statements.filter((s) => s.domain === 'pair');
  if (pairs.some((s) => s.kind === 'inner')) fields.set('points', 'points');
  const expressions = [
    ...pairs.flatMap((s) => (s.kind === 'map' ? [s.expr] : [])),
    ...program.outputs.map((o) => o.pair),
  ];
  for (const symbol of expressions.flatMap(symbols)) {
    const { name, at } = resolve(symbol);
    if (at !== 'here') fields.set(name, name);
  }
  for (const s of pairs) {
    if (s.kind === 'contract') fields.set(s.matrix, s.matrix);
    if (s.kind !== 'dual') continue;
    const expansion = program.statements.find((e) => e.name === s.expansion);
    if (expansion?.kind === 'expand') fields.set(expansion.variance, expansion.variance);
    const a = coefficientsName(s.expansion, s.order);
    fields.set(a, `${a}.a`);
  }
  for (const o of program.outputs) fields.set(diagonalName(o), diagonalName(o));
  return fields;
}
