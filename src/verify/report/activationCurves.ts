import type { TopLevelSpec } from 'vega-lite';
import type { ActivationCurves } from '../types.ts';
import { colours } from './render.ts';

/** κ(ρ) and κ̇(ρ) at one variance: the derived curve, and quadrature of the expectation on it. */
export function activationCurves(curves: ActivationCurves): TopLevelSpec {
  const panel = (which: 'kappa' | 'dotKappa', title: string, unit: string) => ({
    title,
    width: 330,
    height: 210,
    encoding: {
      x: {
        field: 'rho',
        type: 'quantitative',
        title: 'correlation ρ of the two inputs',
        scale: { domain: [-1, 1], nice: false },
        axis: { values: [-1, -0.5, 0, 0.5, 1] },
      },
      y: { field: 'value', type: 'quantitative', title: unit, scale: { zero: false } },
    },
    layer: [
      {
        data: { values: pairs(curves.rho, curves[which]) },
        mark: { type: 'line', color: colours.limit, strokeWidth: 2 },
      },
      {
        data: { values: pairs(curves.quadrature.rho, curves.quadrature[which]) },
        mark: { type: 'point', color: colours.measured, size: 45, strokeWidth: 2 },
      },
    ],
  });
  return {
    description: `Dual activation of ${curves.name} and its derivative against the correlation, with quadrature points.`,
    spacing: 40,
    hconcat: [panel('kappa', 'κ(ρ) = E φ(u)φ(v)', 'κ'), panel('dotKappa', "κ̇(ρ) = E φ'(u)φ'(v)", 'κ̇')],
  } as unknown as TopLevelSpec;
}

const pairs = (rho: readonly number[], values: readonly number[]) => rho.map((r, k) => ({ rho: r, value: values[k]! }));
