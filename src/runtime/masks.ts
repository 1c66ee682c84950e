/** Samples of which strides leave nothing, where a network averages over what is left. */
import { jsonPath, NtkcError } from '../errors.ts';
import { evaluateProgram, type Program, positionsOf, prune, reads, type Statement } from '../ir/program/index.ts';
import { num, sym } from '../ir/scalar/index.ts';

/**
 * @param present [n p], as Inputs has it: at least one position of each sample
 * @throws NtkcError naming the sample, and the layer that skips all its positions
 */
export function requirePositionsLeft(present: Float64Array, program: Program, name: string): void {
  const found = firstEmptied(present, program);
  if (found !== undefined) throw noneLeft(found.mask, jsonPath(name, [found.sample]));
}

/** The first sample of which nothing is left where the network averages over positions; `present` as above. */
export function firstEmptied(
  present: Float64Array,
  program: Program,
): { readonly sample: number; readonly mask: AveragedMask } | undefined {
  const averaged = averagedMasks(program);
  if (averaged.length === 0) return undefined;
  const counts = countsOf(program, averaged);
  const positions = positionsOf(program.extents);
  const known = new Set<string>();
  for (let i = 0; i * positions < present.length; i++) {
    const there = [...present.subarray(i * positions, (i + 1) * positions)];
    const key = there.join('');
    if (known.has(key)) continue;
    known.add(key);
    const left = evaluateProgram(counts, { x: [], present: there });
    const mask = averaged.find(({ value }) => left.get(value) === 0);
    if (mask !== undefined) return { sample: i, mask };
  }
  return undefined;
}

/** What a layer leaves of a sample's positions, where an average depends on it. */
interface AveragedMask {
  readonly value: string;
  readonly path: string;
  /** Of branches side by side. */
  readonly isUnion: boolean;
  /** Positions before and after the layer. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The masks that averages over positions depend on, those of earlier layers first. */
function averagedMasks({ statements, masks = [] }: Program): readonly AveragedMask[] {
  const all = new Map(statements.map((s) => [s.name, s]));
  const names = new Set(masks.map((m) => m.value));
  const before = (s: Statement): readonly Statement[] => reads(s).flatMap((name) => all.get(name) ?? []);
  const chain = (s: Statement): readonly Statement[] => [s, ...before(s).flatMap(chain)];
  // Of branches side by side no single one need leave a position.
  const isUnion = (s: Statement) => s.kind === 'map' && names.has(s.name) && reads(s).length > 1;
  const wanted = (s: Statement): readonly Statement[] => [s, ...(isUnion(s) ? [] : before(s).flatMap(wanted))];
  const isCount = (s: Statement) =>
    s.kind === 'reduce' && s.domain === 'self' && s.over === 'diagonal' && names.has(s.of);
  const needed = new Set(statements.filter(isCount).flatMap((s) => wanted(s).map(({ name }) => name)));
  return masks.flatMap(({ value, path }) => {
    const [mask, ...earlier] = chain(all.get(value) as Statement);
    const source = earlier.find((s) => names.has(s.name) || s.kind === 'present');
    const [from, to] = [source?.grid?.extents ?? [], mask?.grid?.extents ?? []];
    return needed.has(value) ? [{ value, path, isUnion: isUnion(all.get(value) as Statement), from, to }] : [];
  });
}

/** A program that counts the positions which these masks leave of a sample. */
function countsOf(program: Program, masks: readonly AveragedMask[]): Program {
  const countName = (value: string) => `${value}Left`;
  const counts = masks.map(
    ({ value }): Statement => ({
      kind: 'reduce',
      name: countName(value),
      domain: 'self',
      of: value,
      over: 'diagonal',
      scale: 1,
    }),
  );
  const outputs = masks.map(({ value }) => ({ name: value, pair: num(0), self: sym(countName(value)) }));
  return prune({ ...program, statements: [...program.statements, ...counts], outputs });
}

const noneLeft = ({ path, isUnion, from, to }: AveragedMask, where: string): NtkcError =>
  new NtkcError({
    what: `${isUnion ? `the branches of ${path} together read` : `${path} keeps ${to.join(' x ')} of ${from.join(' x ')} positions and reads`} none that the sample has, so a mean over its positions has no value`,
    where,
    expected: 'a mask that leaves a position to average over',
    next: `Leave the sample out, or take smaller strides or larger windows at ${path}.`,
  });
