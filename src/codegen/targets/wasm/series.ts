import type { Instruction } from './assembler/index.ts';
import type { Locals } from './locals.ts';
import { chunkBytes } from './shape.ts';

interface SeriesLoop {
  readonly locals: Locals;
  readonly relaxed: boolean;
  /** Which series: names the parameters xs, ys and degree. */
  readonly index: number;
  /** Locals: the first row of the group, chunkBytes · the row within it, the chunk. */
  readonly row: number;
  readonly k: number;
  readonly chunk: number;
  readonly rho: readonly number[];
  readonly into: readonly number[];
}

/** Σ_p a_p a'_p ρ^p by Horner's rule from the highest power, all chains at each power. */
export function seriesLoop({ locals, relaxed, index, row, k, chunk, rho, into }: SeriesLoop): readonly Instruction[] {
  const parameter = (name: string): Instruction => ['local.get', locals.parameter(`${name}${index}`)];
  const [xAt, yAt, end] = [locals.named('xp', 'i32'), locals.named('yp', 'i32'), locals.named('xpEnd', 'i32')];
  const [ax, product] = [locals.take(), locals.take()];
  locals.free(ax);
  locals.free(product);
  return [
    ...into.flatMap((local): readonly Instruction[] => [
      ['v128.const', 0n, 0n],
      ['local.set', local],
    ]),
    // xs + (row + k/chunkBytes)·8·degree
    parameter('xs'),
    ['local.get', row],
    ['local.get', k],
    ['i32.const', Math.log2(chunkBytes)],
    ['i32.shr_s'],
    ['i32.add'],
    parameter('degree'),
    ['i32.mul'],
    ['i32.const', 3],
    ['i32.shl'],
    ['i32.add'],
    ['local.tee', xAt],
    parameter('degree'),
    ['i32.const', 3],
    ['i32.shl'],
    ['i32.add'],
    ['local.set', end],
    parameter('ys'),
    ['local.get', chunk],
    parameter('degree'),
    ['i32.mul'],
    ['i32.const', Math.log2(chunkBytes)],
    ['i32.shl'],
    ['i32.add'],
    ['local.set', yAt],
    ['loop'],
    ['local.get', xAt],
    ['v128.load64_splat', 0],
    ['local.set', ax],
    ...into.flatMap((sum, chain): readonly Instruction[] => [
      ['local.get', ax],
      ['local.get', yAt],
      ['v128.load', 16 * chain],
      ['f64x2.mul'],
      ['local.set', product],
      ...(relaxed
        ? ([
            ['local.get', sum],
            ['local.get', rho[chain] as number],
            ['local.get', product],
            ['f64x2.relaxed_madd'],
          ] as const)
        : ([
            ['local.get', sum],
            ['local.get', rho[chain] as number],
            ['f64x2.mul'],
            ['local.get', product],
            ['f64x2.add'],
          ] as const)),
      ['local.set', sum],
    ]),
    ['local.get', yAt],
    ['i32.const', chunkBytes],
    ['i32.add'],
    ['local.set', yAt],
    ['local.get', xAt],
    ['i32.const', 8],
    ['i32.add'],
    ['local.tee', xAt],
    ['local.get', end],
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
  ];
}
