/** How the expectations of an activation are taken, found by its formula. */

import { NtkcError } from '../../../errors.ts';
import {
  add,
  call,
  compileScalar,
  differentiate,
  type Expr,
  mul,
  num,
  pow,
  printScalar,
  sym,
} from '../../../ir/scalar/index.ts';
import { kinksOf, sameSmoothFunction } from '../../../ops/kinks.ts';
import { slopesOf } from '../../../ops/piecewiseLinear.ts';
import { recogniseSinusoid } from '../../../ops/sinusoid.ts';
import { pieceWriter, type WriteMoment } from './contraction/moments.ts';
import type { Moments } from './moments.ts';
import { pieceMoments } from './moments.ts';
import type { Piece, Pieces } from './pieces.ts';
import { smoothMoments } from './quadrature.ts';
import { exponentialMoments, exponentialWriter, sinusoidMoments, sinusoidWriter } from './waves.ts';

/** What is known of an activation φ. */
export interface Family {
  readonly name: string;
  /** How φ enters the calculus, in a formula. */
  readonly formula: string;
  /** Whether φ has a kink, so that parallel inputs need a limit. */
  readonly kinked: boolean;
  /** E Π over factors at points with pre-activations of covariance S [n n], row by row. */
  readonly moments: (covariance: Float64Array) => Moments;
  /** The same for E φ(u + ε z), z ~ N(0, 1); where φ has a kink. */
  readonly smoothed?: (epsilon: number) => Family;
  /** φ in x, where it is not the network's: a smoothed one. */
  readonly phi?: Expr;
  /** What the calculus starts from: φ = E pieces(u + noise); absent where there is another closed form. */
  readonly pieces?: Pieces;
  /** The variance of that noise; 0 where there is none. */
  readonly noise: number;
  /** The moments as expressions of S, noise on its diagonal; absent where they are found by quadrature. */
  readonly write?: WriteMoment;
}

interface Recogniser {
  readonly name: string;
  readonly recognise: (phi: Expr) => Family | undefined;
}

const x = sym('x');
const step = (degree: number, coefficient: number) => ({ coefficient, piece: { kind: 'step', degree } as const });
const power = (degree: number, coefficient: number) => ({ coefficient, piece: { kind: 'power', degree } as const });

/** φ = E p(u + √noise z) for pieces p. */
function fromPieces(name: string, formula: string, pieces: Pieces, noise: number): Family {
  const kinked = noise === 0 && pieces.some(({ piece }) => piece.kind === 'step');
  const family = {
    name,
    formula,
    kinked,
    pieces,
    noise,
    write: pieceWriter(pieces),
    moments: (s: Float64Array) => pieceMoments(pieces, noise, s),
  };
  if (!kinked) return family;
  return {
    ...family,
    smoothed: (epsilon) => ({
      ...fromPieces(`${name}, Gaussian-smoothed`, `E over z of ${formula} at u + ${epsilon} z`, pieces, epsilon ** 2),
      phi: add(...pieces.map(({ coefficient, piece }) => mul(coefficient, smoothedPiece(piece, epsilon)))),
    }),
  };
}

/** E over z of u or relu(u) at x + ε z: x, and x Φ(x/ε) + ε density(x/ε). */
function smoothedPiece({ kind, degree }: Piece, epsilon: number): Expr {
  if (degree !== 1) throw new Error(`ntkc bug: a smoothed piece of degree ${degree}`);
  if (kind === 'power') return x;
  const standard = mul(1 / epsilon, x);
  const probability = mul(0.5, add(1, call('erf', mul(Math.SQRT1_2, standard))));
  const density = mul(1 / Math.sqrt(2 * Math.PI), call('exp', mul(-0.5, pow(standard, 2))));
  return add(mul(x, probability), mul(epsilon, density));
}

/** Beyond this degree the number of terms of four factors is no longer small. */
const maxDegree = 6;

const polynomial: Recogniser = {
  name: `polynomials of degree up to ${maxDegree}`,
  recognise: (phi) => {
    const pieces: Pieces[number][] = [];
    let derivative = phi;
    for (let k = 0; k <= maxDegree; k++) {
      const value = compileScalar(derivative, ['x'])(0);
      if (!Number.isFinite(value)) return undefined;
      if (value !== 0) pieces.push(power(k, value));
      derivative = differentiate(derivative, 'x');
      if (derivative === num(0)) return isSmooth(phi) ? fromPieces('polynomial', 'Σ c_k u^k', pieces, 0) : undefined;
    }
    return undefined;
  },
};
/** sign, max and the like have derivatives that vanish almost everywhere, and are no polynomials. */
const isSmooth = (phi: Expr): boolean =>
  phi.kind !== 'call' &&
  (phi.kind === 'add'
    ? phi.terms.every((t) => isSmooth(t.term))
    : phi.kind !== 'mul' || phi.factors.every((f) => isSmooth(f.base)));

const piecewiseLinear: Recogniser = {
  name: 'relu and its family',
  recognise: (phi) => {
    const slopes = slopesOf(phi);
    if (slopes === undefined) return undefined;
    const { a, b } = slopes;
    const pieces = [...(a === 0 ? [] : [power(1, a)]), step(1, b - a)];
    const formula = a === 0 ? (b === 1 ? 'relu(u)' : `${b}·relu(u)`) : `${a}·u + ${b - a}·relu(u)`;
    return fromPieces(a === 0 && b === 1 ? 'relu' : 'piecewise linear', formula, pieces, 0);
  },
};

const erf: Recogniser = {
  name: 'amplitude·erf(scale·x)',
  recognise: (phi) => {
    const { factor: amplitude, rest } = asMultiple(phi);
    if (rest.kind !== 'call' || rest.fn !== 'erf') return undefined;
    const { factor: scale, rest: variable } = asMultiple(rest.args[0] as Expr);
    if (variable !== x || scale === 0) return undefined;
    const signed = amplitude * Math.sign(scale);
    // erf(s u) = 2 P(z > −√2 s u) − 1 for s > 0
    const formula = `erf(s u) = E[2θ(u + z) − 1], z ~ N(0, 1/2s²), s = ${Math.abs(scale)}, times ${signed}`;
    return fromPieces('erf', formula, [step(0, 2 * signed), power(0, -signed)], 1 / (2 * scale * scale));
  },
};

const geluFormula = mul(0.5, x, add(1, call('erf', mul(2 ** -0.5, x))));
const gelu: Recogniser = {
  name: 'gelu',
  // E relu(u + z) = u Φ(u) + density(u), and E δ(u + z) = density(u)
  recognise: (phi) =>
    sameSmoothFunction(phi, geluFormula)
      ? fromPieces('gelu', 'gelu(u) = E[relu(u + z) − δ(u + z)], z ~ N(0, 1)', [step(1, 1), step(-1, -1)], 1)
      : undefined,
};

const sinusoid: Recogniser = {
  name: 'sin and cos',
  recognise: (phi) => {
    const cos = recogniseSinusoid(phi, 'cos');
    const wave = cos ?? recogniseSinusoid(phi, 'sin');
    if (wave === undefined) return undefined;
    const phase = cos === undefined ? wave.phase - Math.PI / 2 : wave.phase;
    const cosine = { ...wave, phase };
    const [moments, write] = [sinusoidMoments(cosine), sinusoidWriter(cosine)];
    return { name: 'sinusoid', formula: 'E e^{i b·u} = e^{−bᵀSb/2}', kinked: false, noise: 0, moments, write };
  },
};

const gaussian: Recogniser = {
  name: 'amplitude·exp(−b·x^2)',
  recognise: (phi) => {
    const { factor: amplitude, rest } = asMultiple(phi);
    if (rest.kind !== 'call' || rest.fn !== 'exp') return undefined;
    const { factor: b, rest: square } = asMultiple(rest.args[0] as Expr);
    if (square !== pow(x, 2) || b >= 0) return undefined;
    const formula = `${amplitude}·e^{−b u²} = ${amplitude}·√(π/b) E δ(u + z), z ~ N(0, 1/2b), b = ${-b}`;
    return fromPieces('gaussian', formula, [step(-1, amplitude * Math.sqrt(Math.PI / -b))], -1 / (2 * b));
  },
};

const exponential: Recogniser = {
  name: 'amplitude·exp(scale·x)',
  recognise: (phi) => {
    const { factor: amplitude, rest } = asMultiple(phi);
    if (rest.kind !== 'call' || rest.fn !== 'exp') return undefined;
    const { factor: scale, rest: variable } = asMultiple(rest.args[0] as Expr);
    if (variable !== x) return undefined;
    const [moments, write] = [exponentialMoments(amplitude, scale), exponentialWriter(amplitude, scale)];
    return { name: 'exp', formula: 'E e^{b·u} = e^{bᵀSb/2}', kinked: false, noise: 0, moments, write };
  },
};

const smooth: Recogniser = {
  name: 'any formula without kinks',
  recognise: (phi) =>
    kinksOf(phi).length > 0
      ? undefined
      : {
          name: 'smooth',
          formula: `${printScalar(phi)}, its expectations by quadrature`,
          kinked: false,
          noise: 0,
          moments: (s) => smoothMoments(phi, s),
        },
};

/** Closed forms first. */
const recognisers: readonly Recogniser[] = [
  polynomial,
  piecewiseLinear,
  erf,
  gelu,
  gaussian,
  sinusoid,
  exponential,
  smooth,
];

/** The first family that φ belongs to. */
function familyOf(phi: Expr): Family | undefined {
  for (const { recognise } of recognisers) {
    const family = recognise(phi);
    if (family !== undefined) return family;
  }
  return undefined;
}

/** @throws NtkcError where φ belongs to no family, and why */
export function requiredFamily(phi: Expr): Family {
  const family = familyOf(phi);
  if (family !== undefined) return family;
  throw new NtkcError({
    what: `the expected hierarchy has no rule for the activation ${printScalar(phi)}: ${reasonAgainst(phi)}`,
    expected: `one of ${recognisers.map(({ name }) => name).join(', ')}`,
    next: 'Take the hierarchy of finite networks with given parameters, or another activation.',
  });
}

function reasonAgainst(phi: Expr): string {
  const f = compileScalar(phi, ['x']);
  const kinks = kinksOf(phi);
  const jump = kinks.find((k) => Math.abs(f(k + 1e-9) - f(k - 1e-9)) > 1e-6);
  if (jump !== undefined) return `it jumps at x = ${jump}, where the square of its derivative has no expectation`;
  const away = kinks.find((k) => k !== 0);
  if (away !== undefined) return `it has a kink at x = ${away}, and kinks are known at zero only`;
  return 'it has a kink between two curves, and kinks are known between straight lines only';
}

/** e = factor · rest, for an expression that is one term. */
function asMultiple(e: Expr): { readonly factor: number; readonly rest: Expr } {
  const only = e.kind === 'add' && e.constant === 0 && e.terms.length === 1 ? e.terms[0] : undefined;
  return only === undefined ? { factor: 1, rest: e } : { factor: only.coefficient, rest: only.term };
}
