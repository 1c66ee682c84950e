/** What rounding may do to a kernel, found by perturbing the program that computes it. */
import type { Program, SingleKernel, Statement } from '../../ir/program/index.ts';
import { mul, sym } from '../../ir/scalar/index.ts';
import { gram } from '../../runtime/gram.ts';
import { load } from '../../runtime/load.ts';
import type { LawContext } from './law.ts';

/** Relative error of one pair value: some ten operations, each of at most 2^-53 and of either sign, so √10 of them. */
const statementRounding = 4 * 2 ** -53;

/**
 * A bound on the rounding error of each entry of the Gram matrix, [n n]: the sum over the pair values v of the program of
 * what becomes of K where v is off by `statementRounding`, up or down, and all else is exact.
 * @derived first-order error analysis, K(v + δv) − K(v) summed over v, with differences for derivatives. A ReLU after other
 * layers needs it: angle² ≈ 2(1 − k/√(qq')), so an error ε of k makes one of ε/angle in the angle, and ε/(2π angle) in κ̇.
 */
export async function roundingBound(context: LawContext, kernel: SingleKernel): Promise<Float64Array> {
  const { compile, x } = context;
  const { program, layerWeights } = await compile(kernel);
  const exact = await context.gramOf(kernel, { paired: true });
  const bound = new Float64Array(exact.length);
  const pairs = program.statements.filter(({ domain }) => domain === 'pair');
  for (const { name } of pairs) {
    const worst = new Float64Array(exact.length);
    for (const error of [statementRounding, -statementRounding]) {
      const off = await load(perturbed(program, name, error), { layerWeights });
      const values = await gram(off, x, x);
      values.forEach((value, e) => {
        worst[e] = Math.max(worst[e]!, Math.abs(value - exact[e]!));
      });
    }
    worst.forEach((change, e) => {
      bound[e]! += change;
    });
  }
  return bound;
}

/** The program where the pair value `name` is off by a relative `error`. */
function perturbed(program: Program, name: string, error: number): Program {
  const within = `${name}Within`;
  const statements = program.statements.flatMap((statement): readonly Statement[] => {
    if (statement.name !== name) return [statement];
    const grid = statement.grid === undefined ? {} : { grid: statement.grid };
    const off = { kind: 'map', domain: 'pair', name, ...grid, expr: mul(1 + error, sym(within)) } as const;
    return [{ ...statement, name: within }, off];
  });
  return { ...program, statements };
}
