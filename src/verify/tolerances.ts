/** Every bound a law uses, with its reason. Errors are relative to √(K_ii K_jj) unless the reason says otherwise. */

export interface Tolerance {
  readonly bound: number;
  readonly why: string;
}

export const tolerances = {
  symmetry: {
    bound: 1e-12,
    why: 'the same formula with its arguments exchanged: only the order of roundings differs, 1e-16 each; where a pair exceeds this, twice the change of K by such roundings of each value of the program is allowed on top: the angle of near duplicates amplifies them',
  },
  semidefinite: {
    bound: 1e-9,
    why: 'relative to the largest eigenvalue: a singular Gram matrix has eigenvalues of rounding size, and a series is truncated at 1e-10',
  },
  diagonal: {
    bound: 1e-7,
    why: 'at equal inputs qq − k² is a difference of equal numbers, rounding 1e-16, so the angle is off by its root, 1e-8, at each activation; the diagonal path is free of this',
  },
  expectation: {
    bound: 1e-10,
    why: 'quadrature resolves 1e-13, closed forms lose a factor 1/√(1 − ρ²) ≤ 100 here',
  },
  expectationNearParallel: {
    bound: 1e-7,
    why: 'for 1 − ρ² below 1e-4, down to 0: an angle near 0 or π is known to the root of a rounding, 1e-8',
  },
  expectationOfSeries: {
    bound: 10,
    why: "in units of the formula's own tolerance, where that is larger than the bounds above: it holds for each sample",
  },
  weights: {
    bound: 1e-12,
    why: 'sums of as many terms as there are layers, in another order',
  },
  standalone: {
    bound: 1e-14,
    why: 'the same source text evaluated in another module: equal to the last bit but for bundled copies of functions',
  },
  float64: {
    bound: 1e-10,
    why: 'functions within 2 ulp, and the terms of a series that matter at its largest correlation, amplified by the angle of distinct inputs',
  },
  float64NearParallel: {
    bound: 1e-6,
    why: 'equal, nearly equal and opposite inputs, and what positions read, alike in constant patches: an angle near 0 is known to the root of a rounding, 1e-8 a layer; 20 layers of relu differ by 1.5e-7',
  },
  float32: {
    bound: 3e-4,
    why: 'rounding 6e-8 a step, amplified by the angle of distinct inputs through five layers',
  },
  float32NearParallel: {
    bound: 1e-3,
    why: 'equal, nearly equal and opposite inputs: the angle is known to the root of a float32 rounding, 3e-4, where the diagonal is not analytic',
  },
  wasmFloat32: {
    bound: 1e-5,
    why: 'against float64 of the same target, equal inputs and opposite ones included: pairs at which float32 would lose more are left to float64',
  },
  hierarchyRoutes: {
    bound: 1e-10,
    why: 'relative to the largest value compared: float64 on both sides, thousands of terms of either sign; a wrong term is of order 1',
  },
  hierarchySwap: {
    bound: 1e-10,
    why: 'relative to the value: the same derivatives in another order, up to 5040 trees of either sign',
  },
} as const satisfies Record<string, Tolerance>;
