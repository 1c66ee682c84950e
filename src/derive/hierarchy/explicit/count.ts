/**
 * How many products the recursion makes, counted before it starts: what D_γ makes of a factor depends only on its
 * kind, so it is enough to follow how many factors of each kind a product has.
 */
import type { Factor } from '../../../ir/einsum/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import type { Product, Rules } from './rules.ts';

export interface TermCount {
  /** Products of K_r before δ are contracted and like terms merged: no fewer than its terms. */
  readonly products: number;
  /** Factors in all of them together: what the recursion reads and writes. */
  readonly factors: number;
}

/** Products by kinds: "W2.0 s1.1 s1.1" to how many there are. */
type Census = ReadonlyMap<string, number>;

/** What D_γ makes of a factor of one kind: the kinds in each product. */
type ChildrenOf = (kind: string) => readonly (readonly string[])[];

/**
 * For K_2, K_3, .., K_order; stops after the first above the limit.
 * It lists the products of K_2, whose number `countPaths` tells.
 */
export function countProducts(rules: Rules, order: number, limit = Number.POSITIVE_INFINITY): readonly TermCount[] {
  const known = new Map<string, readonly (readonly string[])[]>();
  const childrenOf: ChildrenOf = (kind) => {
    const children = known.get(kind) ?? rules.derivative(sampleFactor(kind), 1).map(kindsOf);
    known.set(kind, children);
    return children;
  };
  let census = gather(rules.start(0, 1).map((product) => [kindsOf(product), 1] as const));
  const counts = [total(census)];
  while (counts.length < order - 1 && counts.at(-1)!.products <= limit) {
    counts.push(nextTotal(census, childrenOf));
    const isLast = counts.length === order - 1 || counts.at(-1)!.products > limit;
    if (!isLast) census = nextCensus(census, childrenOf);
  }
  return counts;
}

function* replacements(
  census: Census,
): Iterable<{ readonly kind: string; readonly kinds: readonly string[]; readonly times: number }> {
  for (const [key, count] of census) {
    const kinds = key === '' ? [] : key.split(' ');
    for (const kind of new Set(kinds)) yield { kind, kinds, times: count * kinds.filter((k) => k === kind).length };
  }
}

/** The size of the next order, without the products themselves. */
function nextTotal(census: Census, childrenOf: ChildrenOf): TermCount {
  let [products, factors] = [0, 0];
  for (const { kind, kinds, times } of replacements(census)) {
    const children = childrenOf(kind);
    products += times * children.length;
    factors += times * children.reduce((sum, made) => sum + kinds.length - 1 + made.length, 0);
  }
  return { products, factors };
}

const nextCensus = (census: Census, childrenOf: ChildrenOf): Census =>
  gather(
    [...replacements(census)].flatMap(({ kind, kinds, times }) => {
      const others = kinds.toSpliced(kinds.indexOf(kind), 1);
      return childrenOf(kind).map((made) => [[...others, ...made], times] as const);
    }),
  );

function gather(entries: readonly (readonly [readonly string[], number])[]): Census {
  const census = new Map<string, number>();
  for (const [kinds, times] of entries) {
    const key = [...kinds].sort().join(' ');
    census.set(key, (census.get(key) ?? 0) + times);
  }
  return census;
}

const kindsOf = ({ factors }: Product): readonly string[] =>
  factors.filter(({ tensor }) => tensor !== 'delta').map(({ tensor, derivative }) => `${tensor}.${derivative}`);

function sampleFactor(kind: string): Factor {
  const [tensor, derivative] = kind.split('.') as [string, string];
  return { tensor, derivative: Number(derivative), sample: 0, indices: tensor.startsWith('W') ? [0, 1] : [0] };
}

function total(census: Census): TermCount {
  let [products, factors] = [0, 0];
  for (const [key, times] of census) {
    products += times;
    factors += times * (key === '' ? 0 : key.split(' ').length);
  }
  return { products, factors };
}

/** Products of K_2, from the paths through the network: exponential in the branches, so counted without listing them. */
export function countPaths({ nodes }: TensorProgram): number {
  const toOutput = new Float64Array(nodes.length);
  const fromInput = new Float64Array(nodes.length);
  for (let at = nodes.length - 1; at >= 0; at--) {
    if (at === nodes.length - 1) toOutput[at] = 1;
    for (const input of inputsOf(nodes[at]!)) toOutput[input] = toOutput[input]! + toOutput[at]!;
  }
  nodes.forEach((node, at) => {
    const own = node.kind === 'dense' ? toOutput[at]! : 0;
    fromInput[at] = inputsOf(node).reduce((sum, input) => sum + fromInput[input]!, own);
  });
  return fromInput.at(-1)!;
}

function inputsOf(node: TensorNode): readonly number[] {
  if ('inputs' in node) return node.inputs;
  return 'input' in node ? [node.input] : [];
}
