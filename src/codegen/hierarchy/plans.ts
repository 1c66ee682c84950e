/** The plans that a module is made from, one for each form of the kernel. */
import { type ContractionPlan, planContraction, quantity } from '../../ir/einsum/plan/index.ts';
import {
  type HierarchyForm,
  type HierarchyNetworks,
  type HierarchyProgram,
  hierarchyNetworks,
} from '../../ir/hierarchy/index.ts';

export interface FormPlan extends HierarchyNetworks {
  readonly form: HierarchyForm;
  readonly plan: ContractionPlan;
}

export interface HierarchyPlans {
  readonly program: HierarchyProgram;
  /** n that the plans were made for; they hold for any n. */
  readonly samples: number;
  readonly one: FormPlan;
  readonly pairs: FormPlan;
  /** Of order 3 and more. */
  readonly contracted?: FormPlan;
}

/**
 * @param limitBytes where intermediate results would take more, large ones are made in blocks
 */
export function planHierarchy(program: HierarchyProgram, samples: number, limitBytes?: number): HierarchyPlans {
  const limit = limitBytes === undefined ? {} : { limitBytes };
  const planned = (form: HierarchyForm): FormPlan => {
    const networks = hierarchyNetworks(program, form, samples);
    return { ...networks, form, plan: planContraction(networks.networks, { ...networks, ...limit }) };
  };
  const both = { program, samples, one: planned('one'), pairs: planned('pairs') };
  return program.order < 3 ? both : { ...both, contracted: planned('contracted') };
}

/** The cost of a contraction beside that of the loop over tuples, of all tuples, and of one. */
export function costLines({ program, samples: n, one, pairs, contracted }: HierarchyPlans): readonly string[] {
  const { order } = program;
  const loop = one.plan.flops * n ** order;
  const slabs = pairs.plan.flops * n ** (order - 2);
  const cost = (plan: ContractionPlan, times = 1) =>
    `${quantity(plan.flops * times, 'flop')}, intermediate results at most ${quantity(plan.peakBytes, 'B')}`;
  return [
    ...(contracted === undefined
      ? []
      : [
          `contracted, n = ${n}: ${cost(contracted.plan)}`,
          `  the loop over n^${order} tuples: ${quantity(loop, 'flop')}, ${timesText(loop, contracted.plan.flops)}`,
        ]),
    `all tuples, n = ${n}: ${quantity(slabs, 'flop')} for ${quantity(n ** order, 'values')}`,
    `one tuple: ${cost(one.plan)}`,
  ];
}

/** Nothing is to be done where K vanishes. */
const timesText = (loop: number, planned: number): string =>
  planned === 0 ? 'as K is 0' : `${Number((loop / planned).toPrecision(3))} times as many`;
