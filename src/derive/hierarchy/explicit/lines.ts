/** Terms for readers: those that differ only by inner products of inputs share a line; lines alike share a group. */
import { type Contraction, type Factor, isDummy, type Term } from '../../../ir/einsum/index.ts';

/** coefficient · Π scales · (Σ Π prefactors) · Π body */
export interface HierarchyLine {
  readonly coefficient: number;
  readonly powers: readonly number[];
  /** Sums of products of ⟨x_α, x_β⟩: one product for each term of the line. */
  readonly prefactors: readonly (readonly Contraction[])[];
  readonly body: readonly Contraction[];
}

/** Lines whose bodies have the same factors, at whatever samples. */
export interface HierarchyGroup {
  /** The factors and how often each occurs, last layer first, highest derivative first. */
  readonly factors: readonly { readonly factor: Factor; readonly count: number }[];
  readonly lines: readonly HierarchyLine[];
}

/** @param isInput whether a tensor is the input x of the network, the same for all parameters */
export function groupTerms(terms: readonly Term[], isInput: (tensor: string) => boolean): readonly HierarchyGroup[] {
  const lines = collect(terms, (c) => c.factors.every((f) => isInput(f.tensor) && f.indices.every(isDummy)));
  const groups = new Map<string, HierarchyLine[]>();
  for (const line of lines) {
    const key = kindsOf(line)
      .map(({ factor: { tensor, derivative }, count }) => `${tensor}.${derivative}^${count}`)
      .join(' ');
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [line]);
    else members.push(line);
  }
  return [...groups.values()]
    .map((members) => ({ factors: kindsOf(members[0]!), lines: sorted(members) }))
    .sort(compareGroups);
}

function collect(terms: readonly Term[], isPrefactor: (c: Contraction) => boolean): readonly HierarchyLine[] {
  const lines = new Map<string, HierarchyLine & { readonly prefactors: (readonly Contraction[])[] }>();
  for (const { coefficient, powers, contractions } of terms) {
    const body = contractions.filter((c) => !isPrefactor(c)).sort(byKey);
    const prefactor = contractions.filter(isPrefactor).sort(byKey);
    const key = `${coefficient}|${powers}|${body.map(({ id }) => id)}`;
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { coefficient, powers, prefactors: [prefactor], body });
    else line.prefactors.push(prefactor);
  }
  for (const { prefactors } of lines.values()) prefactors.sort(compareProducts);
  return [...lines.values()];
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byKey = (a: Contraction, b: Contraction): number => compareText(a.key, b.key);
const keyOf = (product: readonly Contraction[]): string => product.map(({ key }) => key).join(' ');
const compareProducts = (a: readonly Contraction[], b: readonly Contraction[]): number =>
  compareText(keyOf(a), keyOf(b));

/** By the derivatives at α, then at β, and so on, the highest first; then by what is left. */
function sorted(lines: readonly HierarchyLine[]): readonly HierarchyLine[] {
  const keyed = lines.map((line) => ({
    line,
    derivatives: derivativesOf(line),
    body: keyOf(line.body),
    prefactor: keyOf(line.prefactors[0]!),
  }));
  keyed.sort(
    (a, b) =>
      compareText(b.derivatives, a.derivatives) || compareText(a.body, b.body) || compareText(a.prefactor, b.prefactor),
  );
  return keyed.map(({ line }) => line);
}

function derivativesOf({ body }: HierarchyLine): string {
  const highest: number[] = [];
  for (const { derivative, sample } of body.flatMap(({ factors }) => factors))
    if (sample >= 0) highest[sample] = Math.max(highest[sample] ?? 0, derivative);
  return Array.from(highest, (p) => p ?? 0).join();
}

function kindsOf({ body }: HierarchyLine): HierarchyGroup['factors'] {
  const kinds = new Map<string, { readonly factor: Factor; readonly count: number }>();
  for (const factor of body.flatMap(({ factors }) => factors)) {
    const key = `${factor.tensor}.${factor.derivative}`;
    kinds.set(key, { factor, count: (kinds.get(key)?.count ?? 0) + 1 });
  }
  return [...kinds.values()].sort((a, b) => compareFactors(a.factor, b.factor));
}

const ranks = ['W', 's', 'u', 'h'];

/** Weights before activations before inputs of layers; the last layer and the highest derivative first. */
export function compareFactors(a: Factor, b: Factor): number {
  const rank = ranks.indexOf(a.tensor[0]!) - ranks.indexOf(b.tensor[0]!);
  const number = Number(b.tensor.slice(1)) - Number(a.tensor.slice(1));
  return rank || number || b.derivative - a.derivative || a.sample - b.sample;
}

/** As the paper orders eq. (15): many weights first, then high derivatives. */
function compareGroups(a: HierarchyGroup, b: HierarchyGroup): number {
  for (let k = 0; k < Math.max(a.factors.length, b.factors.length); k++) {
    const [x, y] = [a.factors[k], b.factors[k]];
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
    const order = compareFactors({ ...x.factor, sample: 0 }, { ...y.factor, sample: 0 }) || y.count - x.count;
    if (order !== 0) return order;
  }
  return 0;
}
