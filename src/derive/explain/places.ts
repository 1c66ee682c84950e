/** Where the formulas of a step stand that writes none itself. */
import { listed } from '../../errors.ts';
import { reads, resolve } from '../../ir/program/index.ts';
import { symbols } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { statementsOf } from './statements.ts';

/** Layers whose formulas hold those of a step, and the layer that made its values. */
export interface Places {
  readonly readers: readonly string[];
  readonly makers: readonly string[];
}

/** By step: where else its formulas stand. */
export function placesOf(d: Derivation): (step: Step) => Places {
  const { inlined } = statementsOf(d);
  const pathOf = new Map(d.steps.flatMap(({ path, statements }) => statements.map((name) => [name, path] as const)));
  const readers = new Map<string, Set<string>>();
  const note = (name: string, path: string) => {
    if (inlined.has(name)) readers.set(name, (readers.get(name) ?? new Set()).add(path));
  };
  for (const s of d.written.statements) for (const name of reads(s)) note(name, pathOf.get(s.name) as string);
  for (const { pair, self } of d.written.outputs)
    for (const name of [...symbols(pair), ...symbols(self)]) note(resolve(name).name, 'the result');
  return ({ path, statements, madeAt }) => ({
    readers: [...new Set(statements.flatMap((name) => [...(readers.get(name) ?? [])]))].filter((at) => at !== path),
    makers: madeAt === undefined ? [] : [madeAt],
  });
}

/** Where formulas of a step stand that its lines lack; `places` are those of several repetitions, or of one. */
export function placesNotes(hasLines: boolean, [first, ...others]: readonly Places[]): readonly string[] {
  const places = (of: keyof Places) =>
    listed(
      (first?.[of] ?? []).map((path, i) => {
        const all = [path, ...others.flatMap((other) => other[of][i] ?? [])];
        return new Set(all).size === 1 ? path : `${all.slice(0, -1).join(', ')}, …, ${all.at(-1)}`;
      }),
    );
  if (first?.readers.length)
    return [`What ${hasLines ? 'else ' : ''}it makes stands in the formulas of ${places('readers')}.`];
  if (hasLines) return [];
  return [first?.makers.length ? `Its sums are those of ${places('makers')}.` : 'No value of this step is needed.'];
}
