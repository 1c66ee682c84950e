/** The statements of a pair, or of a sample, as stages of passes and steps. */
import type { Expand, Program, Statement } from '../../../ir/program/index.ts';
import type { SampleValue } from '../lower.ts';
import { buffersOf } from './buffers.ts';
import { endStep, levelStep, numberValue, patch } from './ends.ts';
import { type Layout, layoutKey } from './layout.ts';
import { lopsidedValues } from './lopsided.ts';
import { lowerPass, type PassScope, type Wanted } from './pass.ts';
import { isOnPairs, type Placed, passKey, placed, readsHere, readsWhole, weightNames } from './place.ts';
import type { PreparedStatements } from './prepare.ts';
import { grouped, type SweepContext, sweepsOf, wholeSteps } from './sweep.ts';
import {
  degreeName,
  flagName,
  limitName,
  type Pass,
  type Routine,
  type Stage,
  type Step,
  type Store,
} from './types.ts';
import { mayVanish } from './vanish.ts';

export interface RoutineRequest {
  readonly program: Program;
  readonly prepared: PreparedStatements;
  /** In order; those of samples may have `recorded` ones among them. */
  readonly statements: readonly Statement[];
  /** Statements whose values go to the record of the sample, and under which name. */
  readonly recorded: ReadonlyMap<string, string>;
  /** Full values that go there too, for contractions of pairs. */
  readonly matrices: ReadonlySet<string>;
}

export interface RoutineResult {
  readonly routine: Routine;
  /** What passes between samples read of them. */
  readonly samples: readonly SampleValue[];
  /** Matrices that contractions read of their records. */
  readonly matrices: ReadonlySet<string>;
  /** Expansions of samples that are read. */
  readonly expansions: ReadonlySet<string>;
}

const keptName = (name: string): string => `${name} kept`;

export function planRoutine(request: RoutineRequest): RoutineResult {
  const writer = new RoutineWriter(request);
  return writer.result();
}

class RoutineWriter {
  readonly #request: RoutineRequest;
  readonly #places: ReadonlyMap<string, Placed>;
  readonly #readers = new Map<string, Placed[]>();
  readonly #arrays = new Map<string, Layout>();
  readonly #passes: Pass[] = [];
  readonly #passOf = new Map<string, number>();
  readonly #samples = new Map<string, SampleValue>();

  constructor(request: RoutineRequest) {
    this.#request = request;
    this.#places = placed(request.statements, request.prepared);
    for (const place of this.#places.values())
      for (const name of readsHere(place.statement))
        this.#readers.set(name, [...(this.#readers.get(name) ?? []), place]);
  }

  result(): RoutineResult {
    const { program, statements } = this.#request;
    this.#lowerPasses();
    const count = Math.max(0, ...[...this.#places.values()].map((p) => p.stage + 1));
    const stages = Array.from({ length: count }, (_, at) => this.#stage(at));
    const series = [...new Set(this.#passes.flatMap((pass) => [...pass.series.keys()]))];
    const duals = statements.flatMap((s) => (s.kind === 'dual' && s.domain !== 'self' ? [s] : []));
    const numbers = [
      ...program.weights.map((w) => w.name),
      ...[...this.#places.values()].filter((p) => p.statement.grid === undefined).map((p) => p.statement.name),
      ...series.flatMap((name) => [degreeName(name), limitName(name)]),
      ...duals.map((s) => flagName(s.name)),
    ];
    const buffers = buffersOf(stages, this.#passes, this.#arrays);
    const routine = { stages, passes: this.#passes, arrays: this.#arrays, buffers, numbers, series };
    const matrices = new Set(
      statements.flatMap((s) => (s.kind === 'contract' && s.domain === 'pair' ? [s.matrix] : [])),
    );
    const expansions = new Set(duals.map((s) => s.expansion));
    return { routine, samples: [...this.#samples.values()], matrices, expansions };
  }

  #in(stage: number): readonly Placed[] {
    return [...this.#places.values()].filter((p) => p.stage === stage);
  }

  /** Grids of which a stage visits all (p, p'). */
  #sinkGrids(stage: number): ReadonlySet<string> {
    return new Set(this.#in(stage).flatMap((p) => this.#sinksOf(p).map((s) => layoutKey(this.#region(s)))));
  }

  /** Values over (p, p') whose every entry a statement at the end of a stage, or a later stage, reads. */
  #sinksOf(p: Placed): readonly string[] {
    if (p.manner === 'pass') return isOnPairs(p.statement) && this.#isKept(p) ? [p.statement.name] : [];
    if (p.manner !== 'end' || readsWhole(p)) return [];
    return readsHere(p.statement).filter((name) => this.#places.get(name)?.statement.grid?.span === 'all');
  }

  /** Whether a later stage, or what reads whole arrays, reads a value of a pass over (p, p'). */
  #isKept({ statement, stage }: Placed): boolean {
    const readers = this.#readers.get(statement.name) ?? [];
    if (this.#request.matrices.has(statement.name)) return true;
    return readers.some((r) => r.stage > stage || readsWhole(r));
  }

  #region(name: string): Layout {
    const { prepared } = this.#request;
    const grid = this.#places.get(name)?.statement.grid;
    if (grid === undefined) throw new Error(`ntkc bug: ${name} has no positions`);
    return prepared.layout(grid.extents, grid.span);
  }

  /** The array that a reader at a stage finds a value in. */
  readonly #storedAt = (
    name: string,
    stage: number,
  ): { readonly array: string; readonly layout: Layout } | undefined => {
    const place = this.#places.get(name);
    const grid = place?.statement.grid;
    if (place === undefined || grid === undefined) return undefined;
    const { prepared } = this.#request;
    if (grid.span === 'diagonal') return { array: name, layout: prepared.layout(grid.extents, 'diagonal') };
    if (place.manner === 'pass' && place.stage === stage)
      return { array: name, layout: prepared.layout(grid.extents, 'all') };
    return {
      array: place.manner === 'pass' ? keptName(name) : name,
      layout: prepared.layout(grid.extents, 'all', true),
    };
  };

  #lowerPasses(): void {
    for (const { manner, statement: s } of this.#places.values())
      if (manner === 'level' && s.kind === 'dual') this.#arrays.set(s.name, this.#region(s.name));
    const inPasses = [...this.#places.values()].filter((p) => p.manner === 'pass');
    for (const [key, group] of grouped(inPasses, passKey)) {
      const wanted = group.flatMap((p) => this.#wantedOf(p));
      if (wanted.length === 0) continue;
      const { pass, samples } = lowerPass(
        group.map((p) => p.statement),
        wanted,
        this.#scope(group[0] as Placed),
      );
      this.#passOf.set(key, this.#passes.length);
      this.#passes.push(pass);
      for (const value of samples) this.#samples.set(value.name, value);
    }
  }

  #scope({ statement, stage }: Placed): PassScope {
    const { program, prepared } = this.#request;
    const extents = statement.grid?.extents ?? [];
    return {
      channels: program.features / program.extents.reduce((product, n) => product * n, 1),
      weights: weightNames(program),
      affine: prepared.affine,
      windows: prepared.windows,
      expansion: (name) => program.statements.find((s) => s.name === name) as Expand,
      stored: (name) => this.#storedAt(name, stage),
      mayVanish: (name) => mayVanish(program, name),
      hasPositions: (name) => prepared.gridOf(name) !== undefined,
      layout: this.#region(statement.name),
      sampleLayout: prepared.layout(extents, 'diagonal'),
    };
  }

  /** What of a value others read, and so has to be written. */
  #wantedOf(p: Placed): readonly Wanted[] {
    const { name } = p.statement;
    const readers = this.#readers.get(name) ?? [];
    const sums = readers.filter((r) => this.#isFused(r));
    const isDual = p.statement.kind === 'dual';
    const isStored =
      isDual ||
      readers.some((r) =>
        r.manner === 'pass'
          ? passKey(r) !== passKey(p)
          : r.manner === 'level' || (r.manner === 'end' && !this.#isFused(r)),
      ) ||
      this.#isFixed(name) ||
      (isOnPairs(p.statement) && this.#isKept(p));
    const recorded = this.#request.recorded.get(name);
    if (isStored) this.#arrays.set(name, this.#region(name));
    const stores: readonly Store[] = [
      ...(isStored ? [{ kind: 'array', array: name } as const] : []),
      ...(recorded === undefined ? [] : [{ kind: 'sample', name: recorded } as const]),
      ...sums.map((r) => ({ kind: 'sum', name: r.statement.name }) as const),
      ...(isDual ? [{ kind: 'sum', name: flagName(name) } as const] : []),
    ];
    return stores.map((store) => ({ name, store }));
  }

  /** Whether a full value takes this self value where p = p'. */
  #isFixed(name: string): boolean {
    return this.#request.statements.some((s) => 'diagonal' in s && s.diagonal === name);
  }

  /** Sums that a pass adds up as it goes: of all its cells, where it visits each once. */
  #isFused({ statement: s, stage }: Placed): boolean {
    if (s.kind !== 'reduce') return false;
    const of = this.#places.get(s.of);
    if (of?.manner !== 'pass' || of.statement.domain === 'full') return false;
    if (s.over === 'diagonal') return !isOnPairs(of.statement);
    return this.#sinkGrids(stage).size === 1;
  }

  #stage(at: number): Stage {
    const here = this.#in(at);
    const given = at === 0 ? this.#given() : []; // before others look for its arrays
    const reduced = here.flatMap(({ statement: s }) => (s.kind === 'reduce' ? [s] : []));
    const steps = here.flatMap((p) => this.#endSteps(p));
    const sweeps = sweepsOf(this.#sweepContext(at, steps));
    const isWhole = (s: Step) => wholeSteps.has(s.kind) && 'of' in s && this.#arrays.get(s.of)?.span === 'all';
    const flatSteps = steps.filter((s) => 'of' in s && this.#arrays.get(s.of)?.span === 'diagonal');
    return {
      numbers: here.flatMap((p) => (p.manner === 'number' ? numberValue(p.statement) : [])),
      clearedArrays: steps.flatMap((s) => ('to' in s && s.kind !== 'sum' ? [s.to] : [])),
      clearedNumbers: reduced.map((s) => s.name),
      flat: [...given, ...this.#flatPasses(at), ...flatSteps],
      sweeps,
      after: steps.filter(isWhole),
      scaled: reduced.map((s) => ({ name: s.name, by: s.scale })),
    };
  }

  /** What comes with the samples, and goes to their records again where pairs need it. */
  #given(): readonly Step[] {
    return [...this.#places.values()].flatMap(({ manner, statement: { name } }): readonly Step[] => {
      if (manner !== 'given') return [];
      this.#arrays.set(name, this.#storedAt(name, 0)?.layout as Layout);
      return [{ kind: 'given', to: name }, ...this.#recordSteps(name, name)];
    });
  }

  #recordSteps(name: string, array: string): readonly Step[] {
    return this.#request.matrices.has(name) ? [{ kind: 'record', of: array, as: name }] : [];
  }

  /** Passes over p alone, level by level, and what comes after those of a level. */
  #flatPasses(stage: number): readonly Step[] {
    const flat = this.#in(stage).filter((p) => !isOnPairs(p.statement));
    const levels = [...new Set(flat.map((p) => p.level))].sort((a, b) => a - b);
    return levels.flatMap((level) => {
      const here = flat.filter((p) => p.level === level);
      const inPasses = here.filter((p) => p.manner === 'pass');
      const steps = [...grouped(inPasses, passKey)].flatMap(([key, group]): readonly Step[] => {
        const pass = this.#passOf.get(key);
        if (pass === undefined) return [];
        return [{ kind: 'pass', pass }, ...group.flatMap((p) => this.#patches(p.statement, stage))];
      });
      return [
        ...steps,
        ...here.flatMap((p) => (p.manner === 'level' ? [levelStep(p.statement, stage, this.#storedAt)] : [])),
      ];
    });
  }

  #patches(s: Statement, stage: number): readonly Step[] {
    return s.kind === 'dual' ? [patch(s, this.#storedAt(s.covariance, stage)?.array as string)] : [];
  }

  #sweepContext(stage: number, steps: readonly Step[]): SweepContext {
    return {
      here: this.#in(stage),
      sinks: this.#in(stage).flatMap((p) => this.#sinksOf(p)),
      steps,
      arrays: this.#arrays,
      prepared: this.#request.prepared,
      passOf: this.#passOf,
      storedAt: (name) => this.#storedAt(name, stage),
      region: (name) => this.#region(name),
      patches: (s) => this.#patches(s, stage),
      lopsided: lopsidedValues(this.#request.statements),
    };
  }

  /** What a statement does at the end of its stage; a value of a pass may be kept for later ones. */
  #endSteps(p: Placed): readonly Step[] {
    const s = p.statement;
    if (p.manner === 'pass') {
      if (!isOnPairs(s) || !this.#isKept(p)) return [];
      this.#arrays.set(keptName(s.name), this.#request.prepared.layout(s.grid?.extents ?? [], 'all', true));
      const kept = keptName(s.name);
      return [{ kind: 'copy', of: s.name, to: kept }, ...this.#recordSteps(s.name, kept)];
    }
    if (p.manner !== 'end' || this.#isFused(p) || !('of' in s)) return [];
    if (s.grid !== undefined) this.#arrays.set(s.name, this.#storedAt(s.name, p.stage + 1)?.layout as Layout);
    const reader = readsWhole(p) ? p.stage + 1 : p.stage;
    const of = this.#storedAt(s.of, reader)?.array as string;
    const matrix = s.kind === 'contract' ? this.#storedAt(s.matrix, reader)?.array : undefined;
    return [endStep(s, of, matrix), ...(s.kind === 'softmax' ? this.#recordSteps(s.name, s.name) : [])];
  }
}
