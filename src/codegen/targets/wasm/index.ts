/// <reference path="./webAssembly.d.ts" />
import { type TileCost, type TilePlan, tileCost } from '../../plan/index.ts';
import { encodeModule } from './assembler/index.ts';
import { type ElementType, elements } from './element.ts';
import { expandCalls } from './lanes.ts';
import { hasRelaxed } from './relaxed.ts';
import { rowValueNames } from './rowWriter.ts';
import { columnChunk, paddedFeatures, rowGroup } from './shape.ts';
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

/** The cost of a planned tile with its functions spelled as this target does. */
export const wasmCost = (plan: TilePlan): TileCost => tileCost(plan, expandCalls(plan.lanes));
