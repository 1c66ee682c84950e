/** Layers that repeat as loops: of samples, whose values are kept by layer, and of pairs, which free each layer's matrices. */
import { type PointStatement, type Program, reads, resolve } from '../../../ir/program/index.ts';
import { symbols } from '../../../ir/scalar/index.ts';
import { type LayerLoop, variableOf, withLoops } from '../reference/index.ts';

/** One loop over layers of vectors. */
export interface VectorLoop extends LayerLoop {
  /** The field of self values that holds those of every layer. */
  readonly field: string;
  readonly self: readonly PointStatement[];
  readonly pair: readonly PointStatement[];
}

export type Part = PointStatement | VectorLoop;

const known = new WeakMap<Program, readonly Part[]>();

/** The statements of a program of vectors; those that repeat as loops, where what is read after these is handed on anyway. */
export function partsOfVectors(program: Program): readonly Part[] {
  const parts = known.get(program) ?? makeParts(program);
  known.set(program, parts);
  return parts;
}

function makeParts(program: Program): readonly Part[] {
  const written = program.statements as readonly PointStatement[];
  if (program.kernel === 'layerwise') return written;
  const parts = withLoops(program);
  const expansions = new Set(written.filter((s) => s.kind === 'expand').map((s) => s.name));
  const isPlain = (loop: LayerLoop): boolean => {
    const own = new Set(loop.statements.map((s) => s.name));
    return (
      loop.leaving.every((l) => variableOf(l, loop) !== undefined) &&
      loop.statements.flatMap(reads).every((name) => own.has(name) || !expansions.has(name))
    );
  };
  if (!parts.every((part) => part.kind !== 'layers' || isPlain(part))) return written;
  let count = 0;
  return parts.map((part): Part => {
    if (part.kind !== 'layers') return part as PointStatement;
    const of = (domain: 'self' | 'pair') => part.statements.filter((s) => s.domain === domain) as PointStatement[];
    return { ...part, field: `layers${++count === 1 ? '' : count}`, self: of('self'), pair: of('pair') };
  });
}

/** What stands outside loops. */
export const outsideLayers = (program: Program): Program => ({
  ...program,
  statements: partsOfVectors(program).filter((part) => part.kind !== 'layers'),
});

/** Symbols of pair statements in loops that read self values from outside: q1_x. */
export function readByLayers(program: Program): readonly string[] {
  return partsOfVectors(program).flatMap((part) => {
    if (part.kind !== 'layers') return [];
    const own = new Set([...part.self.map((s) => s.name), ...part.before.map((b) => b.variable)]);
    const read = part.pair.flatMap((s) => (s.kind === 'map' ? symbols(s.expr) : []));
    return read.filter((v) => resolve(v).at !== 'here' && !own.has(resolve(v).name));
  });
}
