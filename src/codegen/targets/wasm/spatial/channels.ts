import type { Instruction } from '../assembler/index.ts';
import type { Locals } from '../locals.ts';
import { again } from './loops.ts';

interface ChannelLoop {
  readonly locals: Locals;
  readonly relaxed: boolean;
  readonly channels: number;
  /** Locals: addresses of the positions in the records, less `offset`, where the first channel begins; the next is `step` on. */
  readonly x: number;
  readonly y: number;
  readonly offset: number;
  readonly step: number;
  /** x is at one position for all lanes. */
  readonly isSplat: boolean;
  readonly into: readonly number[];
}

/** into[vector] = Σ_c x[p c]·x'[p' c], channel by channel. */
export function channelLoop(loop: ChannelLoop): readonly Instruction[] {
  const { locals, channels, x, y, offset, step, isSplat, into } = loop;
  const [xAt, yAt, left] = [
    locals.named('xChannel', 'i32'),
    locals.named('yChannel', 'i32'),
    locals.named('channels', 'i32'),
  ];
  const element = locals.take();
  const forward = (local: number): readonly Instruction[] => [
    ['local.get', local],
    ['i32.const', step],
    ['i32.add'],
    ['local.set', local],
  ];
  const xOf = (vector: number): readonly Instruction[] =>
    isSplat
      ? [['local.get', element]]
      : [
          ['local.get', xAt],
          ['v128.load', offset + 16 * vector],
        ];
  const body: readonly Instruction[] = [
    ...into.flatMap((local): readonly Instruction[] => [
      ['v128.const', 0n, 0n],
      ['local.set', local],
    ]),
    ['local.get', x],
    ['local.set', xAt],
    ['local.get', y],
    ['local.set', yAt],
    ['i32.const', channels],
    ['local.set', left],
    ['loop'],
    ...(isSplat
      ? ([
          ['local.get', xAt],
          ['v128.load64_splat', offset],
          ['local.set', element],
        ] as const)
      : []),
    ...into.flatMap((local, vector): readonly Instruction[] => [
      ...xOf(vector),
      ['local.get', yAt],
      ['v128.load', offset + 16 * vector],
      ...added(local, loop),
    ]),
    ...forward(xAt),
    ...forward(yAt),
    ...again(left),
    ['end'],
  ];
  locals.free(element);
  return body;
}

/** local += the product of the two factors on the stack. */
const added = (local: number, { relaxed }: ChannelLoop): readonly Instruction[] => [
  ...(relaxed
    ? ([['local.get', local], ['f64x2.relaxed_madd']] as const)
    : ([['f64x2.mul'], ['local.get', local], ['f64x2.add']] as const)),
  ['local.set', local],
];
