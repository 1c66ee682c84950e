/**
 * src/codegen/targets/wasm/math/float32/coefficients.generated.ts: the polynomials of scripts/polynomials.ts, which writes
 * it too, as short as float32 allows, rounded to it.
 */
import { join } from 'node:path';
import { root } from './generated.ts';
import { type Fit, fits, fitted, lines } from './polynomials.ts';

export const polynomialsFloat32File = join(root, 'src/codegen/targets/wasm/math/float32/coefficients.generated.ts');

/** Largest error allowed, absolute: a quarter of a rounding in what is made of the polynomial. */
const errors: Readonly<Record<string, number>> = {
  expRest: 2 ** -23,
  logRest: 2 ** -20,
  atanRest: 2 ** -23,
  asinRest: 2 ** -23,
  angleAxis: 2 ** -25,
  angleDiagonal: 2 ** -25,
  sinRest: 2 ** -25,
  cosRest: 2 ** -25,
  erfSmall: 2 ** -27,
  erfcxLarge: 2 ** -25,
};

export function polynomialsFloat32Text(): string {
  const tables = Object.entries(errors).map(([name, error]) => {
    const fit = { ...(fits.find((f) => f.name === name) as Fit), error };
    const found = fitted(fit);
    const rounded = found.coefficients.map(Math.fround);
    const short = `export const ${name}: readonly number[] = [${rounded.join(', ')}];`;
    const long = `export const ${name}: readonly number[] = [\n${lines(rounded)}\n];`;
    const table = short.length <= 120 ? short : long;
    return `/** ${fit.what}; error ${found.error.toExponential(1)}. */\n${table}\n`;
  });
  return `// Written by scripts/polynomials.ts. Do not edit. Lowest power first.\n\n${tables.join('\n')}`;
}
