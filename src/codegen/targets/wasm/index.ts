/// <reference path="./webAssembly.d.ts" />
import type { Program } from '../../../ir/program/index.ts';
import { planTile, type TileCost, type TilePlan, tileCost } from '../../plan/index.ts';
import { spatialCost } from '../../plan/spatial/index.ts';
import { encodeModule } from './assembler/index.ts';
import { type ElementType, elements } from './element.ts';
import { expandCalls } from './lanes.ts';
import { hasRelaxed } from './relaxed.ts';
import { rowValueNames } from './rowWriter.ts';
import { columnChunk, paddedFeatures, rowGroup } from './shape.ts';
import { requirePlan } from './spatial/require.ts';
import { tileModule } from './tile.ts';

/** The bytes of a planned tile for this machine, and how their memory is laid out. */
export function loadableTile(plan: TilePlan, type: ElementType = 'float64', relaxed: boolean = hasRelaxed()) {
  const element = elements[type];
  const tile = tileModule(plan, { relaxed, element, head: [] });
  const shape = {
    elementBytes: element.bytes,
    depth: paddedFeatures(plan.program.features),
    rowWidth: rowValueNames(plan).length,
    columnWidth: plan.column.length,
    outputs: plan.program.outputs.length,
    heapOffset: tile.heapOffset,
    rowGroup,
    columnChunk: columnChunk(element),
  };
  return { bytes: encodeModule(tile.module), shape };
}

/**
 * What a pair costs on this target, its functions spelled as it does.
 * @throws NtkcError where a statement over positions has no passes
 */
export function wasmCost(program: Program): TileCost {
  if (program.extents.length > 0) return spatialCost(requirePlan(program), expandCalls);
  const plan = planTile(program);
  return tileCost(plan, expandCalls(plan.lanes));
}
