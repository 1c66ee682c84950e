import { symbols } from '../scalar/index.ts';
import { type Program, resolve, type Statement } from './program.ts';

/** Names a statement reads. */
export function reads(s: Statement): readonly string[] {
  switch (s.kind) {
    case 'inner':
    case 'pattern':
    case 'present':
      return [];
    case 'map':
      return [...symbols(s.expr).map((v) => (s.domain === 'self' ? v : resolve(v).name)), ...diagonalOf(s)];
    case 'expand':
      return [s.variance];
    case 'dual':
      return [s.expansion, s.covariance, ...diagonalOf(s)];
    case 'contract':
      return [s.of, s.matrix];
    default:
      return [s.of];
  }
}

const diagonalOf = ({ diagonal }: { readonly diagonal?: string }) => (diagonal === undefined ? [] : [diagonal]);

/** The program without statements that no output depends on. */
export function prune(program: Program): Program {
  const needed = new Set(
    program.outputs.flatMap((o) => [...symbols(o.pair).map((v) => resolve(v).name), ...symbols(o.self)]),
  );
  const kept: Statement[] = [];
  for (const s of [...program.statements].reverse()) {
    if (!needed.has(s.name)) continue;
    kept.push(s);
    for (const r of reads(s)) needed.add(r);
  }
  const masks = program.masks?.filter((m) => needed.has(m.value)) ?? [];
  const { masks: _, ...rest } = program;
  return { ...rest, statements: kept.reverse(), ...(masks.length > 0 && { masks }) };
}
