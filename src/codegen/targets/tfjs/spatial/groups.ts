/** The statements of one function of an emitted module, cut into what is computed together and then freed. */
import { type Program, reads, resolve, type Statement } from '../../../../ir/program/index.ts';
import { symbols } from '../../../../ir/scalar/index.ts';
import { type Before, type LayerLoop, variableOf } from '../../reference/index.ts';
import { ordersOf } from '../groups.ts';
import { coefficientsName, diagonalName } from '../statements.ts';
import type { SpatialPart } from './parts.ts';

export interface SpatialGroup {
  readonly kind: 'group';
  readonly statements: readonly Statement[];
  /** Names of constants that later groups read, or that the function returns. */
  readonly live: readonly string[];
  /** Names that no later group reads. */
  readonly dead: readonly string[];
}
/** A loop over layers that repeat. */
export interface LayerGroups {
  readonly kind: 'layers';
  readonly loop: LayerLoop;
  readonly groups: readonly SpatialGroup[];
  /** What a layer reads of the one before; a copy where what the first layer reads is needed elsewhere. */
  readonly before: readonly (Before & { readonly isCopy: boolean })[];
  /** Tensors of the last layer that are read after the loop: their names, and the variables they are in. */
  readonly leaving: readonly { readonly name: string; readonly variable: string; readonly isKept: boolean }[];
  readonly dead: readonly string[];
}
export type SpatialBlock = SpatialGroup | LayerGroups;

/** Names that outlive the groups of one function. */
export interface Kept {
  /** What the function returns. */
  readonly outside: ReadonlySet<string>;
  /** Of each layer that repeats. */
  readonly inLoops: ReadonlySet<string>;
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

type Item = { readonly kind: 'group'; readonly statements: readonly Statement[] } | LayerLoop;

/** Statements of one layer together, by the number in their names. */
function itemsOf(parts: readonly SpatialPart[]): readonly Item[] {
  const items: (LayerLoop | { kind: 'group'; index: string | undefined; statements: Statement[] })[] = [];
  for (const part of parts) {
    const last = items.at(-1);
    if (part.kind === 'layers') {
      if (part.statements.length > 0) items.push(part);
      continue;
    }
    const index = /\d+/.exec(part.name)?.[0];
    if (last?.kind === 'group' && last.index === index) last.statements.push(part);
    else items.push({ kind: 'group', index, statements: [part] });
  }
  return items;
}

/**
 * @param parts the statements of one function
 * @param program each statement once
 */
export function spatialBlocks(parts: readonly SpatialPart[], program: Program, kept: Kept): readonly SpatialBlock[] {
  const items = itemsOf(parts);
  const declared = (item: Item) =>
    item.kind === 'group'
      ? item.statements.flatMap((s) => declaredBy(s, program))
      : leavingOf(item, kept).flatMap(({ name, isKept }) => (isKept ? [] : [name]));
  const lives = livesOf(items, program, { declared, isKept: (name) => kept.outside.has(name) });
  return items.map((item, i): SpatialBlock => {
    const { live, dead } = lives[i] as Life;
    if (item.kind === 'layers') return layerGroups(item, program, kept, dead);
    return { kind: 'group', statements: item.statements, live, dead };
  });
}

type Life = Pick<SpatialGroup, 'live' | 'dead'>;

interface Names {
  /** What an item declares. */
  readonly declared: (item: Item) => readonly string[];
  /** Whether a name outlives all items. */
  readonly isKept: (name: string) => boolean;
  /** From before the items, and freed among them. */
  readonly known?: readonly string[];
}

/** Of each item, what of its own is needed after it, and what is not any more. */
function livesOf(items: readonly Item[], program: Program, { declared, isKept, known = [] }: Names): readonly Life[] {
  const readIn = items.map((item) => readBy(item, program));
  const all = [...known];
  return items.map((item, i) => {
    const later = new Set(readIn.slice(i + 1).flatMap((r) => [...r]));
    const isNeeded = (name: string) => later.has(name) || isKept(name);
    const dead = all.filter((name) => readIn[i]?.has(name) && !isNeeded(name));
    const own = declared(item);
    all.push(...own);
    return { live: own.filter(isNeeded), dead };
  });
}

/** Names from before that a group or a loop reads. */
function readBy(item: Item, program: Program): ReadonlySet<string> {
  const read = item.statements.flatMap((s) => constantsRead(s, program));
  if (item.kind === 'group') return new Set(read);
  const own = new Set([
    ...item.before.map((b) => b.variable),
    ...item.statements.flatMap((s) => declaredBy(s, program)),
  ]);
  return new Set([...read.filter((name) => !own.has(name)), ...item.before.map((b) => b.initial)]);
}

/** `dead`: names from before the loop that nothing reads after it. */
function layerGroups(loop: LayerLoop, program: Program, kept: Kept, dead: readonly string[]): LayerGroups {
  const { inLoops } = kept;
  const isFreed = ({ variable, own }: Before) => !inLoops.has(own.name) && !inLoops.has(variable);
  const outlives = (b: Before) => isFreed(b) || inLoops.has(b.variable);
  const read = new Set(loop.statements.flatMap((s) => constantsRead(s, program)));
  const isMoved = (b: Before) =>
    dead.includes(b.initial) && !read.has(b.initial) && loop.before.every((o) => o === b || o.initial !== b.initial);
  const before = loop.before.map((b) => ({ ...b, isCopy: outlives(b) && !isMoved(b) }));
  const moved = before.filter((b) => !b.isCopy && outlives(b)).map((b) => b.initial);
  const leaving = leavingOf(loop, kept);
  const freed = before.filter(isFreed).map((b) => b.variable);
  const unread = freed.filter((variable) => leaving.every((l) => l.variable !== variable));
  return {
    kind: 'layers',
    loop,
    groups: groupsOfLayer(loop, program, inLoops, freed),
    before,
    leaving,
    dead: [...dead.filter((name) => !moved.includes(name)), ...unread],
  };
}

const leavingOf = (loop: LayerLoop, { inLoops }: Kept): LayerGroups['leaving'] =>
  loop.leaving.flatMap((l) => {
    const variable = variableOf(l, loop);
    return variable === undefined ? [] : [{ name: l.name, variable, isKept: inLoops.has(l.own.name) }];
  });

/** `freed`: variables of the layer before that are freed once they are read. */
function groupsOfLayer(
  loop: LayerLoop,
  program: Program,
  inLoops: ReadonlySet<string>,
  freed: readonly string[],
): readonly SpatialGroup[] {
  const items = itemsOf(loop.statements);
  const lives = livesOf(items, program, {
    declared: ({ statements }) => statements.flatMap((s) => declaredBy(s, program)),
    isKept: (name) => inLoops.has(name) || loop.before.some((b) => b.own.name === name),
    known: freed,
  });
  return items.map(({ statements }, i) => ({ kind: 'group', statements, ...(lives[i] as Life) }));
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
