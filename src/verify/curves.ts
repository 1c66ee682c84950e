/** κ(ρ) and κ̇(ρ) at equal variances, as kernels use them and by quadrature: what the report draws. */
import type { TestedActivation } from './activations.ts';
import type { ActivationCurves } from './types.ts';

/** Correlations of the curve, cos of equal angles: close together near ±1, where ReLU's κ̇ is steep. */
const drawn = Array.from({ length: 121 }, (_, i) => -Math.cos((Math.PI * i) / 120));
const integrated = Array.from({ length: 13 }, (_, i) => -Math.cos((Math.PI * i) / 12));

export function curvesOf(activation: TestedActivation): ActivationCurves {
  const { name, formula, kappa, dotKappa, expectation, dotExpectation, variances } = activation;
  const q = Math.sqrt(variances[0] * variances[1]);
  const along = (rhos: readonly number[], f: TestedActivation['kappa']) => rhos.map((rho) => f(q, q, rho * q));
  return {
    name,
    formula,
    q,
    rho: drawn,
    kappa: along(drawn, kappa),
    dotKappa: along(drawn, dotKappa),
    quadrature: {
      rho: integrated,
      kappa: along(integrated, expectation),
      dotKappa: along(integrated, dotExpectation),
    },
  };
}
