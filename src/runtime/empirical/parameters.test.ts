import { describe, expect, it } from 'vitest';
import { finiteNetwork } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import { network } from '../../ops/vocabulary.ts';
import { initialise, parametersFromJson, parametersToJson } from './parameters.ts';
import { mlp } from './programs.fixture.ts';

const program = mlp({ widths: [3, 4, 2], phi: 'x', wStd: 1.5, bStd: 0.2 });

describe('initialise', () => {
  it('has the shapes of the program', () => {
    const shapes = initialise(program, 1).map(({ W, b }) => [W.length, b?.length]);
    expect(shapes).toEqual([
      [12, 4],
      [8, 2],
    ]);
    expect(initialise(mlp({ widths: [3, 4], phi: 'x' }), 1)[0]).not.toHaveProperty('b');
  });

  it('is a function of the seed', () => {
    expect(initialise(program, 1)).toEqual(initialise(program, 1));
    expect(initialise(program, 1)).not.toEqual(initialise(program, 2));
  });

  it('draws every layer, W and b, on its own', () => {
    const square = mlp({ widths: [4, 4, 4], phi: 'x', bStd: 1 });
    const numbers = initialise(square, 1).flatMap(({ W, b }) => [...W, ...b!]);
    expect(new Set(numbers).size).toBe(2 * (16 + 4));
  });

  it('has the standard deviations of the program', () => {
    const wide = mlp({ widths: [300, 300], phi: 'x', wStd: 1.5, bStd: 0.2, standard: true });
    const [layer] = initialise(wide, 3);
    const std = (values: Float64Array) => Math.hypot(...values) / Math.sqrt(values.length);
    // A sample standard deviation errs by std/√(2N): four of them.
    const expected = 1.5 / Math.sqrt(300);
    expect(Math.abs(std(layer!.W) - expected)).toBeLessThan((4 * expected) / Math.sqrt(2 * 90_000));
    expect(Math.abs(std(layer!.b!) - 0.2)).toBeLessThan((4 * 0.2) / Math.sqrt(2 * 300));
  });
});

describe('parameters as JSON', () => {
  it('go there and back', () => {
    const parameters = initialise(program, 1);
    const json: unknown = JSON.parse(JSON.stringify(parametersToJson(parameters, program)));
    expect(parametersFromJson(json, program)).toEqual(parameters);
  });

  const layer = (width: number, fanIn: number) => ({
    W: Array.from({ length: width }, () => new Array<unknown>(fanIn).fill(1)),
    b: new Array<unknown>(width).fill(0),
  });
  const second = layer(2, 4);

  it('may give a bias that the network lacks', () => {
    const plain = mlp({ widths: [3, 4], phi: 'x' });
    expect(parametersFromJson([layer(4, 3)], plain)[0]).not.toHaveProperty('b');
    expect(() => parametersFromJson([{ ...layer(4, 3), b: [1] }], plain)).toThrow(/\[0\]\.b/);
  });

  it('refuse a bias that is not 0 where no factor makes it 0', () => {
    const programOf = (parameterization: string) =>
      finiteNetwork(network({ input: { shape: [3] }, layers: [{ op: 'dense', parameterization }] }), { width: 2 });
    const biased = [{ ...layer(2, 3), b: [0, 0.5] }];
    // z = W h/√3 + 0 b, but z = W h + b.
    expect(parametersFromJson(biased, programOf('ntk'))[0]).not.toHaveProperty('b');
    expect(() => parametersFromJson(biased, programOf('standard'))).toThrow(/At \[0\]\.b\[1\]\. .*bStd/);
    expect(parametersFromJson([layer(2, 3)], programOf('standard'))[0]).not.toHaveProperty('b');
  });

  it.each<[string, unknown, RegExp]>([
    ['no list', { W: [] }, /not a list.*2 entries/],
    ['too few layers', [layer(4, 3)], /parameters for 1 layers.*2 entries/],
    ['no object', [3, second], /At \[0\].*4 rows of 3/],
    ['null', [null, second], /At \[0\]/],
    ['no W', [{ b: [0, 0, 0, 0] }, second], /At \[0\]\.W/],
    ['rows', [layer(5, 3), second], /At \[0\]\.W\. Expected 4 rows/],
    ['columns', [layer(4, 2), second], /At \[0\]\.W\[0\]\. Expected 3 numbers/],
    ['no bias', [layer(4, 3), { W: second.W }], /At \[1\]\.b\. Expected 2 numbers/],
    ['text', [layer(4, 3), { ...second, b: [0, 'a'] }], /At \[1\]\.b\[1\]\. Expected a finite number/],
    ['infinity', [layer(4, 3), { ...second, b: [0, Number.POSITIVE_INFINITY] }], /At \[1\]\.b\[1\]/],
  ])('name the path of what does not fit: %s', (_, json, message) => {
    expect(() => parametersFromJson(json, program)).toThrow(NtkcError);
    expect(() => parametersFromJson(json, program)).toThrow(message);
  });
});
