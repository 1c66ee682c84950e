/** Expressions recognised by their values. */
import { type Expr, evaluate, symbols } from '../../ir/scalar/index.ts';

export interface AffineParts {
  readonly constant: number;
  readonly terms: readonly { readonly name: string; readonly coefficient: number }[];
}

/** Σ_i c_i k_i + c_0 as it is written, all c positive and c_0 not below 0, no value of one end among the k. */
export function affineParts(e: Expr): AffineParts | undefined {
  if (e.kind === 'sym') return { constant: 0, terms: [{ name: e.name, coefficient: 1 }] };
  if (e.kind !== 'add' || e.constant < 0) return undefined;
  const terms = e.terms.map(({ coefficient, term }) =>
    term.kind === 'sym' ? { name: term.name, coefficient } : undefined,
  );
  const isPlain = (t: (typeof terms)[number]): t is AffineParts['terms'][number] =>
    t !== undefined && t.coefficient > 0 && !/_[xy]$/.test(t.name);
  return terms.every(isPlain) ? { constant: e.constant, terms: terms.filter(isPlain) } : undefined;
}

export interface ReluParts {
  /** A and B of A(s − kϑ) + Bk. */
  readonly bend: number;
  readonly linear: number;
}

/** A(s − kϑ) + Bk, told by its values: s, ϑ and k count as independent. */
export function reluParts(
  e: Expr,
  names: { readonly s: string; readonly angle: string; readonly k: string },
): ReluParts | undefined {
  const at = (s: number, angle: number, k: number) => evaluate(e, { [names.s]: s, [names.angle]: angle, [names.k]: k });
  const { s: height, angle: turn, k: covariance } = names;
  if (symbols(e).some((name) => !['pi', height, turn, covariance].includes(name))) return undefined;
  const [bend, linear] = [at(1, 0, 0), at(0, 0, 1)];
  const agrees = ([s, angle, k]: readonly [number, number, number]) => {
    const want = bend * (s - k * angle) + linear * k;
    return Math.abs(at(s, angle, k) - want) <= 1e-13 * (Math.abs(bend) * (s + k * angle) + Math.abs(linear) * k);
  };
  const probes = [
    [0.7, 1.3, 0.4],
    [2.1, 0.2, 3.7],
    [0.01, 3.1, 11],
  ] as const;
  return bend > 0 && linear > 0 && probes.every(agrees) ? { bend, linear } : undefined;
}
