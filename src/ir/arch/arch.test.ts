import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { network, networkFromJson, networkToJson } from '../../ops/vocabulary.ts';
import type { LayerInput } from './index.ts';

const text = (layers: unknown, extra: object = {}) =>
  JSON.stringify({ ntkc: 1, input: { shape: [3] }, layers, ...extra });
const complaint = (json: string): string => {
  try {
    networkFromJson(json);
  } catch (error) {
    expect(error).toBeInstanceOf(NtkcError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('mistakes in a network are named with their path', () => {
  it('a builder that is not called', () => {
    const layers = [{ op: 'dense' }, () => ({ op: 'relu' })];
    expect(() => network({ input: { shape: [3] }, layers: layers as LayerInput[] })).toThrow(
      'value is a function, not called. At layers[1]. Expected an object',
    );
  });

  it.each([
    [text([{ op: 'dens' }]), /unknown op "dens".*layers\[0\]\.op.*dense/],
    [text([{ op: 'constructor' }]), /unknown op "constructor"/],
    [text([{ op: '__proto__' }]), /unknown op "__proto__"/],
    [text([{ op: 'toString' }]), /unknown op/],
    [text([{ op: 'dense', wstd: 1 }]), /unknown field "wstd".*layers\[0\].*wStd/],
    ['{"input":{"shape":[3]},"layers":[{"op":"dense","__proto__":{"a":1}}]}', /unknown field "__proto__".*layers\[0\]/],
    ['{"input":{"shape":[3]},"layers":[{"op":"dense"}],"__proto__":1}', /unknown field "__proto__"/],
    [text([{ op: 'dense', wStd: -1 }]), /wStd is -1.*layers\[0\]\.wStd.*>= 0/],
    [text([{ op: 'dense', wStd: '1' }]), /wStd is "1".*a finite number/],
    [text([{ op: 'dense', wStd: null }]), /wStd is null/],
    ['{"input":{"shape":[3]},"layers":[{"op":"dense","wStd":1e999}]}', /wStd is Infinity.*a finite number/],
    [text([{ op: 'dense', width: 2.5 }]), /width is 2\.5.*whole number/],
    [text([{ op: 'dense', width: 0 }]), /width is 0/],
    [text([{ op: 'dense', parameterization: 'mup' }]), /"ntk" or "standard"/],
    [text([{ op: 'leakyRelu' }]), /slope is missing.*layers\[0\]\.slope/],
    [text([{ op: 'sum' }]), /branches is missing/],
    [text([{ op: 'sum', branches: [] }]), /branches/],
    [text([{ op: 'sum', branches: [[], [{ op: 'relu', slope: 1 }]] }]), /layers\[0\]\.branches\[1\]\[0\]/],
    [text([{ op: 'repeat', times: 0, layers: [{ op: 'relu' }] }]), /times/],
    [text([{ op: 'repeat', times: 2, layers: [{ op: 'nope' }] }]), /layers\[0\]\.layers\[0\]\.op/],
    [text([{ op: 'elementwise', expr: 'x +' }]), /syntax error.*layers\[0\]\.expr/],
    [text([{ op: 'elementwise', expr: 'y' }]), /unknown variable y.*layers\[0\]/],
    [text([{ op: 'elementwise', expr: '3' }]), /constant 3/],
    [text([{ op: 'elementwise', expr: 'x.constructor("return this")(1)' }]), /layers\[0\]/],
    [text([]), /layers/],
    [text('dense'), /layers is "dense".*a list/],
    [text([42]), /layers\[0\].*an object/],
    [text([[]]), /layers\[0\]/],
    [text([{ op: 'dense' }], { ntkc: 2 }), /ntkc is 2/],
    [text([{ op: 'dense' }], { input: { shape: [0] } }), /input\.shape\[0\]/],
    [text([{ op: 'dense' }], { input: { shape: [] } }), /input\.shape/],
    [text([{ op: 'dense' }], { input: { shape: 3 } }), /input\.shape.*a list/],
    [text([{ op: 'dense' }], { input: {} }), /shape is missing/],
    [text([{ op: 'dense' }], { nmae: 'x' }), /unknown field "nmae"/],
    ['{"ntkc":1,"input":', /not valid JSON.*complete/],
    ['[]', /the network.*an object/],
    ['null', /the network/],
    ['', /not valid JSON/],
  ])('%s', (json, pattern) => {
    const message = complaint(json);
    expect(message).toMatch(pattern);
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(600);
  });

  it('refuses repeats beyond any use, before unrolling them', () => {
    const repeat = (times: number, layers: unknown[]) => ({ op: 'repeat', times, layers });
    const thousand = repeat(1000, [repeat(1000, [repeat(1000, [{ op: 'dense' }])])]);
    expect(complaint(text([thousand]))).toMatch(/repeats written out the network has \d+ layers.*Repeat fewer times/);
  });

  it('refuses networks nested beyond any use, without overflowing the stack', () => {
    let layers = '{"op":"relu"}';
    for (let i = 0; i < 500; i++) layers = `{"op":"sum","branches":[[${layers}]]}`;
    expect(complaint(`{"input":{"shape":[1]},"layers":[${layers}]}`)).toMatch(/nested too deeply/);
  });
});

describe('a network', () => {
  it('is frozen, with defaults filled in, and its text leaves defaults out', () => {
    const net = network({ input: { shape: [3] }, layers: [{ op: 'dense', wStd: 2 }, { op: 'relu' }] });
    expect(net.layers[0]).toEqual({ op: 'dense', wStd: 2, bStd: 0, parameterization: 'ntk', ntkWeight: 1 });
    expect(Object.isFrozen(net.layers[0])).toBe(true);
    expect(networkToJson(net)).toContain('{ "op": "dense", "wStd": 2 }');
  });
});
