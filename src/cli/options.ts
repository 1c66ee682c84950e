/** What option values may be. Each function reads one option's text or throws NtkcError naming the option. */
import { NtkcError } from '../errors.ts';
import { isDecimal } from '../runtime/io/decimal.ts';
import type { Ridge } from '../runtime/predict/kernelRidge.ts';

type Parse<T> = (text: string) => T;

/** A whole number of at least `min`, written in digits. */
export const wholeNumber =
  (option: string, min: number): Parse<number> =>
  (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min) return value;
    throw wrong(option, text, `a whole number >= ${min}`);
  };

/** A number greater than 0. */
export const positiveNumber =
  (option: string): Parse<number> =>
  (text) => {
    const value = finite(text);
    if (value !== undefined && value > 0) return value;
    throw wrong(option, text, 'a number > 0');
  };

/** Numbers separated by commas, e.g. 1,0.5,-2e-3. */
export const numberList =
  (option: string): Parse<readonly number[]> =>
  (text) =>
    text.split(',').map((part) => {
      const value = finite(part);
      if (value !== undefined) return value;
      throw wrong(option, text, 'numbers separated by commas, such as 1,0.5,1');
    });

/** Different names separated by commas; what they name is looked up later. */
export const nameList =
  (option: string): Parse<readonly string[]> =>
  (text) => {
    const names = text.split(',').map((part) => part.trim());
    if (!names.includes('')) return [...new Set(names)];
    throw wrong(option, text, 'names separated by commas, such as id,city');
  };

/** Two or more different whole numbers >= 1, separated by commas. */
export const widthList =
  (option: string): Parse<readonly number[]> =>
  (text) => {
    const widths = text.split(',').map((part) => part.trim());
    const isWidth = (width: string) => /^\d+$/.test(width) && Number.isSafeInteger(Number(width)) && Number(width) > 0;
    if (widths.every(isWidth) && new Set(widths.map(Number)).size > 1) return widths.map(Number);
    throw wrong(option, text, 'two or more different whole numbers >= 1, such as 64,256,1024');
  };

/** One of a list; `other` names, planned ones if nothing else, get an answer of their own. */
export const oneOf =
  <const T extends string>(
    option: string,
    values: readonly T[],
    other?: RegExp,
    answer = 'is not available yet in this version',
  ): Parse<T> =>
  (text) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const expected = `one of ${values.join(', ')}`;
    if (other?.test(text)) throw new NtkcError({ what: `${option} ${text} ${answer}`, expected });
    throw wrong(option, text, expected);
  };

/** Different names of a list, separated by commas. */
export const severalOf =
  <const T extends string>(option: string, values: readonly T[], planned?: RegExp): Parse<readonly T[]> =>
  (text) => {
    const one = oneOf(option, values, planned);
    return [...new Set(text.split(',').map((part) => one(part.trim())))];
  };

/** A kernel, or K_order of the hierarchy as k2, k3, ..; an order outside the list is told why. */
export const kernelOrOrder =
  <const T extends string>(option: string, values: readonly T[]): Parse<T> =>
  (text) => {
    const order = /^k(\d{1,3})$/.exec(text)?.[1];
    if (order === undefined || values.some((value) => value === text)) return oneOf(option, values)(text);
    const why =
      Number(order) < 2
        ? 'the hierarchy begins at K2, the NTK'
        : `K${order} is a sum over ${treesOf(Number(order))} trees, each of many terms`;
    throw new NtkcError({
      what: `${option} ${text}: ${why}`,
      expected: values.filter((v) => /^k\d/.test(v)).join(', '),
    });
  };

/** (order − 1)!: exact while that is short to read. */
function treesOf(order: number): string {
  let trees = 1;
  for (let k = 2; k < order; k++) trees *= k;
  return trees < 1e9 ? `${trees}` : `${order - 1}!`;
}

/** A ridge: "0.1" is added to the diagonal as it is, "relative:0.1" times the mean of the diagonal. */
export const ridge =
  (option: string): Parse<Ridge> =>
  (text) => {
    const [, relative, number = ''] = /^(relative:)?(.*)$/s.exec(text) ?? [];
    const value = finite(number);
    if (value !== undefined && value >= 0) return { kind: relative === undefined ? 'absolute' : 'relative', value };
    throw wrong(option, text, 'a number >= 0 such as 0.1, or relative:0.1 for a multiple of the mean diagonal');
  };

function finite(text: string): number | undefined {
  const value = isDecimal(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const wrong = (option: string, text: string, expected: string) =>
  new NtkcError({ what: `${option} is ${JSON.stringify(text.slice(0, 80))}`, expected });
