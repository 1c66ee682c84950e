/** The tensor program of a finite network as ops build it, one node after the other. */
import { NtkcError } from '../errors.ts';
import type { Network } from '../ir/arch/index.ts';
import { type LinearAxis, positionsOf, type ShiftAxis } from '../ir/program/index.ts';
import { call, mul, num, pow } from '../ir/scalar/index.ts';
import { type DenseNode, sizeOf, type TensorNode, type TensorProgram } from '../ir/tensor/tensorProgram.ts';
import { x } from '../ops/dual.ts';
import type { DenseSpec, ForwardBuilder } from '../ops/op.ts';

/** 0 at 0 and, as tanh rounds, 1 at any count or sum of weights above 0.002: smooth, so that no kink is seen here. */
const anyRead = call('tanh', mul(1e4, x));

type Input = Network['input'];
type Placed = Pick<TensorNode, 'extents' | 'width'>;

export class FiniteGraph implements ForwardBuilder {
  readonly #nodes: TensorNode[];
  readonly #input: Input;
  /** Of masked networks, for each value with positions: 1 where it is there, else 0, one neuron. */
  readonly #present = new Map<number, number>();
  #pattern: number | undefined;
  #layers = 0;
  #ops = 0;
  defaultWidth = 0;

  constructor(input: Input) {
    const [extents, width] = [input.shape.slice(0, -1), input.shape.at(-1) as number];
    this.#input = input;
    this.#nodes = [{ kind: 'input', extents, width }];
    if (input.masked)
      this.#present.set(0, this.#put({ kind: 'given', extents, width: 1, offset: sizeOf(this.#at(0)) }));
  }

  /** Runs one op's `forward`; the layers that it makes are one parametrised op. */
  ofOp(forward: (builder: ForwardBuilder) => number, defaultWidth: number): number {
    this.defaultWidth = defaultWidth;
    const before = this.#layers;
    const value = forward(this);
    if (this.#layers > before) this.#ops += 1;
    return value;
  }

  program(): TensorProgram {
    return { nodes: this.#nodes, layers: this.#layers, ops: this.#ops };
  }

  widthOf(value: number): number {
    return this.#at(value).width;
  }

  extentsOf(value: number): readonly number[] {
    return this.#at(value).extents;
  }

  dense(input: number, spec: DenseSpec, sharedWith?: number): number {
    const shared = sharedWith === undefined ? undefined : (this.#at(sharedWith) as DenseNode);
    const layer = shared?.layer ?? this.#layers++;
    const node = { kind: 'dense', ...this.#like(input), layer, op: this.#ops, fanIn: this.widthOf(input) } as const;
    // What reads nothing of its input does not know what is there.
    return this.#put({ ...node, ...spec }, spec.weightScale === 0 ? [] : [input]);
  }

  elementwise(input: number, phi: Parameters<ForwardBuilder['elementwise']>[1]): number {
    return this.#put({ kind: 'elementwise', ...this.#like(input), phi }, [input]);
  }

  add(inputs: readonly number[]): number {
    return this.#joined('add', inputs);
  }

  multiply(inputs: readonly number[]): number {
    return this.#joined('multiply', inputs);
  }

  concat(inputs: readonly number[], axis?: number): number {
    const made = this.#put(
      {
        kind: 'concat',
        inputs,
        ...concatenated(
          inputs.map((i) => this.#at(i)),
          axis,
          () => this.#commonShape(inputs).width,
        ),
      },
      inputs,
    );
    const masks = inputs.map((i) => this.#present.get(i));
    if (axis !== undefined && masks.every((m) => m !== undefined)) this.#present.set(made, this.concat(masks, axis));
    return made;
  }

  patches(input: number, axes: readonly ShiftAxis[]): number {
    const extents = axes.map(([table]) => table?.length ?? 0);
    const read = (value: number) => {
      const width = positionsOf(axes.map((tables) => tables.length)) * this.widthOf(value);
      return this.#put({ kind: 'patches', input: value, axes, extents, width });
    };
    return this.#moved(input, axes.map(readsOf), read);
  }

  positionMap(input: number, axes: readonly LinearAxis[]): number {
    const extents = axes.map((rows) => rows.length);
    const read = (value: number) => this.#put({ kind: 'positionMap', ...this.#like(value), axes, extents });
    return this.#moved(input, axes, read);
  }

  meanOverPositions(input: number): number {
    const extents = this.extentsOf(input);
    const all = (weight: (n: number) => number) => extents.map((n) => [{ from: 0, weights: Array(n).fill(weight(n)) }]);
    const present = this.#present.get(input);
    if (present === undefined)
      return this.flatten(
        this.positionMap(
          input,
          all((n) => 1 / n),
        ),
      );
    const sum = this.flatten(
      this.positionMap(
        input,
        all(() => 1),
      ),
    );
    const count = this.flatten(
      this.positionMap(
        present,
        all(() => 1),
      ),
    );
    return this.multiply([sum, this.#repeated(this.elementwise(count, pow(x, -1)), this.widthOf(input))]);
  }

  flatten(input: number): number {
    const read = this.#masked(input);
    return this.#put({ kind: 'flatten', input: read, extents: [], width: sizeOf(this.#at(read)) });
  }

  mean(input: number): number {
    return this.#put({ kind: 'mean', ...this.#like(input) }, [input]);
  }

  matrixProduct(a: number, b: number, { scale, transposed }: { readonly scale: number; readonly transposed: boolean }) {
    const [extents, right] = [this.extentsOf(a), transposed ? b : this.#masked(b)];
    const width = transposed ? positionsOf(this.extentsOf(b)) : this.widthOf(b);
    return this.#put({ kind: 'matrixProduct', inputs: [a, right], scale, transposed, extents, width }, [
      transposed ? a : b,
    ]);
  }

  withoutAbsent(scores: number, keys: number): number {
    const present = this.#present.get(keys);
    if (present === undefined) return scores;
    const ones = this.elementwise(present, num(1));
    return this.multiply([scores, this.matrixProduct(ones, present, { scale: 1, transposed: true })]);
  }

  pattern(): number {
    const { extents } = this.#at(0);
    const positions = positionsOf(extents);
    const offset = sizeOf(this.#at(0)) + (this.#input.masked ? positions : 0);
    this.#pattern ??= this.#put({ kind: 'given', extents, width: positions, offset });
    return this.#pattern;
  }

  mask(like: number, keep: number): number {
    return this.#put({ kind: 'mask', extents: this.extentsOf(like), width: this.widthOf(like), keep });
  }

  #at(value: number): TensorNode {
    return this.#nodes[value] as TensorNode;
  }

  /** A node of the shape of its input, but for what is given. */
  #like(input: number): Placed & { readonly input: number } {
    const { extents, width } = this.#at(input);
    return { input, extents, width };
  }

  /** @param positionsOfThese whose positions it has */
  #put(node: TensorNode, positionsOfThese: readonly number[] = []): number {
    const made = this.#nodes.push(node) - 1;
    const masks = positionsOfThese.flatMap((value) => this.#present.get(value) ?? []);
    if (masks[0] !== undefined) this.#present.set(made, masks[0]);
    return made;
  }

  #joined(kind: 'add' | 'multiply', inputs: readonly number[]): number {
    if (inputs.length === 1) return inputs[0] as number;
    return this.#put({ kind, inputs, ...this.#commonShape(inputs) }, inputs);
  }

  /** @throws NtkcError where branches that are joined neuron by neuron differ in width */
  #commonShape(inputs: readonly number[]): Placed {
    const { extents, width } = this.#at(inputs[0] as number);
    const other = inputs.findIndex((value) => this.widthOf(value) !== width);
    if (other < 0) return { extents, width };
    const branch = (at: number) => ({ name: `branches[${at}]`, value: inputs[at] as number });
    const [a, b] = [branch(0), branch(other)];
    const [fixed, free] = this.#isOfInput(b.value) ? [b, a] : [a, b];
    throw new NtkcError({
      what: `in a finite network ${a.name} is ${width} neurons wide and ${b.name} ${this.widthOf(b.value)}`,
      expected: 'the same width in every branch',
      next: this.#isOfInput(fixed.value)
        ? `Insert dense() before this layer, as ${fixed.name} passes on the network's input, or set width ${this.widthOf(fixed.value)} in the last layer of ${free.name}.`
        : 'Set the same width in the last layer of each branch.',
    });
  }

  /** Whether no layer with parameters lies between the network's input and a value. */
  #isOfInput(value: number): boolean {
    const node = this.#at(value);
    if (node.kind === 'dense') return false;
    const read = 'inputs' in node ? node.inputs : 'input' in node ? [node.input] : [];
    return read.every((v) => this.#isOfInput(v));
  }

  /** A neuron as so many. */
  #repeated(value: number, width: number): number {
    return width === 1 ? value : this.concat(Array.from({ length: width }, () => value));
  }

  /** Zero at positions that are not there: what a sum over positions may read. */
  #masked(input: number): number {
    const present = this.#present.get(input);
    return present === undefined || present === input
      ? input
      : this.multiply([input, this.#repeated(present, this.widthOf(input))]);
  }

  /** Where positions stay, those that are there do; else those are that read one that is: `counted` adds them up. */
  #moved(input: number, counted: readonly LinearAxis[], read: (value: number) => number): number {
    const extents = counted.map((rows) => rows.length);
    const made = read(this.#masked(input));
    const present = this.#present.get(input);
    if (present === undefined) return made;
    const isSame = extents.join() === this.extentsOf(input).join();
    this.#present.set(made, isSame ? present : this.elementwise(this.positionMap(present, counted), anyRead));
    return made;
  }
}

/** How often each position is read, all offsets together. */
function readsOf(tables: ShiftAxis): LinearAxis {
  return (tables[0] ?? []).map((_, P) => {
    const reads = tables.map((table) => table[P] as number).filter((p) => p >= 0);
    if (reads.length === 0) return { from: 0, weights: [] };
    const from = Math.min(...reads);
    const count = (p: number) => reads.filter((read) => read === p).length;
    return { from, weights: Array.from({ length: Math.max(...reads) - from + 1 }, (_, i) => count(from + i)) };
  });
}

function concatenated(
  inputs: readonly Placed[],
  axis: number | undefined,
  commonWidth: () => number,
): Placed & { readonly blocks: number } {
  const { extents } = inputs[0] as Placed;
  if (axis === undefined)
    return { extents, width: inputs.reduce((sum, node) => sum + node.width, 0), blocks: positionsOf(extents) };
  const along = inputs.reduce((sum, node) => sum + (node.extents[axis] as number), 0);
  const blocks = positionsOf(extents.slice(0, axis));
  return { extents: extents.map((n, a) => (a === axis ? along : n)), width: commonWidth(), blocks };
}
