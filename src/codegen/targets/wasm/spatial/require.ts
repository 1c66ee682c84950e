import { NtkcError } from '../../../../errors.ts';
import { quantity } from '../../../../ir/einsum/plan/index.ts';
import { type Program, positionsOf } from '../../../../ir/program/index.ts';
import { NotPlanned, planOrReason, type SpatialPlan } from '../../../plan/spatial/index.ts';

/** @throws NtkcError where a statement has no passes, or the arrays of a pair do not fit */
export function requirePlan(program: Program): SpatialPlan {
  const plan = planOrReason(program);
  if (!(plan instanceof NotPlanned)) return plan;
  const { memory } = plan;
  if (memory === undefined)
    throw new NtkcError({
      what: `the target wasm has no passes for this network: ${plan.message}`,
      next: 'Use --target reference.',
    });
  const n = positionsOf(program.extents);
  const isOnPairs = program.statements.some((s) => s.domain === 'pair' && s.grid?.span === 'all');
  throw new NtkcError({
    what: `${isOnPairs ? `${n} x ${n}` : n} positions need ${quantity(memory.bytes, 'B')} of memory for a pair of inputs`,
    expected: `at most ${quantity(memory.mostBytes, 'B')} on the target wasm`,
    next: `Use smaller images${isOnPairs ? ', or flatten instead of pooling' : ''}. --target reference is limited by the machine alone.`,
  });
}
