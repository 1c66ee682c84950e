import { z } from 'zod';
import { defineActivation } from '../activation.ts';
import { closedDual } from '../dual.ts';
import { real } from '../fields.ts';
import { polynomialDual, polynomialIn } from '../wick.ts';

export const op = defineActivation({
  name: 'polynomial',
  summary: 'Σ coefficients[i]·x^i',
  fields: { coefficients: z.array(real, 'a list of numbers, such as [0, 1, 0.5]').min(1).max(21) },
  source: 'neural-tangents Polynomial; @derived by Hermite polynomials',
  activation: ({ coefficients }) => ({
    phi: polynomialIn(coefficients),
    phiTex: coefficients
      .map((c, i) => `${c}${i === 0 ? '' : i === 1 ? 'x' : `x^{${i}}`}`)
      .join(' + ')
      .replaceAll('+ -', '- '),
    dual: closedDual(polynomialDual(coefficients)),
  }),
  examples: [{ coefficients: [0.2, 1, -0.3, 0.1] }, { coefficients: [1, 2] }],
});
