/** Lane programs as instructions: each lane for several pairs of vectors in turn, so that one chain hides another's latency. */
import type { Lane, LaneBuilder, LaneProgram } from '../../../ir/loop/index.ts';
import type { Instruction, OpName } from './assembler/index.ts';
import { reliableRadicand } from './delicate.ts';
import { type Element, type ElementType, floatOp, integerOp } from './element.ts';
import { angle, laneFunctions, numberTypes, smallAngle } from './math/index.ts';
import { isUniform, lastUses, segmentsOf } from './segments.ts';
import { simplified } from './simplify.ts';

export interface Spelling {
  readonly type?: ElementType;
  /** Which roots of differences become NaN where rounding has spoilt the difference; none unless said. */
  readonly watched?: 'all' | 'first';
  /** Whether angles near 0 need all their digits. */
  readonly smallAngles?: boolean;
}

/** The program with every call and angle spelled in lane operations, constants drawn together. */
export function expandCalls(program: LaneProgram, spelling: Spelling = {}): LaneProgram {
  const { type = 'float64', watched } = spelling;
  let isWatching = watched !== undefined;
  return simplified(program, (b, lane) => {
    const radicand = lane.args[0] as number;
    const reliable = isWatching && lane.op === 'sqrt' ? reliableRadicand(b, radicand, type) : undefined;
    if (reliable !== undefined && watched === 'first') isWatching = false;
    return spelled(b, reliable === undefined ? lane : { ...lane, args: [reliable] }, spelling);
  });
}

function spelled(b: LaneBuilder, lane: Lane, { type = 'float64', smallAngles = false }: Spelling): number {
  const numbers = numberTypes[type];
  if (lane.op === 'angle')
    return (smallAngles ? smallAngle : angle)(b, numbers, ...(lane.args as [number, number, number]));
  if (lane.op !== 'call') return b.put(lane);
  const spell = laneFunctions[lane.name as string];
  if (spell === undefined) throw new Error(`ntkc bug: the wasm target does not spell ${lane.name}`);
  return spell(b, numbers, ...lane.args);
}

/** Vectors of one number that lanes load: a load of a vector takes its address in the instruction, a splat does not. */
export class ConstantPool {
  readonly #at = new Map<bigint, number>();
  readonly #offset: number;
  readonly #element: Element;
  constructor(offset: number, element: Element) {
    this.#offset = offset;
    this.#element = element;
  }
  offsetOf(bits: bigint): number {
    const known = this.#at.get(bits) ?? this.#at.size;
    this.#at.set(bits, known);
    return this.#offset + vectorBytes * known;
  }
  bytes(): Uint8Array {
    const all = [...this.#at.keys()].flatMap((bits) => Array<bigint>(this.#element.perVector).fill(bits));
    return new Uint8Array(
      (this.#element.bytes === 8 ? BigUint64Array.from(all) : Uint32Array.from(all, Number)).buffer,
    );
  }
}
const vectorBytes = 16;

export interface LaneTarget {
  readonly element: Element;
  /** How many vectors are computed in turn. */
  readonly chains: number;
  /** Whether relaxed SIMD is there. */
  readonly relaxed: boolean;
  readonly constants: ConstantPool;
  /** Leaves a row value in all places of a vector on the stack. */
  readonly row: (name: string) => readonly Instruction[];
  /** Leaves a vector of columns or pairs on the stack. */
  readonly load: (op: 'column' | 'pair', name: string, chain: number) => readonly Instruction[];
  /** Puts Σ_p a_p a'_p ρ^p of each chain into the local of that chain. */
  readonly series: (name: string, rho: readonly number[], into: readonly number[]) => readonly Instruction[];
  /** A v128 local that is free. */
  readonly take: () => number;
  readonly free: (local: number) => void;
}

/** results[r][chain]: the local that holds it. */
export type Results = readonly (readonly number[])[];

export interface EmittedLanes {
  readonly body: readonly Instruction[];
  readonly results: Results;
}

/** A comment that says what a lane is, where that is known. */
function comment({ op, name, value, label }: Lane, body: Instruction[]): void {
  if (label !== undefined) body.push([';;', label]);
  else if (op === 'constant') body.push([';;', String(value)]);
  else if (name !== undefined) body.push([';;', op === 'row' || op === 'column' ? `${name} of the ${op}` : name]);
}

/** Instructions for a program without calls. A local is used again once its lane is read for the last time. */
export function emitLanes(program: LaneProgram, target: LaneTarget): EmittedLanes {
  const { body, groups } = emitGroups(program, [target]);
  return { body, results: groups[0] as Results };
}

/**
 * The same for several groups of chains: a segment of the program for one group, then for the next, so that while one waits
 * for a root or a division the processor is at another.
 */
export function emitGroups(
  program: LaneProgram,
  targets: readonly LaneTarget[],
): { readonly body: readonly Instruction[]; readonly groups: readonly Results[] } {
  const body: Instruction[] = [];
  const groups = targets.map((target) => new GroupEmitter(program, target, body));
  for (const { from, to } of segmentsOf(program))
    for (const group of groups) for (let i = from; i < to; i++) group.lane(i);
  return { body, groups: groups.map((group) => group.results()) };
}

class GroupEmitter {
  readonly #program: LaneProgram;
  readonly #target: LaneTarget;
  readonly #body: Instruction[];
  /** held[lane][chain]: the local that holds it. */
  readonly #held: (readonly number[])[];
  readonly #lastUse: readonly number[];
  readonly #isResult: readonly boolean[];

  constructor(program: LaneProgram, target: LaneTarget, body: Instruction[]) {
    this.#program = program;
    this.#target = target;
    this.#body = body;
    this.#held = program.lanes.map(() => []);
    this.#lastUse = lastUses(program);
    this.#isResult = this.#lastUse.map((last) => last === program.lanes.length);
  }

  results(): Results {
    return this.#program.results.map((r) => this.#held[r] as readonly number[]);
  }

  /** Appends what computes a lane for each chain. */
  lane(i: number): void {
    const lane = this.#program.lanes[i] as Lane;
    if (isUniform(lane) && !this.#isResult[i]) return;
    const target = this.#target;
    const body = this.#body;
    const loaded = new Map<number, number>();
    const operands = lane.args.map((a) =>
      this.#isLoaded(a) ? this.#load(a, loaded) : (this.#held[a] as readonly number[]),
    );
    const into = Array.from({ length: target.chains }, target.take);
    comment(lane, body);
    if (lane.op === 'series') body.push(...target.series(lane.name as string, operands[0] as readonly number[], into));
    else
      for (let chain = 0; chain < target.chains; chain++) {
        operation(lane, operands, chain, target, body);
        body.push(['local.set', into[chain] as number]);
      }
    this.#held[i] = into;
    for (const local of loaded.values()) target.free(local);
    for (const a of new Set(lane.args))
      if (this.#lastUse[a] === i) for (const local of this.#held[a] as readonly number[]) target.free(local);
  }

  #isLoaded(a: number): boolean {
    return isUniform(this.#program.lanes[a] as Lane) && !this.#isResult[a];
  }

  /** A uniform operand in a local of its own, the same for every chain. */
  #load(a: number, loaded: Map<number, number>): readonly number[] {
    const operand = this.#program.lanes[a] as Lane;
    const known = loaded.get(a);
    const local = known ?? this.#target.take();
    if (known === undefined) {
      comment(operand, this.#body);
      this.#body.push(...uniform(operand, this.#target), ['local.set', local]);
      loaded.set(a, local);
    }
    return Array<number>(this.#target.chains).fill(local);
  }
}

const floatBits = (v: number, { bytes }: Element): bigint =>
  bytes === 8
    ? (new BigUint64Array(Float64Array.of(v).buffer)[0] as bigint)
    : BigInt(new Uint32Array(Float32Array.of(v).buffer)[0] as number);

function uniform({ op, name, value }: Lane, { row, constants, element }: LaneTarget): readonly Instruction[] {
  if (op === 'row') return row(name as string);
  const bits = op === 'bits' ? (value as bigint) : floatBits(value as number, element);
  return [
    ['i32.const', 0],
    ['v128.load', constants.offsetOf(bits)],
  ];
}

const floatOps = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div',
  neg: 'neg',
  abs: 'abs',
  sqrt: 'sqrt',
  nearest: 'nearest',
  min: 'pmin',
  max: 'pmax',
  less: 'lt',
  lessEqual: 'le',
  equal: 'eq',
} as const;
const bitOps = { and: 'v128.and', andNot: 'v128.andnot', or: 'v128.or', xor: 'v128.xor' } as const;

/** The instruction of an operation that is one. */
function direct(op: Lane['op'], element: Element): OpName | undefined {
  if (op in floatOps) return floatOp(element, floatOps[op as keyof typeof floatOps]);
  if (op in bitOps) return bitOps[op as keyof typeof bitOps];
  return op === 'integerAdd' ? integerOp(element, 'add') : undefined;
}

/** Appends what leaves a lane of one chain on the stack; operands[k][chain] are locals. */
function operation(
  lane: Lane,
  operands: readonly (readonly number[])[],
  chain: number,
  target: LaneTarget,
  body: Instruction[],
): void {
  const get = (k: number): Instruction => ['local.get', (operands[k] as readonly number[])[chain] as number];
  const { op, name = '', value } = lane;
  const { relaxed, element } = target;
  const plain = direct(op, element);
  if (plain !== undefined) {
    for (let k = 0; k < operands.length; k++) body.push(get(k));
    body.push([plain]);
    return;
  }
  switch (op) {
    case 'constant':
    case 'bits':
    case 'row':
      body.push(...uniform(lane, target));
      break;
    case 'column':
    case 'pair':
      body.push(...target.load(op, name, chain));
      break;
    case 'madd':
      if (relaxed) body.push(get(0), get(1), get(2), [floatOp(element, 'relaxed_madd')]);
      else body.push(get(0), get(1), [floatOp(element, 'mul')], get(2), [floatOp(element, 'add')]);
      break;
    case 'nmadd':
      if (relaxed) body.push(get(0), get(1), get(2), [floatOp(element, 'relaxed_nmadd')]);
      else body.push(get(2), get(0), get(1), [floatOp(element, 'mul')], [floatOp(element, 'sub')]);
      break;
    case 'select':
      body.push(get(1), get(2), get(0), [relaxed ? element.select : 'v128.bitselect']);
      break;
    case 'shiftLeft':
      body.push(get(0), ['i32.const', value as number], [integerOp(element, 'shl')]);
      break;
    case 'shiftRight':
      body.push(get(0), ['i32.const', value as number], [integerOp(element, 'shr_u')]);
      break;
    default:
      throw new Error(`ntkc bug: the wasm target has no lane ${op}`);
  }
}
