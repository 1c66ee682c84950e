import { expect, it } from 'vitest';
import { derive } from '../../../../derive/index.ts';
import { conv, globalAvgPool, network } from '../../../../ops/vocabulary.ts';
import { givenLines } from './given.ts';

it('where a layer stands is text in an emitted module, whatever a program says', () => {
  const layers = [conv({ kernel: [1], strides: [2] }), globalAvgPool()];
  const { program } = derive(network({ input: { shape: [4, 1], masked: true }, layers }), 'nngp');
  const path = 'a\'], evil()];\n\u2028"\\';
  const masks = program.masks?.map((mask) => ({ ...mask, path })) ?? [];
  const module = new Function(`${givenLines({ ...program, masks }).join('\n')}\nreturn layersRead;`);
  expect(module()).toEqual([{ path, positions: [0, 2] }]);
});
