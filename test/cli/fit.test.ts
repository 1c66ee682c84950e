/** `ntkc fit` on tables as they come: with names, cities and dates among the numbers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, reluNetwork, type Workspace } from './workspace.ts';

const cities = ['Ghent', 'Oslo', 'Lyon'];
const rows = Array.from({ length: 30 }, (_, i) => {
  const [a, b] = [Math.sin(7 * i), Math.cos(11 * i)];
  return { a, b, id: `p${i}`, city: cities[i % 3], kind: a > b ? 'up' : 'down' };
});
const tableOf = (...columns: readonly (keyof (typeof rows)[number])[]): string =>
  [columns.join(','), ...rows.map((row) => columns.map((column) => row[column]).join(','))].join('\n');

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  place.write({
    'net.json': reluNetwork,
    'plain.csv': tableOf('a', 'b', 'kind'),
    'people.csv': tableOf('id', 'a', 'city', 'b', 'kind'),
  });
});
afterAll(() => place.remove());

const fit = (...more: readonly string[]) => place.ntkc('fit', 'net.json', '--label', 'kind', ...more);

describe('fit --drop', () => {
  it('fits as if the columns were not there, and says so', async () => {
    const plain = await fit('--data', 'plain.csv');
    const dropped = await fit('--data', 'people.csv', '--drop', 'id,city');
    expect({ ...dropped, stdout: scores(dropped.stdout) }).toEqual({ ...plain, stdout: scores(plain.stdout) });
    expect(dropped.stdout).toContain('people.csv: 30 rows, 2 features (without id, city), 2 classes; predicting kind');
    const json = JSON.parse((await fit('--data', 'people.csv', '--drop', 'city, id', '--json')).stdout);
    expect(json).toMatchObject({ features: ['a', 'b'], dropped: ['city', 'id'] });
  });

  it('records them in the model, which then predicts with and without them, and counts what is right', async () => {
    await fit('--data', 'people.csv', '--drop', 'id,city', '--save', 'm.json');
    expect(JSON.parse(place.read('m.json'))).toMatchObject({ featureNames: ['a', 'b'], dropped: ['id', 'city'] });
    const all = await place.ntkc('predict', 'm.json', '--data', 'people.csv');
    expect(all.stderr).toMatch(/\d\d of 30 rows agree with the column kind/);
    expect((await place.ntkc('predict', 'm.json', '--data', 'plain.csv')).stdout).toBe(all.stdout);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'a column that is not there',
      ['--drop', 'id,town'],
      /no column town to drop\. At people\.csv\. Expected some of the columns id, a, city, b\./,
    ],
    ['the label', ['--drop', 'kind'], /--drop kind: this is the label/],
    ['no name', ['--drop', 'id,,city'], /--drop is "id,,city"/],
    ['every feature', ['--drop', 'id,a,city,b'], /no features beside the label column kind and what is dropped/],
    ['text that is not dropped', [], /"p0" is not a number.*or drop it \(--drop id,city\)\./],
    ['too many features', ['--drop', 'id', '--data', 'three.csv'], /or leave one out with --drop/],
  ])('refuses %s', async (_, more, message) => {
    place.write({
      'three.csv': place
        .read('people.csv')
        .replace('city', 'size')
        .replace(/Ghent|Oslo|Lyon/g, '3'),
    });
    const { status, stdout, stderr } = await fit('--data', 'people.csv', ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('is no advice about the features of a saved model', async () => {
    await fit('--data', 'plain.csv', '--save', 'plain.json');
    place.write({ 'words.csv': 'a,b\n1,red' });
    const { status, stderr } = await place.ntkc('predict', 'plain.json', '--data', 'words.csv');
    expect(status).toBe(2);
    expect(stderr).toMatch(/"red" is not a number. At words.csv, line 2, column b/);
    expect(stderr).not.toContain('drop');
  });
});

/** All but the line about the file. */
const scores = (text: string): string => text.slice(text.indexOf('\n'));
