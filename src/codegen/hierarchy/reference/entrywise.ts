/** Entrywise sums and products as loops over contiguous rows. */
import { type Entrywise, type EntrywisePart, product } from '../lower.ts';

/** Axes of the result that one loop runs over. */
interface Loop {
  readonly variable: string;
  readonly axes: readonly string[];
  /** Of each part, undefined where it does not depend on the loop. */
  readonly strides: readonly (string | undefined)[];
}

const variables = ['i', 'j', 'k', 'l', 'p', 'q', 'r', 's'];

/**
 * @param axesOf names of the axes of a step
 * @param nameOf what holds the tensor of a step
 */
export function entrywiseLines(
  operation: Entrywise,
  name: string,
  axesOf: (step: number) => readonly string[],
  nameOf: (step: number) => string,
): readonly string[] {
  const { axes, parts, how } = operation;
  const length = product(axes);
  if (parts.length === 0) return [`${name} = new Float64Array(${length});`];
  const loops = loopsOf(operation, axesOf);
  const value = parts.map((part, p) => {
    const at = offset(loops, p);
    const isWhole = loops.length > 0 && at === offsetOfResult(loops);
    const entry = `${nameOf(part.step)}[${isWhole ? 'at' : at}]`;
    return { coefficient: part.coefficient, entry };
  });
  const text = how === 'product' ? value.map(({ entry }) => entry).join(' * ') : value.map(weighted).join(' + ');
  const [only] = loops;
  if (loops.length === 0) return [`${name} = new Float64Array(1);`, `${name}[0] = ${text};`];
  if (loops.length === 1)
    return [
      `${name} = new Float64Array(${length});`,
      `for (let at = 0; at < ${product(only!.axes)}; at++) ${name}[at] = ${text};`,
    ];
  const heads = loops.map(({ variable, axes: own }, depth) => {
    const last = depth === loops.length - 1;
    const start = depth === 0 ? `let ${variable} = 0, at = 0` : `let ${variable} = 0`;
    return `for (${start}; ${variable} < ${product(own)}; ${last ? `${variable}++, at++` : `${variable}++`})`;
  });
  return [`${name} = new Float64Array(${length});`, `${heads.join(' ')} ${name}[at] = ${text};`];
}

const weighted = ({ coefficient, entry }: { readonly coefficient: number; readonly entry: string }): string =>
  coefficient === 1 ? entry : `${coefficient} * ${entry}`;

/** As few loops as the layouts of all parts allow. */
function loopsOf({ axes, parts }: Entrywise, axesOf: (step: number) => readonly string[]): readonly Loop[] {
  const groups: number[][] = [];
  axes.forEach((_, k) => {
    const last = groups.at(-1);
    if (last !== undefined && parts.every((part) => continues(part, k))) last.push(k);
    else groups.push([k]);
  });
  return groups.map((group, depth) => ({
    variable: groups.length === 1 ? 'at' : variables[depth]!,
    axes: group.map((k) => axes[k]!),
    strides: parts.map((part) => {
      const axis = part.axes[group.at(-1)!];
      return axis === undefined ? undefined : product(axesOf(part.step).slice(axis + 1));
    }),
  }));
}

const continues = ({ axes }: EntrywisePart, k: number): boolean => {
  const [before, axis] = [axes[k - 1], axes[k]];
  return before === undefined ? axis === undefined : axis === before + 1;
};

function offset(loops: readonly Loop[], part: number): string {
  const terms = loops.flatMap(({ variable, strides }) => {
    const stride = strides[part];
    if (stride === undefined) return [];
    return [stride === '1' ? variable : `${variable} * ${stride}`];
  });
  return terms.length === 0 ? '0' : terms.join(' + ');
}

/** Where a part with the axes of the result would be read. */
function offsetOfResult(loops: readonly Loop[]): string {
  const terms = loops.map(({ variable }, depth) => {
    const stride = product(loops.slice(depth + 1).flatMap(({ axes }) => axes));
    return stride === '1' ? variable : `${variable} * ${stride}`;
  });
  return terms.length === 0 ? '0' : terms.join(' + ');
}
