/** The order of pairwise contractions of one network: safe steps first, then the cheapest order over all subsets. */
import { NtkcError } from '../../../errors.ts';
import { axesOf, type TensorNetwork, type TensorSpace, type TensorUse } from './network.ts';

/** A part of a network that becomes one tensor. */
export interface ContractionTree {
  readonly uses: readonly TensorUse[];
  /** Indices of the tensor: those that the result has or that other parts of the network share. */
  readonly labels: readonly number[];
  /** What it is contracted from; absent for a single use. */
  readonly parts?: readonly [ContractionTree, ContractionTree];
}

export interface TreeOptions {
  readonly space: TensorSpace;
  /** Indices of the result. */
  readonly output: readonly number[];
  /** An index that steps leave alone where it costs nothing, so that terms end in a tensor they share. */
  readonly late?: number;
}

/** A tree on its way: labels as bits. */
interface Part {
  readonly tree: ContractionTree;
  readonly mask: number;
}

interface Setting {
  readonly labels: readonly number[];
  readonly open: number;
  readonly late: number;
  readonly size: (mask: number) => number;
}

export interface PlannedTree {
  readonly tree: ContractionTree;
  /** Multiplications, those with the late index weighted a little more. */
  readonly cost: number;
}

const mostLabels = 31;
/** Dynamic programming looks at 3^12 splits, a greedy choice at pairs. */
const mostParts = 12;
/** Enough to decide between equals, too little to change an order of magnitude. */
const lateWeight = 1.02;

/** @throws NtkcError for a network of more indices than bits of a number. */
export function contractionTree({ uses }: TensorNetwork, options: TreeOptions): PlannedTree {
  const setting = settingOf(uses, options);
  let cost = 0;
  const joined = (a: Part, b: Part, parts: readonly Part[]): Part => {
    cost += stepCost(a.mask | b.mask, setting);
    return join(a, b, outside(parts, a, b), setting);
  };
  let parts: readonly Part[] = uses.map((use) => leaf(use, uses, setting));
  for (;;) {
    const pair = safePair(parts, setting);
    if (pair === undefined) break;
    parts = merged(parts, pair, joined);
  }
  for (const group of components(parts)) {
    let own = group;
    while (own.length > mostParts) {
      const pair = cheapestPair(own, setting);
      const others = parts.filter((part) => !own.includes(part));
      own = merged(own, pair, (a, b, all) => joined(a, b, [...all, ...others]));
      parts = [...others, ...own];
    }
    if (own.length > 1) parts = [...parts.filter((part) => !own.includes(part)), best(own, joined, setting)];
  }
  const bySize = [...parts].sort((a, b) => setting.size(a.mask) - setting.size(b.mask));
  const whole = bySize.reduce((a, b) => joined(a, b, bySize.slice(bySize.indexOf(b))));
  return { tree: whole.tree, cost };
}

function settingOf(uses: readonly TensorUse[], { space, output, late }: TreeOptions): Setting {
  const axes = axesOf(uses, space);
  const labels = [...axes.keys()];
  if (labels.length > mostLabels)
    throw new NtkcError({
      what: `a term with ${labels.length} indices`,
      expected: `at most ${mostLabels}`,
      next: 'Values need no terms: ntkc hierarchy --tuples, hierarchyAt.',
    });
  const sizes = labels.map((label) => space.sizes[axes.get(label)!]!);
  const known = new Map<number, number>();
  const size = (mask: number): number => {
    let product = known.get(mask);
    if (product !== undefined) return product;
    product = sizes.reduce((all, one, bit) => ((mask >>> bit) & 1 ? all * one : all), 1);
    known.set(mask, product);
    return product;
  };
  const bits = (list: readonly number[]) =>
    list.reduce((mask, label) => (labels.includes(label) ? mask | (1 << labels.indexOf(label)) : mask), 0);
  return { labels, open: bits(output), late: late === undefined ? 0 : bits([late]), size };
}

const stepCost = (union: number, { size, late }: Setting): number =>
  size(union) * ((union & late) === 0 ? 1 : lateWeight);

const labelsIn = (mask: number, labels: readonly number[]): readonly number[] =>
  labels.filter((_, bit) => (mask >>> bit) & 1);

const maskOf = (use: TensorUse, { labels }: Setting): number =>
  use.indices.reduce((mask, label) => mask | (1 << labels.indexOf(label)), 0);

function leaf(use: TensorUse, uses: readonly TensorUse[], setting: Setting): Part {
  const others = uses.reduce((mask, other) => (other === use ? mask : mask | maskOf(other, setting)), 0);
  const mask = maskOf(use, setting) & (setting.open | others);
  return { mask, tree: { uses: [use], labels: labelsIn(mask, setting.labels) } };
}

const outside = (parts: readonly Part[], a: Part, b: Part): number =>
  parts.reduce((mask, part) => (part === a || part === b ? mask : mask | part.mask), 0);

function join(a: Part, b: Part, others: number, setting: Setting): Part {
  const mask = (a.mask | b.mask) & (setting.open | others);
  const uses = [...a.tree.uses, ...b.tree.uses];
  return { mask, tree: { uses, labels: labelsIn(mask, setting.labels), parts: [a.tree, b.tree] } };
}

const merged = (
  parts: readonly Part[],
  [a, b]: readonly [Part, Part],
  joined: (a: Part, b: Part, parts: readonly Part[]) => Part,
): readonly Part[] => [...parts.filter((part) => part !== a && part !== b), joined(a, b, parts)];

/** The cheapest pair that shares an index and whose product is no larger than the larger of the two. */
function safePair(parts: readonly Part[], setting: Setting): readonly [Part, Part] | undefined {
  return pairOf(parts, setting, (result, a, b, union) =>
    result <= Math.max(a, b) ? stepCost(union, setting) : Number.POSITIVE_INFINITY,
  );
}

/** The pair whose product grows least. */
function cheapestPair(parts: readonly Part[], setting: Setting): readonly [Part, Part] {
  return pairOf(parts, setting, (result, a, b) => result - a - b)!;
}

function pairOf(
  parts: readonly Part[],
  { size, open }: Setting,
  costOf: (result: number, a: number, b: number, union: number) => number,
): readonly [Part, Part] | undefined {
  let [once, twice, more] = [0, 0, 0];
  for (const { mask } of parts) [once, twice, more] = [once | mask, twice | (once & mask), more | (twice & mask)];
  let [choice, least]: [readonly [Part, Part] | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (let i = 0; i < parts.length; i++)
    for (let j = i + 1; j < parts.length; j++) {
      const [a, b] = [parts[i]!, parts[j]!];
      if ((a.mask & b.mask) === 0) continue;
      const union = a.mask | b.mask;
      // Summed here: in no other part, so in one part alone or in just these two.
      const kept = union & (open | more | (twice & ~(a.mask & b.mask)));
      const cost = costOf(size(kept), size(a.mask), size(b.mask), union);
      if (cost < least) [choice, least] = [[a, b], cost];
    }
  return choice;
}

/** Groups of parts that no index connects. */
function components(parts: readonly Part[]): readonly (readonly Part[])[] {
  const left = new Set(parts);
  return parts.flatMap((start) => {
    if (!left.delete(start)) return [];
    const group = [start];
    for (const part of group)
      for (const other of left) if ((other.mask & part.mask) !== 0 && left.delete(other)) group.push(other);
    return [group];
  });
}

/** The cheapest order for connected parts, by dynamic programming over their connected subsets. */
function best(
  parts: readonly Part[],
  joined: (a: Part, b: Part, parts: readonly Part[]) => Part,
  setting: Setting,
): Part {
  const count = 1 << parts.length;
  const unions = new Int32Array(count);
  for (let set = 1; set < count; set++)
    unions[set] = unions[set & (set - 1)]! | parts[31 - Math.clz32(set & -set)]!.mask;
  const masks = unions.map((mask, set) => mask & (setting.open | unions[count - 1 - set]!));
  const costs = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const splits = new Int32Array(count);
  parts.forEach((_, k) => {
    costs[1 << k] = 0;
  });
  for (let set = 3; set < count; set++) {
    if ((set & (set - 1)) === 0) continue;
    for (let a = (set - 1) & set; a > (set ^ a); a = (a - 1) & set) {
      const b = set ^ a;
      if (costs[a]! + costs[b]! >= costs[set]! || (masks[a]! & masks[b]!) === 0) continue;
      const cost = costs[a]! + costs[b]! + stepCost(masks[a]! | masks[b]!, setting);
      if (cost < costs[set]!) {
        costs[set] = cost;
        splits[set] = a;
      }
    }
  }
  let current: readonly Part[] = parts;
  const build = (set: number): Part => {
    if ((set & (set - 1)) === 0) return parts[31 - Math.clz32(set)]!;
    const [a, b] = [build(splits[set]!), build(set ^ splits[set]!)];
    current = merged(current, [a, b], joined);
    return current.at(-1)!;
  };
  return build(count - 1);
}
