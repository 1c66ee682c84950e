/** Statements over several positions as steps, one axis at a time. */
import {
  type Grid,
  type LinearAxis,
  positionsOf,
  type ShiftAxis,
  type SpatialStatement,
} from '../../../../ir/program/index.ts';
import type { Axis } from './arithmetic.ts';
import {
  type ArrayOf,
  arrayOf,
  type FromArray,
  givenOf,
  type OnlyDiagonal,
  type ShiftStep,
  type Step,
  sizeOf,
  type WeighStep,
} from './steps.ts';

/** The steps of a statement that no loop over cells can hold. `from`: the positions of what it reads. */
export function spatialSteps(
  s: Exclude<SpatialStatement, OnlyDiagonal>,
  from: Grid | undefined,
  fresh: () => string,
): readonly Step[] {
  if (s.kind === 'pattern' || s.kind === 'present')
    return [{ kind: 'given', name: s.name, from: givenOf[s.kind], size: sizeOf(s.grid as Grid) }];
  const source = from as Grid;
  const positions = positionsOf(source.extents);
  if (s.kind === 'reduce') {
    const step = s.over === 'diagonal' && source.span === 'all' ? positions + 1 : 1;
    return [{ kind: 'total', name: s.name, of: s.of, scale: s.scale, step }];
  }
  const out = arrayOf(s.name, s.grid as Grid);
  switch (s.kind) {
    case 'shiftSum':
      return shiftSteps(s.of, s.axes, s.scale, source, out, fresh);
    case 'average':
      return oneSided(s.of, s.axes, source, out, fresh);
    case 'linear':
      return twoSided(s.of, s.axes, source, out, fresh);
    case 'contract': {
      const half = arrayOf(fresh(), source);
      const last = out.letters === '[p]' ? 'rowProducts' : 'fromRight';
      return [
        { kind: 'fromLeft', of: s.of, matrix: s.matrix, positions, out: half },
        { kind: last, of: half.name, matrix: s.matrix, positions, out },
      ];
    }
    case 'softmax':
      return [{ kind: 'softmax', of: s.of, positions, out }];
  }
}

/** Whether a table moves nothing, so that its axis takes no step. */
const isStill = (axis: ShiftAxis, length: number): boolean =>
  axis.length === 1 && axis[0]?.length === length && axis[0].every((p, P) => p === P);
const isIdentity = (axis: LinearAxis, length: number): boolean =>
  axis.length === length &&
  axis.every(({ from, weights }, P) => from === P && weights.length === 1 && weights[0] === 1);

/** Axes one after the other: what each reads and gives, the last into `out`. */
function chain(
  of: string,
  extents: readonly number[],
  axes: readonly { readonly axis: number; readonly to: number }[],
  out: ArrayOf,
  copies: (extents: readonly number[]) => number,
  fresh: () => string,
): readonly (FromArray & { readonly axis: Axis; readonly index: number })[] {
  let here = [...extents];
  let read = of;
  return axes.map(({ axis: index, to }, k) => {
    const shape = axisOf(here, index);
    here = here.with(index, to);
    const last = k === axes.length - 1;
    const name = last ? out.name : fresh();
    const array = last ? out : { name, size: copies(here), letters: out.letters };
    const step = { of: read, out: array, axis: shape, index };
    read = name;
    return step;
  });
}

const axisOf = (extents: readonly number[], axis: number): Axis => [
  positionsOf(extents.slice(0, axis)),
  extents[axis] as number,
  positionsOf(extents.slice(axis + 1)),
];

function shiftSteps(
  of: string,
  axes: readonly ShiftAxis[],
  scale: number,
  { extents, span }: Grid,
  out: ArrayOf,
  fresh: () => string,
): readonly Step[] {
  const moving = axes.flatMap((axis, a) =>
    isStill(axis, extents[a] as number) ? [] : [{ axis: a, to: axis[0]?.length ?? 0 }],
  );
  // At least one step, which scales.
  const taken = moving.length > 0 ? moving : [{ axis: 0, to: extents[0] as number }];
  const both = span === 'all';
  return chain(of, extents, taken, out, (e) => positionsOf(e) ** (both ? 2 : 1), fresh).map(
    ({ index, ...step }, k): ShiftStep => ({
      ...step,
      kind: 'shift',
      both,
      reads: axes[index] as ShiftAxis,
      scale: k === taken.length - 1 ? scale : 1,
    }),
  );
}

/** Σ_p A[P p] of[p]: axis by axis. */
function oneSided(
  of: string,
  axes: readonly LinearAxis[],
  { extents }: Grid,
  out: ArrayOf,
  fresh: () => string,
): readonly Step[] {
  const taken = axesTaken(axes, extents);
  return chain(of, extents, taken, out, positionsOf, fresh).map(
    ({ index, ...step }): WeighStep => ({ ...step, kind: 'weigh', rows: axes[index] as LinearAxis }),
  );
}

/** Σ_{p p'} A[P p] A[P' p'] of[p p']: the axes of p, then those of p'; at P = P' alone their diagonal. */
function twoSided(
  of: string,
  axes: readonly LinearAxis[],
  { extents }: Grid,
  out: ArrayOf,
  fresh: () => string,
): readonly Step[] {
  const onDiagonal = out.letters === '[p]';
  const rank = extents.length;
  const sides = [...axesTaken(axes, extents), ...axesTaken(axes, extents).map((t) => ({ ...t, axis: t.axis + rank }))];
  const outputs = positionsOf(axes.map((a) => a.length));
  const full: ArrayOf = onDiagonal ? { name: fresh(), size: outputs ** 2, letters: "[p p']" } : out;
  const steps = chain(of, [...extents, ...extents], sides, full, positionsOf, fresh).map(
    ({ index, ...step }): WeighStep => ({ ...step, kind: 'weigh', rows: axes[index % rank] as LinearAxis }),
  );
  return onDiagonal ? [...steps, { kind: 'diagonal', of: full.name, out, positions: outputs }] : steps;
}

/** Axes that change something; at least one, as a statement gives an array of its own. */
function axesTaken(axes: readonly LinearAxis[], extents: readonly number[]) {
  const all = axes.map((axis, a) => ({ axis: a, to: axis.length }));
  const taken = all.filter(({ axis }) => !isIdentity(axes[axis] as LinearAxis, extents[axis] as number));
  return taken.length > 0 ? taken : all.slice(0, 1);
}
