/** What errors of fields say: never a phrase of the library that checks them. */
import { describe, expect, it } from 'vitest';
import { network, vocabulary } from './vocabulary.ts';

const odd: readonly unknown[] = [
  undefined,
  null,
  true,
  'q',
  '',
  -1,
  1.5,
  0,
  Number.NaN,
  1e9,
  {},
  { a: 1 },
  [],
  [{}],
  [{ a: 1 }],
  ['a'],
  [1.5],
  [[]],
  [[1.5, 2]],
  [[1, 2, 3, 4]],
  [[1, 2, 0]],
  Array(40).fill(1),
];

/** What is said of a layer, where it is refused. */
function said(layer: object): string | undefined {
  try {
    network({ input: { shape: [6, 6, 2] }, layers: [layer as never] });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const fieldsOf = (name: string) => {
  const op = vocabulary.get(name);
  const nested = op?.nests === undefined ? [] : [op.nests];
  return [...Object.keys(op?.fields ?? {}), ...nested];
};
const cases = [...vocabulary.keys()].flatMap((op) => fieldsOf(op).map((field) => [op, field] as const));

describe('an odd value', () => {
  it.each(cases)('of %s.%s is refused in words of the network', (name, field) => {
    const example = vocabulary.get(name)?.examples[0];
    const messages = odd.flatMap((value) => said({ op: name, ...example, [field]: value }) ?? []);
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) {
      expect(message).not.toMatch(/invalid|received|zod|undefined/i);
      expect(message).not.toMatch(/Expected a list\.?$/);
    }
  });
});

it.each([
  [{ op: 'conv', kernel: 3 }, 'Expected a list with a number for each axis, such as [3, 3].'],
  [{ op: 'conv' }, 'kernel is missing. At layers[0].kernel. Expected a list with a number for each axis, such as'],
  [{ op: 'index', at: [{ a: 1 }, 1] }, 'At layers[0].at[0]. Expected a position such as 2, or positions [from, to]'],
  [{ op: 'sum' }, 'Expected a list of branches, each a list of layers'],
  [{ op: 'sum', branches: [3] }, 'At layers[0].branches[0]. Expected a list of layers, such as [{"op":"dense"}].'],
])('%j says what a list is of', (layer, message) => {
  expect(said(layer)).toContain(message);
});
