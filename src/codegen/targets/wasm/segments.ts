/** Where a lane program is cut into segments that groups of chains compute in turn. */
import type { Lane, LaneProgram } from '../../../ir/loop/index.ts';

/** Lanes that are loaded where they are read. */
export const isUniform = ({ op }: Lane): boolean => op === 'constant' || op === 'bits' || op === 'row';

/** The last lane that reads each; beyond the end where it is a result. */
export function lastUses({ lanes, results }: LaneProgram): readonly number[] {
  const last = lanes.map((_, i) => i);
  lanes.forEach((lane, i) => {
    for (const a of lane.args) last[a] = i;
  });
  for (const r of results) last[r] = lanes.length;
  return last;
}

/** Lanes [from, to), and how many values made before them are read in them or after. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly live: number;
}

/**
 * Operations of a segment: with fewer, more values wait in memory for the next one; with more, the processor does not see
 * another group's while one waits.
 */
const leastOperations = 15;
const mostOperations = 27;

/** Segments that begin where the fewest values are live. */
export function segmentsOf(program: LaneProgram): readonly Segment[] {
  const { lanes } = program;
  const live = liveBefore(program);
  const operations = lanes.flatMap((lane, i) => (isUniform(lane) ? [] : [i]));
  const cuts = [0];
  for (let last = 0; last + mostOperations < operations.length; ) {
    const within = operations.slice(last + leastOperations, last + mostOperations + 1);
    const fewest = Math.min(...within.map((i) => live[i] as number));
    const cut = within.findLast((i) => live[i] === fewest) as number;
    cuts.push(cut);
    last = operations.indexOf(cut);
  }
  return cuts.map((from, s) => ({ from, to: cuts[s + 1] ?? lanes.length, live: live[from] as number }));
}

/** How many values made before each lane are read by it or after it. */
function liveBefore(program: LaneProgram): readonly number[] {
  const change = new Int32Array(program.lanes.length + 2);
  lastUses(program).forEach((last, made) => {
    if (isUniform(program.lanes[made] as Lane)) return;
    change[made + 1] = (change[made + 1] as number) + 1;
    change[last + 1] = (change[last + 1] as number) - 1;
  });
  let live = 0;
  return program.lanes.map((_, i) => {
    live += change[i] as number;
    return live;
  });
}
