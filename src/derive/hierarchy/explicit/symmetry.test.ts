import { describe, expect, it } from 'vitest';
import { canonical, type Term } from '../../../ir/einsum/index.ts';
import { deep } from './explicit.fixture.ts';
import { explicitHierarchy } from './index.ts';

/** The terms with samples renamed, like `terms` compares them: coefficient, powers and canonical contractions. */
function renamedTerms(terms: readonly Term[], names: readonly number[]): readonly string[] {
  return terms
    .map(({ coefficient, powers, contractions }) => {
      const keys = contractions.map(({ factors }) => {
        const moved = factors.map((f) => (f.sample < 0 ? f : { ...f, sample: names[f.sample]! }));
        return canonical(moved).key;
      });
      return `${coefficient}|${powers}|${keys.sort().join(' + ')}`;
    })
    .sort();
}

describe('symmetries, term by term', () => {
  it('K_r does not change with its first two arguments swapped, but with others', () => {
    for (const order of [2, 3, 4]) {
      const { terms } = explicitHierarchy(deep(3), order);
      const same = renamedTerms(terms, [0, 1, 2, 3]);
      expect(renamedTerms(terms, [1, 0, 2, 3])).toEqual(same);
      if (order > 2) expect(renamedTerms(terms, [0, 2, 1, 3])).not.toEqual(same);
    }
  });

  it('T(α;βγ) = T(α;γβ): K3(α,β,γ) − K3(α,γ,β) = T(β;αγ) − T(γ;αβ) sums to 0 over a cycle', () => {
    // K3(α,β,γ) = T(α;βγ) + T(β;αγ), so K3(αβγ) + K3(βγα) + K3(γαβ) holds every T twice: fully symmetric.
    const { terms } = explicitHierarchy(deep(2), 3);
    const cycle = [0, 1, 2].flatMap((k) => renamedTerms(terms, [k, (k + 1) % 3, (k + 2) % 3]));
    const swapped = [0, 1, 2].flatMap((k) => renamedTerms(terms, [(k + 1) % 3, k, (k + 2) % 3]));
    expect(swapped.sort()).toEqual(cycle.sort());
  });
});
