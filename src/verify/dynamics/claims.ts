/** What theory says about the sizes of kernels and of errors. */
import type { Claim } from './types.ts';

/**
 * K_r of a network of width m at initialisation, r >= 3: K_3 and K_4 are of order 1/m, K_5 of order 1/m², up to powers of
 * log m. The same orders bound what an approximation misses that neglects K_r.
 * @eq lantk Lemma A.3
 * @derived the power of the logarithm, which the paper does not name: a term of K_r carries at most r output weights,
 * and the largest of m of them is about √(2 log m), so r/2
 */
export const sizeClaim = (order: number): Claim => ({ rate: Math.ceil(order / 2) - 1, logPower: order / 2 });
