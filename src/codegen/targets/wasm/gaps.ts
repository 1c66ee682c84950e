/** |x||x'| ∓ ⟨x, x'⟩ for a row and a chunk of columns: what pairs need where they are near duplicates or near opposites. */
import type { Instruction, Variable, WasmFunction } from './assembler/index.ts';
import { type Element, floatOp, type Machine } from './element.ts';
import { Locals } from './locals.ts';
import { chains, chunkBytes } from './shape.ts';

/**
 * Gaps below this part of |x||x'| are summed up again. @derived the inner product is off by a few roundings ε of |x||x'|, the
 * angle then by ε over the root of twice this: 3e-15 in float64, 6e-7 in float32.
 */
const smallGap = { float64: 2 ** -10, float32: 2 ** -5 } as const;

/** The gaps of a row begin here: [below, above][chunk]. */
export interface GapLocals {
  readonly below: readonly number[];
  readonly above: readonly number[];
}

interface RowGaps {
  readonly machine: Machine;
  readonly locals: Locals;
  /** Leaves the row's |x| in all places of a vector; leaves the columns' |x'|; leaves their inner products. */
  readonly rowNorm: readonly Instruction[];
  readonly columnNorm: (chain: number) => readonly Instruction[];
  readonly inner: (chain: number) => readonly Instruction[];
  /** Calls `closeGaps`, which leaves both gaps at `scratch`. */
  readonly close: readonly Instruction[];
  readonly scratch: number;
}

/** Sets a local for each chain to |x||x'| − ⟨x, x'⟩ and to |x||x'| + ⟨x, x'⟩. */
export function rowGaps({ machine, locals, rowNorm, columnNorm, inner, close, scratch }: RowGaps): {
  readonly code: readonly Instruction[];
  readonly held: GapLocals;
} {
  const { element } = machine;
  const [below, above] = [0, 1].map(() => Array.from({ length: chains }, locals.take)) as [number[], number[]];
  const [norm, size, product, left, limit] = Array.from({ length: 5 }, locals.take) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const get = (local: number): Instruction => ['local.get', local];
  const op = (name: Parameters<typeof floatOp>[1]): Instruction => [floatOp(element, name)];
  const isSmall = (chain: number): readonly Instruction[] => [
    get(below[chain] as number),
    get(above[chain] as number),
    op('pmin'),
    get(below[chain] as number),
    get(above[chain] as number),
    op('add'),
    get(limit),
    op('mul'),
    op('lt'),
  ];
  const code: readonly Instruction[] = [
    [';;', "|x||x'| less and plus the inner products"],
    ...rowNorm,
    ['local.set', norm],
    // below + above is 2|x||x'|.
    ...splat(smallGap[element.type] / 2, element),
    ['local.set', limit],
    ['v128.const', 0n, 0n],
    ['local.set', left],
    ...Array.from({ length: chains }, (_, chain): readonly Instruction[] => [
      get(norm),
      ...columnNorm(chain),
      op('mul'),
      ['local.tee', size],
      ...inner(chain),
      ['local.tee', product],
      op('sub'),
      ['local.set', below[chain] as number],
      get(size),
      get(product),
      op('add'),
      ['local.set', above[chain] as number],
      ...isSmall(chain),
      get(left),
      ['v128.or'],
      ['local.set', left],
    ]).flat(),
    get(left),
    ['v128.any_true'],
    ['if'],
    [';;', 'small ones once more, from the difference or the sum of the directions'],
    ...close,
    ...Array.from({ length: chains }, (_, chain): readonly Instruction[] => [
      ...isSmall(chain),
      ['local.set', product],
      ...[below, above].flatMap((gap, which): readonly Instruction[] => [
        ['i32.const', 0],
        ['v128.load', scratch + chunkBytes * which + 16 * chain],
        get(gap[chain] as number),
        get(product),
        ['v128.bitselect'],
        ...(which === 0 ? ([['local.set', size]] as const) : ([['local.set', above[chain] as number]] as const)),
      ]),
      get(size),
      ['local.set', below[chain] as number],
    ]).flat(),
    ['end'],
  ];
  for (const local of [norm, size, product, left, limit]) locals.free(local);
  return { code, held: { below, above } };
}

/** A number in all places of a vector. */
function splat(value: number, { bytes }: Element): readonly Instruction[] {
  const bits = new DataView(new ArrayBuffer(16));
  for (let at = 0; at < 16; at += bytes) {
    if (bytes === 8) bits.setFloat64(at, value, true);
    else bits.setFloat32(at, value, true);
  }
  return [['v128.const', bits.getBigUint64(0, true), bits.getBigUint64(8, true)]];
}

/**
 * closeGaps(x, norm, y, norms): for a row x[d] and a chunk of columns y[d][w], with the addresses of their norms, leaves
 * |x||x'| ∓ ⟨x, x'⟩ at `scratch`. @derived with unit vectors it is |x||x'|·|u ∓ u'|²/2, a sum of squares.
 */
export function closeGapsFunction({ element, relaxed }: Machine, depth: number, scratch: number): WasmFunction {
  const parameters = ['x', 'norm', 'y', 'norms'].map((name): Variable => ({ name, type: 'i32' }));
  const locals = new Locals(parameters);
  const [x, norm, y, norms] = [0, 1, 2, 3] as const;
  const end = locals.named('end', 'i32');
  const many = () => Array.from({ length: chains }, locals.take);
  const [perNorm, below, above] = [many(), many(), many()];
  const [perRow, u, v, w] = Array.from({ length: 4 }, locals.take) as [number, number, number, number];
  const get = (local: number): Instruction => ['local.get', local];
  const op = (name: Parameters<typeof floatOp>[1]): Instruction => [floatOp(element, name)];
  const addSquare = (sum: number): readonly Instruction[] =>
    relaxed
      ? [get(w), get(w), get(sum), op('relaxed_madd'), ['local.set', sum]]
      : [get(w), get(w), op('mul'), get(sum), op('add'), ['local.set', sum]];
  const loaded = (chain: number): readonly Instruction[] => [get(norms), ['v128.load', 16 * chain]];
  const body: readonly Instruction[] = [
    ...splat(1, element),
    get(norm),
    [element.splat, 0],
    op('div'),
    ['local.set', perRow],
    ...perNorm.flatMap((local, chain): readonly Instruction[] => [
      ...splat(1, element),
      ...loaded(chain),
      op('div'),
      ['local.set', local],
    ]),
    get(x),
    ['i32.const', element.bytes * depth],
    ['i32.add'],
    ['local.set', end],
    ['loop'],
    get(x),
    [element.splat, 0],
    get(perRow),
    op('mul'),
    ['local.set', u],
    ...perNorm.flatMap((per, chain): readonly Instruction[] => [
      get(y),
      ['v128.load', 16 * chain],
      get(per),
      op('mul'),
      ['local.set', v],
      get(u),
      get(v),
      op('sub'),
      ['local.set', w],
      ...addSquare(below[chain] as number),
      get(u),
      get(v),
      op('add'),
      ['local.set', w],
      ...addSquare(above[chain] as number),
    ]),
    get(y),
    ['i32.const', chunkBytes],
    ['i32.add'],
    ['local.set', y],
    get(x),
    ['i32.const', element.bytes],
    ['i32.add'],
    ['local.tee', x],
    get(end),
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
    ...[below, above].flatMap((gap, which) =>
      gap.flatMap((local, chain): readonly Instruction[] => [
        ['i32.const', 0],
        get(local),
        get(norm),
        [element.splat, 0],
        ...loaded(chain),
        op('mul'),
        ...splat(0.5, element),
        op('mul'),
        op('mul'),
        ['v128.store', scratch + chunkBytes * which + 16 * chain],
      ]),
    ),
  ];
  return { name: 'closeGaps', parameters, results: [], locals: locals.declared, body };
}
