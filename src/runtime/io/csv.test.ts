import { describe, expect, it } from 'vitest';
import { parseFeatures, parseTable, type TaskChoice } from './csv.ts';

const table = (text: string, task: TaskChoice = 'auto') => parseTable(text, { file: 'd.csv', label: 'y', task });

describe('parseTable', () => {
  it('splits features from the label, wherever it stands; trims; skips blank lines; takes a byte order mark, CRLF, quotes', () => {
    const text = '\uFEFFa, y ,"b, c"\r\n1,no,-2.5e-1\r\n\r\n .5 ,"yes",3.\r\n';
    expect(table(text)).toEqual({
      x: Float64Array.of(1, -0.25, 0.5, 3),
      n: 2,
      d: 2,
      featureNames: ['a', 'b, c'],
      labelName: 'y',
      answers: { task: 'classification', labels: ['no', 'yes'] },
    });
  });

  it('columns called like parts of JavaScript are only columns', () => {
    expect(table('__proto__,constructor,y\n1,2,a\n3,4,b').featureNames).toEqual(['__proto__', 'constructor']);
  });

  const column = (labels: readonly (string | number)[]) => `a,y\n${labels.map((label) => `1,${label}`).join('\n')}`;

  it('takes few integers and all text for classes, other numbers for targets', () => {
    expect(table(column([0, 1, '1.0', 1])).answers).toEqual({ task: 'classification', labels: ['0', '1', '1', '1'] });
    expect(table(column([0, 1, 'two'])).answers).toEqual({ task: 'classification', labels: ['0', '1', 'two'] });
    expect(table(column([0.5, 1])).answers).toEqual({ task: 'regression', targets: Float64Array.of(0.5, 1) });
    const many = (n: number) => Array.from({ length: n }, (_, i) => i);
    expect(table(column(many(20))).answers.task).toBe('classification');
    expect(table(column(many(21))).answers.task).toBe('regression');
  });

  it('does as it is told', () => {
    expect(table(column([0, 1]), 'regression').answers).toEqual({ task: 'regression', targets: Float64Array.of(0, 1) });
    expect(table(column([0.5, 1]), 'classification').answers).toEqual({ task: 'classification', labels: ['0.5', '1'] });
    expect(() => table(column([0, 'b']), 'regression')).toThrow(/"b" is not a number. At d\.csv, line 3, column y/);
  });

  it.each([
    ['nothing', '', /the file is empty. At d\.csv/],
    ['blank lines only', '\n \n', /the file is empty/],
    ['no rows', 'a,y\n', /no rows after the header. At d\.csv/],
    ['a short row', 'a,y\n1,p\n2\n', /this one has 1 cells. At d\.csv, line 3. Expected 2 cells/],
    ['a long row', 'a,y\n\n1,p,7\n', /has 3 cells. At d\.csv, line 3/],
    ['a word', 'a,y\n1,p\nred,q', /"red" is not a number. At d\.csv, line 3, column a/],
    ['hexadecimal', 'a,y\n0x10,p\n2,q', /"0x10" is not a number/],
    ['an empty cell', 'a,y\n,p\n2,q', /is empty. At d\.csv, line 2, column a/],
    ['NaN', 'a,y\nNaN,p\n2,q', /NaN is not finite. At d\.csv, line 2, column a/],
    ['infinity', 'a,y\n1,p\n-inf,q', /-inf is not finite. At d\.csv, line 3/],
    ['a number too large', 'a,y\n1,p\n1e999,q', /1e999 is not finite/],
    ['no label column', 'a,b\n1,2', /no label column y. At d\.csv. Expected one of the columns a, b/],
    ['other separators', 'a;y\n1;p', /Separate the cells by commas/],
    ['no features', 'y\np\nq', /no features beside the label column y/],
    ['a repeated name', 'a,a,y\n1,2,p', /two columns are called a. At d\.csv, line 1/],
    ['an unnamed column', 'a,,y\n1,2,p', /column 2 of the header has no name/],
    ['an empty label', 'a,y\n1,p\n2,', /is empty. At d\.csv, line 3, column y/],
    ['one class', 'a,y\n1,p\n2,p', /only one class: every label is p. At d\.csv, column y/],
    ['one class written in two ways', 'a,y\n1,1\n2,1.0', /only one class/],
    ['an open quote', 'a,y\n1,"p\n2,q', /not valid CSV.*At d\.csv, line/],
  ])('refuses %s', (_, text, message) => expect(() => table(text)).toThrow(message));
});

describe('parseFeatures', () => {
  it('picks the named columns in the given order', () => {
    const features = parseFeatures('y,b,a\np,1,2\nq,3,4', { file: 'd.csv', featureNames: ['a', 'b'] });
    expect(features).toEqual({ x: Float64Array.of(2, 1, 4, 3), n: 2, d: 2, featureNames: ['a', 'b'] });
  });
  it('lists what is missing', () => {
    const read = () => parseFeatures('y,b\np,1', { file: 'd.csv', featureNames: ['a', 'b', 'c'] });
    expect(read).toThrow(/no feature column a, c. At d\.csv. Expected the columns a, b, c; the table has y, b\./);
  });
});
