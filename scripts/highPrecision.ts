/**
 * Elementary functions to 60 digits: fixed-point numbers are bigints in units of 2^-bits. Slow and plain; polynomials of
 * the wasm target are fitted to them, and its functions are tested against them.
 */
const bits = 256n;
export const one = 1n << bits;

/** The fixed-point value of a float64, exact above 2^-256. */
export function fixed(v: number): bigint {
  let exponent = 0;
  let mantissa = v;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return (BigInt(mantissa) << bits) >> BigInt(exponent);
}

/** The nearest float64. */
export function toNumber(x: bigint): number {
  const magnitude = x < 0n ? -x : x;
  if (magnitude === 0n) return 0;
  const extra = Math.max(0, magnitude.toString(2).length - 64);
  // 64 leading bits, the last one set where any is lost: rounding to 53 is then right.
  const head = magnitude >> BigInt(extra);
  const sticky = head << BigInt(extra) === magnitude ? head : head | 1n;
  const value = Number(sticky) * 2 ** (extra - Number(bits));
  return x < 0n ? -value : value;
}

export const times = (a: bigint, b: bigint): bigint => (a * b) >> bits;
export const over = (a: bigint, b: bigint): bigint => (a << bits) / b;

export function sqrt(x: bigint): bigint {
  if (x === 0n) return 0n;
  const target = x << bits;
  let root = 1n << BigInt(Math.ceil(target.toString(2).length / 2));
  for (;;) {
    const next = (root + target / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Σ term_n until it vanishes; next(term, n) is term n from term n−1. */
function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let sum = first;
  let term = first;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = next(term, n);
    sum += term;
  }
  return sum;
}

const halvings = 12n;
export function exp(x: bigint): bigint {
  if (x < 0n) return over(one, exp(-x));
  const small = x >> halvings;
  let value = series(one, (term, n) => times(term, small) / n);
  for (let i = 0n; i < halvings; i++) value = times(value, value);
  return value;
}

export function expm1(x: bigint): bigint {
  const size = x < 0n ? -x : x;
  return size < one ? series(x, (term, n) => times(term, x) / (n + 1n)) : exp(x) - one;
}

/** Σ ±x^(2n+1)/(2n+1). */
function oddReciprocals(x: bigint, sign: bigint): bigint {
  const square = sign * times(x, x);
  let power = x;
  return series(x, (_, n) => {
    power = times(power, square);
    return power / (2n * n + 1n);
  });
}

export const atanh = (x: bigint): bigint => oddReciprocals(x, 1n);

export const ln2: bigint = 2n * atanh(one / 3n);

/** Of a positive number. */
export function log(x: bigint): bigint {
  const exponent = BigInt(x.toString(2).length) - bits - 1n;
  const mantissa = exponent < 0n ? x << -exponent : x >> exponent;
  return exponent * ln2 + 2n * atanh(over(mantissa - one, mantissa + one));
}

export function atan(x: bigint): bigint {
  if (x < 0n) return -atan(-x);
  if (x > one) return halfPi() - atan(over(one, x));
  let small = x;
  for (let i = 0; i < 5; i++) small = over(small, one + sqrt(one + times(small, small)));
  return 32n * oddReciprocals(small, -1n);
}

let knownHalfPi: bigint | undefined;
/** Machin: π/4 = 4 atan(1/5) − atan(1/239). */
export function halfPi(): bigint {
  knownHalfPi ??= 8n * oddReciprocals(one / 5n, -1n) - 2n * oddReciprocals(one / 239n, -1n);
  return knownHalfPi;
}

export function asin(x: bigint): bigint {
  const cosine = sqrt(one - times(x, x));
  return cosine === 0n ? (x < 0n ? -halfPi() : halfPi()) : atan(over(x, cosine));
}

/** atan2 of fixed-point coordinates. */
export function atan2(y: bigint, x: bigint): bigint {
  const [ay, ax] = [y < 0n ? -y : y, x < 0n ? -x : x];
  const acute = ay <= ax ? (ax === 0n ? 0n : atan(over(ay, ax))) : halfPi() - atan(over(ax, ay));
  const angle = x < 0n ? 2n * halfPi() - acute : acute;
  return y < 0n ? -angle : angle;
}

export function sin(x: bigint): bigint {
  const turn = 4n * halfPi();
  const small = x - turn * ((x + (x < 0n ? -turn : turn) / 2n) / turn);
  const square = -times(small, small);
  return series(small, (term, n) => times(term, square) / (2n * n * (2n * n + 1n)));
}
export const cos = (x: bigint): bigint => sin(x + halfPi());

const perRootPi = (): bigint => over(2n * one, sqrt(2n * halfPi()));
/** For |x| up to 8: the terms of its series reach e^(x²). */
export function erf(x: bigint): bigint {
  const square = -times(x, x);
  let power = x;
  const sum = series(x, (_, n) => {
    power = times(power, square) / n;
    return power / (2n * n + 1n);
  });
  return times(perRootPi(), sum);
}
export const erfcx = (x: bigint): bigint => times(exp(times(x, x)), one - erf(x));
