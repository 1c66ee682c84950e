/** What a planner contracts: sums of tensor networks, whose indices may meet in any number of tensors. */

/** A tensor with named indices. Dummies are numbers ≥ 0, the indices of the result are numbers < 0. */
export interface TensorUse {
  readonly tensor: string;
  readonly indices: readonly number[];
}

/** coefficient · Σ over all dummies of Π uses. */
export interface TensorNetwork {
  readonly coefficient: number;
  readonly uses: readonly TensorUse[];
}

/** What sizes indices have: every tensor has named axes, such as n for samples, and every name a size. */
export interface TensorSpace {
  /** Names of the axes of a tensor. */
  readonly axes: (tensor: string) => readonly string[];
  readonly sizes: Readonly<Record<string, number>>;
}

/** Name of the axis that each index of a network runs over. */
export function axesOf(uses: readonly TensorUse[], space: TensorSpace): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { tensor, indices } of uses) {
    const axes = space.axes(tensor);
    indices.forEach((index, position) => {
      const known = names.get(index);
      if (known !== undefined && known !== axes[position])
        throw new Error(`ntkc bug: plan: index ${index} runs over ${known} and over ${axes[position]} of ${tensor}`);
      names.set(index, axes[position]!);
    });
  }
  return names;
}

export const sizeOfAxes = (axes: readonly string[], { sizes }: TensorSpace): number =>
  axes.reduce((product, name) => product * sizes[name]!, 1);
