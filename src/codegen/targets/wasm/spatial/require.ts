import { NtkcError } from '../../../../errors.ts';
import type { Program } from '../../../../ir/program/index.ts';
import { planSpatial, type SpatialPlan } from '../../../plan/spatial/index.ts';

/** @throws NtkcError where a statement has no passes */
export function requirePlan(program: Program): SpatialPlan {
  const plan = planSpatial(program);
  if (plan !== undefined) return plan;
  throw new NtkcError({
    what: 'the target wasm has no code yet for formula activations of inputs with positions',
    expected: 'activations with a closed form',
    next: 'Use --target reference.',
  });
}
