/**
 * From contraction trees to steps. A part of a network is made once, however its indices are named; terms whose trees
 * end in the same tensor are summed before they meet it: Σ A_k·B = (Σ A_k)·B, again inside Σ A_k, and so on down.
 */
import { canonicalNames } from '../canonical.ts';
import { type Factor, isDummy, PARAMETER } from '../factor.ts';
import { sizeOfAxes, type TensorSpace, type TensorUse } from './network.ts';
import { type PlanStep, StepTable, type SumPart } from './steps.ts';
import type { ContractionTree } from './tree.ts';

/** A step's tensor times `scale`; its axes are called `labels`. */
export interface Value {
  readonly step: number;
  readonly labels: readonly number[];
  readonly scale: number;
}

export interface WeightedTree {
  readonly coefficient: number;
  readonly tree: ContractionTree;
}

/** Names given to indices that two parts share are above those of the terms. */
const firstSharedName = 1_000_000;
const namesOfOneTerm = 64;
/** Marks an index that the result has. */
const OPEN = 'open';

export class PlanBuilder {
  readonly #table = new StepTable();
  readonly #known = new Map<string, { readonly step: number; readonly names: readonly number[] }>();
  readonly #space: TensorSpace;
  #shared = firstSharedName;

  constructor(space: TensorSpace) {
    this.#space = space;
  }

  get steps(): readonly PlanStep[] {
    return this.#table.steps;
  }

  /** Σ coefficient · tree, in the axes `labels`. */
  sum(trees: readonly WeightedTree[], labels: readonly number[]): Value {
    const parts = merged(trees, labels);
    if (parts.length === 1) return { ...this.#product(parts[0]!.tree), scale: parts[0]!.coefficient };
    const values = grouped(parts, labels).map((group) => this.#group(group));
    return values.length === 1 ? values[0]! : this.#added(values, labels);
  }

  /** One tensor in the axes `labels`, its scale carried out; twice in another order where it is made symmetric. */
  finished(value: Value, labels: readonly number[], mirrored?: readonly number[]): number {
    const parts = [labels, ...(mirrored === undefined ? [] : [mirrored])].map((order) => partOf(value, order));
    const [only] = parts;
    if (parts.length === 1 && value.scale === 1 && only!.axes.every((axis, k) => axis === k)) return value.step;
    return this.#table.add({ kind: 'sum', parts, axes: this.#axesOf(value, labels) });
  }

  zeros(axes: readonly string[]): number {
    return this.#table.add({ kind: 'sum', parts: [], axes });
  }

  #axesOf({ step, labels }: Value, order: readonly number[]): readonly string[] {
    return order.map((label) => this.steps[step]!.axes[labels.indexOf(label)]!);
  }

  #added(values: readonly Value[], labels: readonly number[]): Value {
    const first = values.reduce((a, b) => (this.#size(b) > this.#size(a) ? b : a));
    const order = labels.toSorted((a, b) => first.labels.indexOf(a) - first.labels.indexOf(b));
    const scale = first.scale;
    const parts = values.map((value) => partOf({ ...value, scale: value.scale / scale }, order));
    parts.sort((a, b) => a.from - b.from);
    return { step: this.#table.add({ kind: 'sum', parts, axes: this.#axesOf(first, order) }), labels: order, scale };
  }

  #size({ step }: Value): number {
    return sizeOfAxes(this.steps[step]!.axes, this.#space);
  }

  /** (Σ left)·right. */
  #group({ lefts, right }: Group): Value {
    if (right === undefined) return { ...this.#product(lefts[0]!.tree), scale: lefts[0]!.coefficient };
    const named = lefts.map(({ coefficient, tree, names }) => {
      const fresh = new Map([...names].map(([label, name]) => [label, this.#shared + name]));
      return { coefficient, tree: renamedTree(tree, fresh) };
    });
    const rightNames = new Map([...right.names].map(([label, name]) => [label, this.#shared + name]));
    this.#shared += namesOfOneTerm;
    const [left, factor] = [this.sum(named, named[0]!.tree.labels), this.#product(renamedTree(right.tree, rightNames))];
    return { ...this.#multiplied(left, factor, right.labels), scale: left.scale };
  }

  /** The tensor of one tree. */
  #product(tree: ContractionTree): Value {
    const { key, names } = canonicalNames([...tree.uses.map(factorOf), ...tree.labels.map(marked)]);
    const byName = new Map(tree.labels.map((label) => [names.get(closed(label))!, label]));
    const known = this.#known.get(key);
    if (known !== undefined)
      return { step: known.step, labels: known.names.map((name) => byName.get(name)!), scale: 1 };
    const made = tree.parts === undefined ? this.#leaf(tree) : this.#parts(tree.parts, tree.labels);
    this.#known.set(key, { step: made.step, names: made.labels.map((label) => names.get(closed(label))!) });
    return made;
  }

  #parts([a, b]: readonly [ContractionTree, ContractionTree], labels: readonly number[]): Value {
    return this.#multiplied(this.#product(a), this.#product(b), labels);
  }

  #leaf({ uses: [use], labels }: ContractionTree): Value {
    const { tensor, indices } = use!;
    const axes = this.#space.axes(tensor);
    const from = this.#table.add({ kind: 'tensor', tensor, axes });
    if (indices.length === labels.length) return { step: from, labels: indices, scale: 1 };
    const order = [...new Set(indices)];
    const kept = order.filter((label) => labels.includes(label));
    const step = this.#table.add({
      kind: 'reduce',
      from,
      fromIndices: indices.map((label) => order.indexOf(label)),
      indices: kept.map((label) => order.indexOf(label)),
      axes: kept.map((label) => axes[indices.indexOf(label)]!),
    });
    return { step, labels: kept, scale: 1 };
  }

  #multiplied(a: Value, b: Value, labels: readonly number[]): Value {
    const [left, right] = this.#size(b) > this.#size(a) ? [b, a] : [a, b];
    const all = [...new Set([...left.labels, ...right.labels])];
    const kept = resultOrder(left.labels, right.labels, labels);
    const axis = axesOfValues([left, right], this.steps);
    const local = (list: readonly number[]) => list.map((label) => all.indexOf(label));
    const step = this.#table.add({
      kind: 'product',
      left: left.step,
      right: right.step,
      leftIndices: local(left.labels),
      rightIndices: local(right.labels),
      indices: local(kept),
      axes: kept.map((label) => axis.get(label)!),
    });
    return { step, labels: kept, scale: 1 };
  }
}

/** Without a sum the larger factor's order; else what both share first, then the left's, then the right's. */
function resultOrder(left: readonly number[], right: readonly number[], labels: readonly number[]): readonly number[] {
  const all = [...new Set([...left, ...right])];
  const kept = all.filter((label) => labels.includes(label));
  if (kept.length === all.length) return kept;
  const both = (label: number) => left.includes(label) && right.includes(label);
  return [...kept.filter(both), ...kept.filter((label) => !both(label))];
}

const axesOfValues = (values: readonly Value[], steps: readonly PlanStep[]): ReadonlyMap<number, string> =>
  new Map(values.flatMap(({ step, labels }) => labels.map((label, k) => [label, steps[step]!.axes[k]!] as const)));

function partOf({ step, labels, scale }: Value, order: readonly number[]): SumPart {
  const axes = order.map((label) => labels.indexOf(label));
  if (axes.includes(-1)) throw new Error(`ntkc bug: plan: a term of [${labels}] in a sum of [${order}]`);
  return { from: step, coefficient: scale, axes };
}

/** Labels of results are numbers < 0; in a canonical form they are dummies with a mark. */
const closed = (label: number): number => (isDummy(label) ? label : firstClosed - label);
const firstClosed = 500_000;
const factorOf = ({ tensor, indices }: TensorUse): Factor => ({
  tensor,
  derivative: 0,
  sample: PARAMETER,
  indices: indices.map(closed),
});
const marked = (label: number): Factor => ({
  tensor: OPEN,
  derivative: 0,
  sample: PARAMETER,
  indices: [closed(label)],
});

interface Named extends WeightedTree {
  /** Canonical names of the labels it shares with the factor it meets. */
  readonly names: ReadonlyMap<number, number>;
}

interface Group {
  readonly lefts: readonly Named[];
  /** Absent: a single tensor. */
  readonly right?: {
    readonly tree: ContractionTree;
    readonly names: ReadonlyMap<number, number>;
    /** Labels of the product. */
    readonly labels: readonly number[];
  };
}

/** Equal trees as one, those that cancel left out: one at least, if only zero times. */
function merged(trees: readonly WeightedTree[], labels: readonly number[]): readonly WeightedTree[] {
  const byKey = new Map<string, WeightedTree>();
  for (const part of trees) {
    const { key } = keyWith(part.tree, labels);
    const old = byKey.get(key);
    byKey.set(key, old === undefined ? part : { ...old, coefficient: old.coefficient + part.coefficient });
  }
  const kept = [...byKey.values()].filter(({ coefficient }) => coefficient !== 0);
  return kept.length > 0 ? kept : [{ ...trees[0]!, coefficient: 0 }];
}

/** The canonical form with the labels of the result by their own names, and other open labels by canonical ones. */
function keyWith(
  tree: ContractionTree,
  labels: readonly number[],
): { readonly key: string; readonly names: ReadonlyMap<number, number> } {
  const inner = tree.labels.filter((label) => !labels.includes(label));
  const fixed = (label: number) => (labels.includes(label) ? -1 - Math.abs(label) : label);
  const factors = [
    ...tree.uses.map(({ tensor, indices }) => ({
      tensor,
      derivative: 0,
      sample: PARAMETER,
      indices: indices.map(fixed),
    })),
    ...inner.map(marked),
  ];
  const { key, names } = canonicalNames(factors);
  return { key, names: new Map(inner.map((label) => [label, names.get(label)!])) };
}

/** Either side of the last step of a tree, as what terms may share. */
interface Candidate {
  readonly part: WeightedTree;
  readonly key: string;
  readonly left: ContractionTree;
  readonly right: ContractionTree;
  readonly names: ReadonlyMap<number, number>;
}

/** Terms by the factor that their last step shares with most others; greedy. */
function grouped(parts: readonly WeightedTree[], labels: readonly number[]): readonly Group[] {
  const candidates = parts.flatMap((part) => candidatesOf(part, labels));
  const left = new Set(parts);
  const groups: Group[] = [];
  while (left.size > 0) {
    const byKey = new Map<string, Candidate[]>();
    for (const candidate of candidates)
      if (left.has(candidate.part)) byKey.set(candidate.key, [...(byKey.get(candidate.key) ?? []), candidate]);
    const [most] = [...byKey.values()].toSorted((a, b) => distinct(b) - distinct(a));
    if (most === undefined || distinct(most) < 2) break;
    const members = [...new Map(most.map((candidate) => [candidate.part, candidate])).values()];
    for (const { part } of members) left.delete(part);
    groups.push(groupOf(members, labels));
  }
  return [...groups, ...[...left].map((part) => ({ lefts: [{ ...part, names: new Map<number, number>() }] }))];
}

const distinct = (candidates: readonly Candidate[]): number => new Set(candidates.map(({ part }) => part)).size;

function groupOf(members: readonly Candidate[], labels: readonly number[]): Group {
  const [first] = members;
  const own = first!.part.tree.labels;
  return {
    lefts: members.map(({ part, left, names }) => ({ coefficient: part.coefficient, tree: left, names })),
    right: { tree: first!.right, names: first!.names, labels: labels.filter((label) => own.includes(label)) },
  };
}

function candidatesOf(part: WeightedTree, labels: readonly number[]): readonly Candidate[] {
  const { parts } = part.tree;
  if (parts === undefined) return [];
  return [parts, parts.toReversed()].map(([left, right]) => {
    const { key, names } = keyWith(right!, labels);
    const axes = left!.labels.map((label) => names.get(label) ?? label).toSorted((a, b) => a - b);
    return { part, key: `${key} | ${axes}`, left: left!, right: right!, names };
  });
}

function renamedTree(tree: ContractionTree, names: ReadonlyMap<number, number>): ContractionTree {
  const rename = (label: number) => names.get(label) ?? label;
  return {
    uses: tree.uses.map(({ tensor, indices }) => ({ tensor, indices: indices.map(rename) })),
    labels: tree.labels.map(rename),
    ...(tree.parts && { parts: [renamedTree(tree.parts[0], names), renamedTree(tree.parts[1], names)] as const }),
  };
}
