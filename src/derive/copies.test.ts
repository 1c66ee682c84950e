import { describe, expect, it } from 'vitest';
import type { Output, Statement } from '../ir/program/index.ts';
import { num, parseScalar, printScalar, sym } from '../ir/scalar/index.ts';
import { dense, elementwise, network, relu } from '../ops/vocabulary.ts';
import { withoutCopies } from './copies.ts';
import { deriveSteps } from './derive.ts';

const map = (domain: 'self' | 'pair', name: string, formula: string): Statement => ({
  kind: 'map',
  name,
  domain,
  expr: parseScalar(formula),
});

describe('withoutCopies', () => {
  it('reads copies of copies and numbers at their roots, also at the ends of a pair', () => {
    const statements: readonly Statement[] = [
      { kind: 'inner', name: 'q0', domain: 'self', scale: 1 },
      { kind: 'inner', name: 'sigma0', domain: 'pair', scale: 1 },
      map('self', 'q1', 'q0'),
      map('self', 'q2', 'q1'),
      map('self', 'dotQ1', '0.5'),
      map('pair', 'sigma1', 'sigma0'),
      map('pair', 'sigma2', 'sigma1*q2_x*q2_y*dotQ1_x'),
    ];
    const outputs: readonly Output[] = [{ name: 'nngp', pair: sym('sigma1'), self: sym('dotQ1') }];
    const result = withoutCopies({ statements, outputs });
    const last = result.statements.at(-1);
    expect(last?.kind === 'map' && printScalar(last.expr)).toBe('0.5*q0_x*q0_y*sigma0');
    expect(result.outputs).toEqual([{ name: 'nngp', pair: sym('sigma0'), self: num(0.5) }]);
  });

  it('leaves no copy in the program a target runs, and keeps them where a reader wants them', () => {
    const layers = [dense(), relu(), dense(), elementwise('tanh(x)'), dense()];
    const { written, program } = deriveSteps(network({ input: { shape: [3] }, layers }), 'layerwise');
    const copies = (statements: readonly Statement[]) =>
      statements.filter((s) => s.kind === 'map' && (s.expr.kind === 'sym' || s.expr.kind === 'num')).map((s) => s.name);
    expect(copies(program.statements)).toEqual([]);
    expect(copies(written.statements)).toContain('sigma2');
  });
});
