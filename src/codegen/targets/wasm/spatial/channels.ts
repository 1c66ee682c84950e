import type { Instruction } from '../assembler/index.ts';
import type { Locals } from '../locals.ts';
import { addProduct, cleared, move, repeated, set } from './loops.ts';

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
export function channelLoop({
  locals,
  relaxed,
  channels,
  x,
  y,
  offset,
  step,
  isSplat,
  into,
}: ChannelLoop): readonly Instruction[] {
  const [xAt, yAt] = [locals.named('xChannel', 'i32'), locals.named('yChannel', 'i32')];
  const element = locals.take();
  const xOf = (vector: number): readonly Instruction[] =>
    isSplat
      ? [['local.get', element]]
      : [
          ['local.get', xAt],
          ['v128.load', offset + 16 * vector],
        ];
  const channel: readonly Instruction[] = [
    ...(isSplat
      ? ([
          ['local.get', xAt],
          ['v128.load64_splat', offset],
          ['local.set', element],
        ] as const)
      : []),
    ...into.flatMap((sum, vector): readonly Instruction[] => [
      ...xOf(vector),
      ['local.get', yAt],
      ['v128.load', offset + 16 * vector],
      ...addProduct(sum, relaxed),
    ]),
    ...move(xAt, ['i32.const', step]),
    ...move(yAt, ['i32.const', step]),
  ];
  locals.free(element);
  return [
    ...cleared(into),
    ...set(xAt, ['local.get', x]),
    ...set(yAt, ['local.get', y]),
    ...repeated(locals.named('channels', 'i32'), ['i32.const', channels], channel),
  ];
}
