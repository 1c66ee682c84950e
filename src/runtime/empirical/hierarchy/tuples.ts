/** Tuples of sample indices, as hierarchies take them; the length of a tuple is its order. */
import { NtkcError } from '../../../errors.ts';

/** A tuple of length r costs (r−1)! terms, 5040 at this order. */
export const MAX_ORDER = 8;

/**
 * Lists of whole numbers 0 .. n−1, each of length 2 to MAX_ORDER.
 * @throws NtkcError with the place of the first that is not, e.g. "tuples[3][1]".
 */
export function requireTuples(value: unknown, n: number): readonly (readonly number[])[] {
  if (!Array.isArray(value) || value.length === 0)
    throw wrong(Array.isArray(value) ? 'there are no tuples' : 'not a list of tuples', 'tuples', example);
  const list: readonly unknown[] = value;
  return list.map((tuple, at) => requireTuple(tuple, n, `tuples[${at}]`));
}

function requireTuple(value: unknown, n: number, where: string): readonly number[] {
  if (!Array.isArray(value)) throw wrong('not a tuple of sample indices', where, example);
  const tuple: readonly unknown[] = value;
  if (tuple.length < 2)
    throw wrong(`a tuple of length ${tuple.length}`, where, 'length 2 or more: the length is the order of the kernel');
  if (tuple.length > MAX_ORDER)
    throw wrong(`K${tuple.length} has (${tuple.length}−1)! = ${factorial(tuple.length - 1)} terms`, where, limit);
  return tuple.map((index, i) => {
    if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < n) return index;
    const isNumber = typeof index === 'number' && Number.isInteger(index);
    const what = isNumber ? `there is no sample ${index}` : 'not the index of a sample';
    throw wrong(what, `${where}[${i}]`, `a whole number, 0 to ${n - 1}`);
  });
}

const example = 'a list of lists of whole numbers, such as [[0, 1], [0, 1, 2]]';
const limit = `at most order ${MAX_ORDER}, ${factorial(MAX_ORDER - 1)} terms`;

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

const wrong = (what: string, where: string, expected: string) => new NtkcError({ what, where, expected });
