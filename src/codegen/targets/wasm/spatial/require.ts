import { NtkcError } from '../../../../errors.ts';
import type { Program } from '../../../../ir/program/index.ts';
import { planSpatial, type SpatialPlan } from '../../../plan/spatial/index.ts';

/** @throws NtkcError where a statement has no passes */
export function requirePlan(program: Program): SpatialPlan {
  const plan = planSpatial(program);
  if (plan !== undefined) return plan;
  throw new NtkcError({
    what: 'the target wasm has no passes for this network: its arrays take more than 3 GB, or strides between its layers disagree',
    next: 'Use --target reference.',
  });
}
