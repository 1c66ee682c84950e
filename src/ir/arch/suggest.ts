/** What a user may have meant by the name of an op that is not there. */
import type { Fields, Vocabulary } from './vocabulary.ts';

/** Letters to change, add or drop, of a slip of the keyboard. */
const mostSlips = 2;

/** "Did you mean …?" or "Write {…}."; undefined where nothing comes close. */
export function suggestionFor(name: string, vocabulary: Vocabulary): string | undefined {
  const wanted = plain(name);
  for (const { name: op, alsoCalled = {} } of vocabulary.values())
    for (const [other, fields] of Object.entries(alsoCalled))
      if (plain(other) === wanted) return Object.keys(fields).length === 0 ? didYouMean(op) : write(op, fields);
  const near = [...vocabulary.keys()]
    .map((op) => ({ op, slips: distance(plain(op), wanted) }))
    .filter(({ op, slips }) => slips <= mostSlips && 2 * slips < Math.max(op.length, wanted.length))
    .sort((a, b) => a.slips - b.slips)[0];
  return near && didYouMean(near.op);
}

const didYouMean = (op: string) => `Did you mean ${JSON.stringify(op)}?`;
const write = (op: string, fields: Fields) => {
  const members = Object.entries({ op, ...fields }).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `Write { ${members.join(', ')} }.`;
};

/** Leaky_ReLU, leaky-relu and leakyRelu alike. */
const plain = (name: string) =>
  name
    .slice(0, 60)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

/** Letters to change, add or drop to make b of a. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const changed = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
