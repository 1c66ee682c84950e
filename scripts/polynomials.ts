/**
 * Writes src/codegen/targets/wasm/math/coefficients.generated.ts: polynomials for the functions of the wasm target.
 *
 * Each is the interpolant at Chebyshev points (within a few tens of percent of the best polynomial), computed to 60 digits
 * and rounded to float64; its degree is the smallest that reaches the error stated with it.
 *
 *     npm run polynomials               # -- --check: exit 1 where the file would change
 */
import { join } from 'node:path';
import { root, writeGenerated } from './generated.ts';
import * as h from './highPrecision.ts';

export const polynomialsFile = join(root, 'src/codegen/targets/wasm/math/coefficients.generated.ts');
const { one } = h;

export interface Fit {
  readonly name: string;
  /** What the polynomial approximates, for the reader. */
  readonly what: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly f: (x: bigint) => bigint;
  /** Largest error allowed on the interval, absolute. */
  readonly error: number;
}

const sq = (x: bigint) => h.times(x, x);
/** (g(√z)/√z − 1)/z for an odd g with g'(0) = 1. */
const oddRest = (g: (x: bigint) => bigint) => (z: bigint) => {
  const x = h.sqrt(z);
  return h.over(h.over(g(x), x) - one, z);
};
const half = one / 2n;
const centre = h.fixed(2.5);
/** Near the middle of the cosines: powers of what is left stay small. */
const axisCentre = h.fixed(0.85);
const diagonalCentre = h.fixed(1.2);
/** θ/sin θ by its cosine c. */
const perSine = (c: bigint) => {
  const sine = h.sqrt(one - sq(c));
  return h.over(h.asin(sine), sine);
};
export const fits: readonly Fit[] = [
  {
    name: 'expRest',
    what: '(e^r − 1 − r)/r² for |r| ≤ ln 2/2',
    from: -h.ln2 / 2n,
    to: h.ln2 / 2n,
    f: (r) => (sq(r) === 0n ? one / 2n : h.over(h.expm1(r) - r, sq(r))),
    error: 2 ** -52,
  },
  {
    name: 'logRest',
    what: '(ln((1 + s)/(1 − s)) − 2s)/s³ in z = s², |s| ≤ 3 − 2√2',
    from: 0n,
    to: sq(3n * one - 2n * h.sqrt(2n * one)),
    f: (z) => {
      const s = h.sqrt(z);
      return h.over(2n * (h.atanh(s) - s), h.times(s, z));
    },
    error: 2 ** -49,
  },
  {
    name: 'atanRest',
    what: '(atan t/t − 1)/t² in z = t², |t| ≤ tan π/8',
    from: 0n,
    to: sq(h.sqrt(2n * one) - one),
    f: oddRest(h.atan),
    error: 2 ** -52,
  },
  {
    name: 'asinRest',
    what: '(asin x/x − 1)/x² in z = x², |x| ≤ 1/2',
    from: 0n,
    to: one / 4n,
    f: oddRest(h.asin),
    error: 2 ** -53,
  },
  {
    name: 'angleAxis',
    what: 'θ/sin θ in v = cos θ − 0.85, 0 ≤ θ ≤ π/4',
    from: h.sqrt(half) - axisCentre,
    to: one - axisCentre,
    f: (v) => perSine(v + axisCentre),
    error: 2 ** -52.5,
  },
  {
    name: 'angleDiagonal',
    what: 'θ/(√2 sin θ) in v = √2 cos θ − 1.2, |θ| ≤ π/4',
    from: one - diagonalCentre,
    to: h.sqrt(2n * one) - diagonalCentre,
    f: (v) => h.over(perSine(h.times(v + diagonalCentre, h.sqrt(half))), h.sqrt(2n * one)),
    error: 2 ** -52.5,
  },
  {
    name: 'sinRest',
    what: '(sin r/r − 1)/r² in z = r², |r| ≤ π/4',
    from: 0n,
    to: sq(h.halfPi() / 2n),
    f: oddRest(h.sin),
    error: 2 ** -54,
  },
  {
    name: 'cosRest',
    what: '(cos r − 1 + r²/2)/r⁴ in z = r², |r| ≤ π/4',
    from: 0n,
    to: sq(h.halfPi() / 2n),
    f: (z) => h.over(h.cos(h.sqrt(z)) - one + z / 2n, sq(z)),
    error: 2 ** -56,
  },
  {
    name: 'erfSmall',
    what: 'erf x/x in z = x², |x| ≤ 1',
    from: 0n,
    to: one,
    f: (z) => h.over(h.erf(h.sqrt(z)), h.sqrt(z)),
    error: 2 ** -55,
  },
  {
    name: 'erfcxLarge',
    what: 'e^{x²} erfc x in u = (x − 2.5)/(x + 2.5), 1 ≤ x ≤ 6',
    from: h.over(one - centre, one + centre),
    to: h.over(6n * one - centre, 6n * one + centre),
    f: (u) => h.erfcx(h.times(centre, h.over(one + u, one - u))),
    error: 2 ** -54,
  },
];

/** Coefficients, lowest power first, of the polynomial through f at n Chebyshev points of [from, to]. */
function interpolant({ from, to, f }: Fit, n: number): readonly bigint[] {
  const [middle, half] = [(from + to) / 2n, (to - from) / 2n];
  const angle = (k: number) => (h.halfPi() * BigInt(2 * k + 1)) / BigInt(n);
  const values = Array.from({ length: n }, (_, k) => f(middle + h.times(half, h.cos(angle(k)))));
  // f = Σ c_j T_j(t), and T_j in powers of t by T_{j+1} = 2t T_j − T_{j−1}.
  let [before, here]: [readonly bigint[], readonly bigint[]] = [[], [one]];
  const inT: bigint[] = new Array<bigint>(n).fill(0n);
  for (let j = 0; j < n; j++) {
    const c = values.reduce((sum, v, k) => sum + h.times(v, h.cos(BigInt(j) * angle(k))), 0n);
    const scaled = ((j === 0 ? 1n : 2n) * c) / BigInt(n);
    here.forEach((a, p) => {
      inT[p] = (inT[p] as bigint) + h.times(a, scaled);
    });
    const next = [0n, ...here.map((a) => (j === 0 ? a : 2n * a))].map((a, p) => a - (before[p] ?? 0n));
    [before, here] = [here, next];
  }
  return inVariable(inT, middle, half);
}

/** Σ a_p t^p with t = (x − middle)/half, in powers of x. */
function inVariable(a: readonly bigint[], middle: bigint, half: bigint): readonly bigint[] {
  let result: bigint[] = [];
  for (const c of [...a].reverse()) {
    const shifted = [0n, ...result].map((v, p) => v - h.times(result[p] ?? 0n, middle));
    result = shifted.map((v) => h.over(v, half));
    result[0] = (result[0] ?? 0n) + c;
  }
  return result;
}

const at = (coefficients: readonly bigint[], x: bigint) =>
  coefficients.reduceRight((sum, c) => h.times(sum, x) + c, 0n);

function worstError(fit: Fit, coefficients: readonly bigint[]): number {
  const points = 200;
  let worst = 0;
  for (let i = 1; i < points; i++) {
    const x = fit.from + ((fit.to - fit.from) * BigInt(2 * i + 1)) / BigInt(2 * points + 2);
    worst = Math.max(worst, Math.abs(h.toNumber(at(coefficients, x) - fit.f(x))));
  }
  return worst;
}

/** The shortest polynomial within the error, and its error, both before rounding. */
export function fitted(fit: Fit): { readonly coefficients: readonly number[]; readonly error: number } {
  for (let n = 2; n <= 40; n++) {
    const coefficients = interpolant(fit, n);
    const error = worstError(fit, coefficients);
    if (error <= fit.error) return { coefficients: coefficients.map(h.toNumber), error };
  }
  throw new Error(`${fit.name}: no polynomial of degree below 40 reaches ${fit.error}`);
}

/** As the formatter lays a list of numbers out: as many to a line as 120 characters hold. */
export function lines(values: readonly number[]): string {
  const out: string[] = [];
  for (const v of values) {
    const last = out.at(-1);
    if (last !== undefined && `${last} ${v},`.length <= 120) out[out.length - 1] = `${last} ${v},`;
    else out.push(`  ${v},`);
  }
  return out.join('\n');
}

export function polynomialsText(): string {
  const tables = fits.map((fit) => {
    const { coefficients, error } = fitted(fit);
    return `/** ${fit.what}; error ${error.toExponential(1)}. */\nexport const ${fit.name}: readonly number[] = [\n${lines(coefficients)}\n];\n`;
  });
  return `// Written by scripts/polynomials.ts. Do not edit. Lowest power first.\n\n${tables.join('\n')}`;
}

if (import.meta.main) {
  writeGenerated(polynomialsFile, polynomialsText(), 'npm run polynomials');
  // It imports this module, and so is not waited for.
  void import('./polynomialsFloat32.ts').then(({ polynomialsFloat32File, polynomialsFloat32Text }) =>
    writeGenerated(polynomialsFloat32File, polynomialsFloat32Text(), 'npm run polynomials'),
  );
}
