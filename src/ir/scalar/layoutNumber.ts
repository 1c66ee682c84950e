/** Numbers as a reader writes them: rounding noise gone, small fractions and square roots recognised. */

/** A positive number as a quotient of texts-to-be; absent parts are 1. */
export interface ReadableNumber {
  readonly over?: Figure;
  readonly under?: Figure;
}
/** Digits, or (for `root`) the digits under a square root sign. */
export interface Figure {
  readonly digits: string;
  readonly root?: true;
}

const digitsShown = 12;
/** Two float64 roundings: what squaring a gain and scaling by it leave behind. */
const noise = 1e-15;

/**
 * 0.5 is 1 under 2, 1.4142135623730951 a root of 2, 0.010000000000000002 the digits 0.01. What is none of these is
 * rounded to 12 significant digits.
 */
export function readNumber(value: number): ReadableNumber {
  const rounded = Number(value.toPrecision(digitsShown));
  const isShort = near(value, rounded);
  if (isShort && Number.isInteger(rounded)) return { ...(rounded !== 1 && { over: figure(rounded) }) };
  const fraction = asFraction(value);
  if (fraction !== undefined) return fraction;
  return (isShort ? undefined : asRoot(value)) ?? { over: figure(rounded) };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= noise * Math.abs(b);
const figure = (value: number): Figure => ({ digits: String(value) });

/** p/q in lowest terms: q = 2, 4, 8 below 1 (1.5 reads better than 3/2), and thirds, sixths, ... always. */
function asFraction(value: number): ReadableNumber | undefined {
  for (const q of denominators) {
    const p = Math.round(value * q);
    const dyadic = q <= 8 && (q & (q - 1)) === 0;
    if (p < 1 || p > (dyadic ? q - 1 : 99) || !near(value * q, p) || !coprime(p, q)) continue;
    return { ...(p !== 1 && { over: figure(p) }), under: figure(q) };
  }
  return undefined;
}
const coprime = (p: number, q: number): boolean => ![2, 3, 7, 11].some((d) => p % d === 0 && q % d === 0);
const denominators = [2, 4, 8, 3, 6, 7, 9, 11, 12];

/** √n or 1/√n. */
function asRoot(value: number): ReadableNumber | undefined {
  const square = value * value;
  for (const [n, side] of [
    [square, 'over'],
    [1 / square, 'under'],
  ] as const) {
    const whole = Math.round(n);
    if (whole >= 2 && whole < 100 && near(n, whole)) return { [side]: { digits: `${whole}`, root: true } };
  }
  return undefined;
}
