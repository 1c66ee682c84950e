/** Tensors in a memory, and the order in which loops walk them. */

/** Numbers in memory: the first at address `at`, strides in numbers. */
export interface Tensor {
  readonly at: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A tensor whose axes are called by letters. */
export type Labelled = readonly [letters: string, tensor: Tensor];

/** A loop over some axes, and how far each step of each goes in a tensor. */
export interface Walk {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Strides of a tensor that lies in order. */
export const stridesOf = (shape: readonly number[]): readonly number[] =>
  shape.map((_, k) => sizeOf(shape.slice(k + 1)));

/** Sizes of axes by their letters. */
export const sizesOf = (letters: string, parts: readonly Labelled[]): readonly number[] =>
  [...letters].map((letter) => {
    const [own, { shape }] = parts.find((part) => part[0].includes(letter))!;
    return shape[own.indexOf(letter)]!;
  });

/** Over the axes of these letters; a tensor without an axis stays where it is. */
export const walkOf = (letters: string, sizes: readonly number[], [own, { strides }]: Labelled): Walk => ({
  sizes,
  strides: [...letters].map((letter) => (own.includes(letter) ? strides[own.indexOf(letter)]! : 0)),
});

/** Walks over the same axes, with as few axes as all of them allow: the last contiguous ones as one, and so on. */
export function merged(walks: readonly Walk[]): readonly Walk[] {
  const [first] = walks;
  const groups: number[][] = [];
  first!.sizes.forEach((size, k) => {
    const last = groups.at(-1)?.at(-1);
    const joins = last !== undefined && walks.every(({ strides }) => strides[last] === strides[k]! * size);
    if (joins) groups.at(-1)!.push(k);
    else groups.push([k]);
  });
  return walks.map(({ sizes, strides }) => ({
    sizes: groups.map((group) => sizeOf(group.map((k) => sizes[k]!))),
    strides: groups.map((group) => strides[group.at(-1)!]!),
  }));
}

/** Writes byte offsets of positions from .. to − 1 of a walk into a table. */
export function writeOffsets(table: Int32Array, at: number, { sizes, strides }: Walk, from: number, to: number): void {
  const last = sizes.length - 1;
  const position = sizes.map(() => 0);
  let offset = 0;
  for (let axis = last, rest = from; axis >= 0; axis--) {
    position[axis] = rest % sizes[axis]!;
    rest = Math.floor(rest / sizes[axis]!);
    offset += position[axis]! * strides[axis]!;
  }
  for (let k = from; k < to; k++) {
    table[at + k - from] = 8 * offset;
    for (let axis = last; axis >= 0; axis--) {
      offset += strides[axis]!;
      position[axis]!++;
      if (position[axis]! < sizes[axis]!) break;
      offset -= sizes[axis]! * strides[axis]!;
      position[axis] = 0;
    }
  }
}
