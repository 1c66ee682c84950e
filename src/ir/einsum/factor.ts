/**
 * Factors of a term in Einstein notation: a tensor with named indices, e.g. W2[o i], sigma1″(x_β)[i], x(x_α)[k].
 * A summed (dummy) index is a number ≥ 0; a free index is a number < 0 and keeps its name everywhere.
 */
export interface Factor {
  /** Name of the tensor, e.g. 'W2'. The name 'delta' is Kronecker's, with two indices. */
  readonly tensor: string;
  /** Order of the derivative, 0 for none. */
  readonly derivative: number;
  /** Position in the tuple of samples the factor is taken at; PARAMETER for one that depends on none. */
  readonly sample: number;
  readonly indices: readonly number[];
}

/** The sample of a factor that depends on no sample. */
export const PARAMETER = -1;

export const isDummy = (index: number): boolean => index >= 0;

export const delta = (i: number, j: number): Factor => ({
  tensor: 'delta',
  derivative: 0,
  sample: PARAMETER,
  indices: [i, j],
});

/** What a factor is, but for its indices. */
export const headKey = (factor: Factor): string => `${factor.tensor}.${factor.derivative}.${factor.sample}`;

/** One factor as text, e.g. 'sigma1.2.1[3]'; `parseFactors` reads it again. */
export const printFactor = (factor: Factor): string => `${headKey(factor)}[${factor.indices.join(' ')}]`;

/** Reads what `printFactor` wrote, factors separated by spaces. */
export function parseFactors(text: string): readonly Factor[] {
  return [...text.matchAll(/([^\s.[\]]+)\.(\d+)\.(-?\d+)\[([^\]]*)\]/g)].map(
    ([, tensor, derivative, sample, list]) => ({
      tensor: tensor as string,
      derivative: Number(derivative),
      sample: Number(sample),
      indices: list === '' ? [] : (list as string).split(' ').map(Number),
    }),
  );
}

/** The factors with every index that `names` holds renamed. */
export const renamed = (factors: readonly Factor[], names: ReadonlyMap<number, number>): readonly Factor[] =>
  factors.map((factor) => ({ ...factor, indices: factor.indices.map((index) => names.get(index) ?? index) }));

export function dummiesOf(factors: readonly Factor[]): readonly number[] {
  const dummies = new Set<number>();
  for (const { indices } of factors) for (const index of indices) if (isDummy(index)) dummies.add(index);
  return [...dummies];
}

/**
 * Removes every δ with a dummy index by renaming, and δ[o o] of a free index, which is 1.
 * What stays: δ[i i] of a dummy, the dimension of its space, and a δ of two different free indices.
 */
export function contractDeltas(factors: readonly Factor[]): readonly Factor[] {
  let current = factors;
  for (;;) {
    const at = current.findIndex(({ tensor, indices: [i, j] }) => tensor === 'delta' && removable(i!, j!));
    if (at < 0) return current;
    const [i, j] = current[at]!.indices as readonly [number, number];
    const others = current.filter((_, n) => n !== at);
    const held = (index: number) => !isDummy(index) || others.some(({ indices }) => indices.includes(index));
    if (i === j) current = others;
    else if (!held(i) && !held(j)) current = [...others, delta(i, i)];
    else current = renamed(others, isDummy(i) ? new Map([[i, j]]) : new Map([[j, i]]));
  }
}

const removable = (i: number, j: number): boolean => (i === j ? !isDummy(i) : isDummy(i) || isDummy(j));
