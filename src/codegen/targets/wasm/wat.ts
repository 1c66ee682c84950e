/** A planned tile as readable text (.wat), the instructions whose bytes run. */
import type { Program } from '../../../ir/program/index.ts';
import { planTile, type TilePlan } from '../../plan/index.ts';
import { memoryImport, printModule } from './assembler/index.ts';
import { elements } from './element.ts';
import { loadableTile } from './index.ts';
import { rowValueNames } from './rowWriter.ts';
import { rowGroup } from './shape.ts';
import { generateSpatialWat } from './spatial/wat.ts';
import { tileModule } from './tile.ts';

/** The text of a module that runs wherever WebAssembly has SIMD. Same program and header, same bytes. */
export function generateWat(program: Program, header: readonly string[]): string {
  if (program.extents.length > 0) return generateSpatialWat(program, header);
  const plan = planTile(program);
  const head = [...header, '', ...callLines(plan)].flatMap((line) => line.split(/[\r\n]/));
  return printModule(tileModule(plan, { relaxed: false, element: elements.float64, head }).module);
}

/** How the function is called, and what it reads and writes. */
function callLines(plan: TilePlan): readonly string[] {
  const { features, outputs } = plan.program;
  const { shape } = loadableTile(plan, 'float64', false);
  const limits = new Set(plan.series.map(({ limit }) => limit));
  const records = (name: string, values: readonly string[]) =>
    values.map((value, v) => `  ${name.padEnd(4)} v = ${v}  ${value}`);
  return [
    `Imports a memory as ${memoryImport.map((name) => JSON.stringify(name)).join(' ')}; bytes from ${shape.heapOffset} on are the caller's.`,
    'tile($rows, $chunks, $shift, addresses...) fills a block of the Gram matrix; it returns NaN where an entry is NaN or infinite.',
    `  $rows    rows, a whole number of ${rowGroup}`,
    `  $chunks  columns, in chunks of ${shape.columnChunk}`,
    '  $shift   index of the first row less that of the first column where the matrix is symmetric: chunks wholly below its',
    '           diagonal are left alone; else -2^30',
    'Arrays of float64 at the addresses that the other parameters give:',
    `  $x [rows][${shape.depth}], $y [chunks][${shape.depth}][${shape.columnChunk}]  inputs of ${features} features, padded by zeros`,
    `  $xr [rows][${shape.rowWidth}], $yr [chunks][${shape.columnWidth}][${shape.columnChunk}]  values of each sample:`,
    ...records(
      '$xr',
      rowValueNames(plan).map((value) =>
        limits.has(value) ? `${value}: the largest |rho| that its series is for` : value,
      ),
    ),
    ...records(
      '$yr',
      plan.column.map(({ name }) => name),
    ),
    ...plan.series.map(
      ({ name, order }, s) =>
        `  $xs${s} [rows][$degree${s}], $ys${s} [chunks][$degree${s}][${shape.columnChunk}]  ${name}: ${order === 0 ? 'a' : 'b'}_p, the highest p first`,
    ),
    `  $out [rows][${shape.columnChunk}·chunks]  ${outputs.map(({ name }) => name).join(', ')}, each $outBytes after the one before`,
  ];
}
