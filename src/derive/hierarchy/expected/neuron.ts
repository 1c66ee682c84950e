/**
 * K_r of a two-layer network is a sum over hidden neurons, K_r = s^r Σ_i k_r(a_i, w_i): for f = s Σ_i a_i φ(u_i) no
 * derivative couples two neurons. k_r follows from k_1 = a φ(u_α) by the product rule alone.
 */

/** A function of the pre-activation at one place of the tuple. */
export interface NeuronFactor {
  /** Place in the tuple: 0 is α, 1 is β, ... */
  readonly at: number;
  /** φ, or a product of two φ (or two φ') at parallel inputs. */
  readonly fn: 'phi' | 'square' | 'slopeSquare';
  /** Order of the derivative. */
  readonly order: number;
}

/** coefficient · a^power · Π G_ij · Π fn^(order)(u_at), G the Gram matrix of the gradients of pre-activations. */
export interface NeuronTerm {
  readonly coefficient: number;
  readonly power: number;
  readonly grams: readonly (readonly [number, number])[];
  readonly factors: readonly NeuronFactor[];
}

/**
 * The terms of k_r: 2, 5 and 20 for r = 2, 3, 4 (the paper groups the 20 in 18 lines).
 * @eq lantk (13), (14), (15)
 */
export function neuronKernel(order: number): readonly NeuronTerm[] {
  let terms: readonly NeuronTerm[] = [
    { coefficient: 1, power: 1, grams: [], factors: [{ at: 0, fn: 'phi', order: 0 }] },
  ];
  for (let at = 1; at < order; at++) terms = attach(terms, at);
  return terms;
}

/**
 * The terms of k_r where inputs 0 and 1 are parallel, u_1 = c·u_0 with c constant: k_2 is then a function of u_0,
 * φ(u)φ(cu) + a² G_01 φ'(u)φ'(cu), and the product rule goes on from there. For ReLU it is the limit of the terms of
 * neuronKernel, which diverge one by one.
 * @derived D_γ D_ξ of θ(u_0)θ(u_1), as a distribution, is continuous as the two half-spaces become one; integrated by parts
 * it needs γ and ξ parallel to nothing. The test compares with nearby inputs.
 */
export function parallelNeuronKernel(order: number): readonly NeuronTerm[] {
  let terms: readonly NeuronTerm[] = [
    { coefficient: 1, power: 0, grams: [], factors: [{ at: 0, fn: 'square', order: 0 }] },
    { coefficient: 1, power: 2, grams: [[0, 1]], factors: [{ at: 0, fn: 'slopeSquare', order: 0 }] },
  ];
  for (let at = 2; at < order; at++) terms = attach(terms, at);
  return terms;
}

/** k_{r+1} = ⟨∇k_r, ∇f_at⟩, ∂f/∂a = φ(u_at), ∂f/∂w = a φ'(u_at) ∂u_at/∂w, with like terms merged. */
function attach(terms: readonly NeuronTerm[], at: number): readonly NeuronTerm[] {
  return merged(
    terms.flatMap((term) => {
      const byOutput: NeuronTerm = {
        coefficient: term.coefficient * term.power,
        power: term.power - 1,
        grams: term.grams,
        factors: [...term.factors, { at, fn: 'phi', order: 0 }],
      };
      const byInput = term.factors.map(
        (factor, i): NeuronTerm => ({
          coefficient: term.coefficient,
          power: term.power + 1,
          grams: [...term.grams, [factor.at, at]],
          factors: [
            ...term.factors.map((other, j) => (i === j ? { ...other, order: other.order + 1 } : other)),
            { at, fn: 'phi', order: 1 },
          ],
        }),
      );
      return term.power > 0 ? [byOutput, ...byInput] : byInput;
    }),
  );
}

function merged(terms: readonly NeuronTerm[]): readonly NeuronTerm[] {
  const byKey = new Map<string, NeuronTerm>();
  for (const term of terms) {
    const grams = term.grams.map(([i, j]) => `${i},${j}`).sort();
    const key = `${term.power}|${grams.join(' ')}|${term.factors.map((f) => `${f.at}${f.fn}${f.order}`).join(' ')}`;
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? term : { ...known, coefficient: known.coefficient + term.coefficient });
  }
  return [...byKey.values()];
}

const letters = ['α', 'β', 'γ', 'ξ'] as const;
/** α, β, γ, ξ, then numbers. */
export const placeLetter = (at: number): string => letters[at] ?? `${at + 1}`;

/** E a^power for a ~ N(0, std²): (power − 1)!! std^power, and 0 for odd powers. */
export function gaussianMoment(power: number, std: number): number {
  if (power % 2 === 1) return 0;
  let moment = 1;
  for (let k = power - 1; k > 0; k -= 2) moment *= k * std * std;
  return moment;
}
