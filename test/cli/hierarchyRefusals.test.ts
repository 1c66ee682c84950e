/** What `ntkc hierarchy` refuses: tuples, parameters, samples and outputs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { args, files, type Golden, tanh } from './hierarchyFiles.ts';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
});
afterAll(() => place.remove());

describe('hierarchy refuses', () => {
  const [first, last] = tanh.parameters as [Golden['parameters'][number], Golden['parameters'][number]];
  const parameters = (...content: readonly unknown[]) => ({ 'parameters.json': content });
  const tuples = (...content: readonly unknown[]) => ({ 'tuples.json': content });
  const short = first.W.map((row, o) => (o === 3 ? row.slice(1) : row));
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ['tuples that are no list', { 'tuples.json': { a: 1 } }, ['tuples.json', 'not a list of tuples']],
    ['no tuples', tuples(), ['tuples.json: tuples', 'no tuples']],
    ['a tuple that is a number', tuples([0, 1], 2), ['tuples.json: tuples[1]', 'lists of whole numbers']],
    ['an order below 2', tuples([0]), ['tuples.json: tuples[0]', 'length 1', 'length 2 or more']],
    ['an order too large', tuples([0, 0, 0, 0, 0, 0, 0, 0, 0]), ['tuples[0]', '40320 terms', 'order 8']],
    ['an index out of range', tuples([0, 1], [0, 5]), ['tuples[1][1]', 'no sample 5', '0 to 4']],
    ['a fraction', tuples([0.5, 1]), ['tuples[0][0]', 'a whole number']],
    ['a text', tuples([0, '1']), ['tuples[0][1]', 'a whole number']],
    ['a negative index', tuples([-1, 0]), ['tuples[0][0]', 'no sample -1']],
    ['x of other features', { 'x.json': [[1, 2]] }, ['x.json', 'Expected [n, 4]']],
    ['parameters that are no list', { 'parameters.json': {} }, ['parameters.json', 'not a list']],
    ['too few layers', parameters(first), ['parameters.json', 'for 1 layer only']],
    ['too many layers', parameters(first, last, last), ['parameters.json', 'for 3 layers', 'list of 2']],
    ['no W', parameters(first, { b: [1] }), ['parameters.json: [1].W', 'list of rows']],
    ['a short row', parameters({ ...first, W: short }, last), ['parameters.json: [0].W[3]', '4 numbers']],
    [
      'W that does not fit the one before',
      parameters({ W: first.W.slice(1), b: first.b.slice(1) }, last),
      ['[1].W[0]', '6 numbers'],
    ],
    ['a weight that is null', parameters(first, { ...last, W: [[null, 1, 1, 1, 1, 1, 1]] }), ['[1].W[0][0]', 'finite']],
    [
      'values that overflow',
      parameters(first, { ...last, W: [[1e200, 1, 1, 1, 1, 1, 1]] }),
      ['not finite', 'parameters.json'],
    ],
  ];
  it.each(cases)('%s', async (_, content, says) => {
    place.write({ ...files(tanh), ...content, 'old.json': 'an earlier result' });
    const before = place.snapshot();
    const { status, stdout, stderr } = await place.ntkc(...args, '-o', 'old.json');
    expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    for (const part of says) expect(stderr).toContain(part);
    expect(place.snapshot()).toEqual(before);
  });

  it.each([
    ['widths that contradict the parameters', ['--tuples', 'tuples.json', '--parameters', 'parameters.json'], '[0].W'],
    ['neither parameters nor expectation', ['--tuples', 'tuples.json'], '--parameters'],
    [
      'an output of unknown format',
      ['--tuples', 'tuples.json', '--parameters', 'parameters.json', '-o', 'k.txt'],
      'k.txt',
    ],
    [
      'an output in no folder',
      ['--tuples', 'tuples.json', '--parameters', 'parameters.json', '-o', 'no/k.json'],
      'folder',
    ],
    ['no tuples file', ['--parameters', 'parameters.json'], '--tuples'],
  ])('%s', async (_, more, says) => {
    place.write(files(tanh));
    const { layers } = tanh.network;
    place.write({ 'net.json': { ...tanh.network, layers: [{ ...layers[0], width: 8 }, ...layers.slice(1)] } });
    const { status, stdout, stderr } = await place.ntkc('hierarchy', 'net.json', '--x', 'x.json', ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    expect(stderr).toContain(says);
  });
});
