/** Layers that repeat over positions, as loops. */
import type { Program, Statement } from '../../../../ir/program/index.ts';
import { type LayerLoop, type Leaving, readBefore, withLoops } from '../../reference/index.ts';

export type SpatialPart = Statement | LayerLoop;

const known = new WeakMap<Program, readonly SpatialPart[]>();

/** The statements of a program; those that repeat in loops, where what is read after these is handed on anyway. */
export function partsOverPositions(program: Program): readonly SpatialPart[] {
  const found = known.get(program);
  if (found !== undefined) return found;
  const parts = withLoops(program);
  const isPlain = parts.every((p) => p.kind !== 'layers' || p.leaving.every((l) => isHanded(l, p)));
  const result = isPlain ? parts : program.statements;
  known.set(program, result);
  return result;
}

/** Self values of each layer are kept, tensors of pairs of positions or samples only where the next layer reads them. */
const isHanded = ({ own, layer }: Leaving, { before }: LayerLoop): boolean =>
  layer > 0 && (own.domain === 'self' || before.some((b) => b.own === own));

/** The parts of one function, of samples or of pairs. */
export function partsIn(program: Program, part: 'self' | 'pair'): readonly SpatialPart[] {
  const isOf = (s: Statement) => (s.domain === 'pair') === (part === 'pair');
  return partsOverPositions(program).flatMap((p): readonly SpatialPart[] => {
    if (p.kind !== 'layers') return isOf(p) ? [p] : [];
    const ownOf = <T extends { readonly own: Statement }>(list: readonly T[]) => list.filter(({ own }) => isOf(own));
    return [{ ...p, statements: p.statements.filter(isOf), before: ownOf(p.before), leaving: ownOf(p.leaving) }];
  });
}

/** The program outside loops. */
export const outsideLoops = (program: Program): Program => ({
  ...program,
  statements: partsOverPositions(program).filter((p) => p.kind !== 'layers'),
});

/** Each statement once: outside loops, and those of one layer, with what these read of the layer before and hand on. */
export const onceEach = (program: Program): Program => ({
  ...program,
  statements: partsOverPositions(program).flatMap((p) =>
    p.kind === 'layers'
      ? [...p.before.map(readBefore), ...p.statements, ...p.leaving.map(({ name, own }) => ({ ...own, name }))]
      : [p],
  ),
});
