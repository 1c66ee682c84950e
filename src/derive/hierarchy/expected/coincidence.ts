import { NtkcError } from '../../../errors.ts';
import { placeLetter } from './neuron.ts';

/**
 * sin² of an angle below which pre-activations count as parallel. At an angle ε the diverging terms cancel to 1e-16/ε²,
 * and the limit is off by ε: here both are about 1e-5, relative.
 */
export const parallelSquare = 1e-11;

/** The same for one pre-activation and the plane of two others: nothing diverges there, so rounding of S sets it. */
export const flatSquare = 1e-14;

/** What a kink makes of two parallel inputs, by their places in the tuple. */
const cases: Readonly<Record<string, string>> = {
  '0,2': 'it depends on the direction in which they come together, so it has no value',
  '1,2': 'it depends on the direction in which they come together, so it has no value',
  '2,3': 'it depends on the direction in which they come together, so it has no value',
  '0,3': 'it diverges like 1/sin of their angle',
  '1,3': 'it diverges like 1/sin of their angle',
};

/** The parallel pair (0, 1) has a limit: u_1 = ratio · u_0. Undefined: no pair is parallel. */
export type Coincidence = { readonly ratio: number } | undefined;

/** Covariance of the pre-activations at the places of a tuple. */
type Read = (i: number, j: number) => number;

/**
 * Which of the inputs of a tuple are parallel, for an activation with a kink.
 * @throws NtkcError naming the case without a value: a parallel pair other than (0, 1), or three inputs in one plane (the
 * sum jumps as one of them crosses the plane of the others). An input that is zero is parallel to none.
 */
export function coincidenceOf(tuple: readonly number[], s: Read): Coincidence {
  const places = tuple.map((_, at) => at);
  const parallel = pairsOf(places).filter(([i, j]) => pairSquare(s, i, j) <= parallelSquare);
  const byWeight = [...parallel].sort((a, b) => Number(diverges(b)) - Number(diverges(a)));
  for (const pair of byWeight) {
    const why = cases[`${pair[0]},${pair[1]}`];
    if (why !== undefined) throw complaint(tuple, pair, 'are parallel', why);
  }
  const distinct = parallel.length > 0 ? places.filter((at) => at !== 1) : places;
  if (tuple.length > 2)
    for (const triple of triplesOf(distinct))
      if (planeSquare(s, triple) <= flatSquare)
        throw complaint(tuple, triple, 'lie in one plane', 'it jumps there, so it has no value');
  return parallel.length > 0 ? { ratio: s(0, 1) / s(0, 0) } : undefined;
}

/** Parallel or opposite pairs i ≤ j, an input with itself included. @param s covariances [n n] */
export function parallelPairs(s: Float64Array): readonly { readonly pair: Pair; readonly sign: 1 | -1 }[] {
  const n = Math.sqrt(s.length);
  const read: Read = (i, j) => s[i * n + j] as number;
  const found: { readonly pair: Pair; readonly sign: 1 | -1 }[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++)
      if (pairSquare(read, i, j) <= parallelSquare) found.push({ pair: [i, j], sign: read(i, j) > 0 ? 1 : -1 });
  return found;
}

type Pair = readonly [number, number];
const pairsOf = (places: readonly number[]) =>
  places.flatMap((j) => places.filter((i) => i < j).map((i): Pair => [i, j]));
const triplesOf = (places: readonly number[]) =>
  pairsOf(places).flatMap(([i, j]) => places.filter((k) => k > j).map((k) => [i, j, k] as const));
const diverges = ([i, j]: Pair) => j === 3 && i < 2;

/** sin² of the angle of two pre-activations. */
const pairSquare = (s: Read, i: number, j: number) => 1 - s(i, j) ** 2 / (s(i, i) * s(j, j));

/** The least sin² of an angle between one of three pre-activations and the plane of the others. */
function planeSquare(s: Read, [i, j, k]: readonly [number, number, number]): number {
  const rho = (a: number, b: number) => s(a, b) / Math.sqrt(s(a, a) * s(b, b));
  const [ij, ik, jk] = [rho(i, j), rho(i, k), rho(j, k)];
  const determinant = 1 - ij * ij - ik * ik - jk * jk + 2 * ij * ik * jk;
  return determinant / Math.max(pairSquare(s, i, j), pairSquare(s, i, k), pairSquare(s, j, k));
}

function complaint(tuple: readonly number[], at: readonly number[], how: string, why: string): NtkcError {
  const inputs = [...new Set(at.map((place) => `x[${tuple[place]}]`))];
  const who = inputs.length < at.length ? `are both ${inputs.join('')}` : `(${inputs.join(', ')}) ${how}`;
  return new NtkcError({
    what: `width · E K${tuple.length} of an activation with a kink where ${at.map(placeLetter).join(' and ')} ${who}: ${why}`,
    where: `tuple [${tuple.join(', ')}]`,
    next: 'Leave such tuples out (coincident: "exclude", --coincident exclude: they count as 0), or smooth the activation (smoothing: ε, --smoothing ε).',
  });
}
