import { alignedTable, plural } from '../../alignedTable.ts';
import { workload } from '../../codegen/targets/reference/index.ts';
import { type Derivation, derive, finiteNetwork } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import { inferShapes, isDefault, type Network, type Shape, type ShapedLayer, shapeText } from '../../ir/arch/index.ts';
import { quantity } from '../../ir/einsum/plan/index.ts';
import { type KernelName, kernelNames, type Program, positionsOf, type Span } from '../../ir/program/index.ts';
import { vocabulary } from '../../ops/vocabulary.ts';
import { runTargets } from '../../runtime/load.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { printJson, type Terminal } from '../terminal.ts';

export interface CheckOptions {
  readonly json?: true;
}

/** Whether something can be done with a network; if not, why not. */
type Support = { readonly supported: true } | { readonly supported: false; readonly reason: string };

interface LayerReport extends ShapedLayer {
  /** Numbers l of its weights μ_l, from 1: one for each copy of a layer with parameters. */
  readonly weights: readonly number[];
}

/** Where a kernel is needed of inputs with spatial axes, and what the arrays of its pairs and samples take at least. */
interface Positions {
  readonly extents: readonly number[];
  readonly span: Span;
  readonly bytes: number;
}

interface Report {
  readonly network: Network;
  /** Of inputs with spatial axes. */
  readonly positions?: Positions;
  readonly layers: readonly LayerReport[];
  readonly parameterLayers: number;
  /** Defaults of μ_1, μ_2, ... */
  readonly layerWeights: readonly number[];
  readonly kernels: Readonly<Record<KernelName, Support>>;
  readonly finite: Support;
}

const dtypes = { reference: ['float64'], wasm: ['float64', 'float32'], tfjs: ['float32'] } as const;

export async function check(file: string, options: CheckOptions, terminal: Terminal): Promise<number> {
  const network = await loadNetwork(file);
  const report = await inFile(file, () => examine(network));
  if (options.json) printJson(terminal, asJson(report));
  else terminal.out(`${asText(report).join('\n')}\n`);
  return 0;
}

/** Ops such as maxPool: finite networks alone have them. */
const isSampledOnly = ({ layer }: ShapedLayer): boolean => {
  const op = vocabulary.get(layer.op);
  return op?.forward !== undefined && op.kernel === undefined;
};

/** @throws NtkcError, the first reason, if no kernel can be derived though all layers have one */
function examine(network: Network): Report {
  const derivations = kernelNames.map((kernel) => [kernel, attempt(() => derive(network, kernel))] as const);
  const failures = derivations.flatMap(([, result]) => (result instanceof NtkcError ? [result] : []));
  const shaped = inferShapes(network, vocabulary);
  if (failures.length === kernelNames.length && !shaped.some(isSampledOnly)) throw failures[0];
  const weighted = derivations.find(([kernel, d]) => kernel === 'wntk' && !(d instanceof NtkcError))?.[1];
  const weights = (weighted as Derivation | undefined)?.program.weights ?? [];
  const layers = shaped.map((l) => ({
    ...l,
    weights: weights.flatMap(({ path }, i) => (path === l.path ? [i + 1] : [])),
  }));
  const programs = derivations.flatMap(([, d]) => (d instanceof NtkcError ? [] : [d.program]));
  const program = programs.find((p) => p.kernel === 'ntk') ?? programs[0];
  const finite = attempt(() => finiteNetwork(network, { width: 8 }));
  return {
    network,
    ...(program && program.extents.length > 0 && { positions: positionsIn(program) }),
    layers,
    layerWeights: weights.map(({ value }) => value),
    kernels: Object.fromEntries(derivations.map(([kernel, d]) => [kernel, support(d)])) as Report['kernels'],
    parameterLayers: weights.length || (finite instanceof NtkcError ? 0 : finite.ops),
    // What is verified is a kernel.
    finite: support(failures.length === kernelNames.length ? failures[0] : finite),
  };
}

const positionsIn = (program: Program): Positions => ({
  extents: program.extents,
  span: program.statements.some((s) => s.domain === 'pair' && s.grid?.span === 'all') ? 'all' : 'diagonal',
  bytes: workload(program).arrayBytes,
});

function attempt<T>(action: () => T): T | NtkcError {
  try {
    return action();
  } catch (error) {
    if (error instanceof NtkcError) return error;
    throw error;
  }
}

const support = (result: unknown): Support =>
  result instanceof NtkcError ? { supported: false, reason: result.message } : { supported: true };

function asText({
  network,
  positions,
  layers,
  parameterLayers,
  layerWeights,
  kernels,
  finite,
}: Report): readonly string[] {
  const rows = layers.flatMap(({ path, layer, depth, input, output, weights }) => [
    [
      `${'  '.repeat(depth)}${path}`,
      layer.op,
      `${shapeText(input)} -> ${shapeText(output)}`,
      weightText(weights, layerWeights),
      fieldText(layer),
    ],
    ...emptyBranches(layer).map((i) => [`${'  '.repeat(depth + 1)}${path}.branches[${i}]`, '(identity)']),
  ]);
  const depth = layers.filter((l) => l.depth === 0).length;
  return [
    `${network.name}: ${plural(depth, 'layer')}, ${network.input.masked === true ? 'masked ' : ''}input ${shapeText(network.input.shape)}, ${plural(parameterLayers, 'parameter layer')}`,
    '',
    ...alignedTable([['layer', 'op', 'shape', 'weight', 'fields'], ...rows]),
    '',
    ...alignedTable([
      ...supportRows([...kernelNames.map((kernel) => [kernel, kernels[kernel]] as const), ['verify', finite]]),
      ...(positions ? [['positions', positionsText(positions)]] : []),
      ['targets', runTargets.map((target) => `${target} (${dtypes[target].join(', ')})`).join(', ')],
    ]),
  ];
}

function positionsText({ extents, span, bytes }: Positions): string {
  const count = positionsOf(extents);
  const memory = quantity(bytes, 'B');
  return span === 'all'
    ? `${count}, and all pairs of them: ${count} x ${count} numbers for a pair of inputs, ${memory} on reference`
    : `${count}, each with itself alone: ${count} numbers for a pair of inputs, ${memory} on reference`;
}

const emptyBranches = ({ branches = [] }: Network['layers'][number]): readonly number[] =>
  branches.flatMap((branch, i) => (branch.length === 0 ? [i] : []));

/** What is supported; a reason that several share once. */
function supportRows(rows: readonly (readonly [string, Support])[]): readonly (readonly string[])[] {
  const reasons = new Map<string, string>();
  return rows.map(([name, support]) => {
    if (support.supported) return [name, 'yes'];
    const first = reasons.get(support.reason);
    if (first !== undefined) return [name, `no, as ${first}`];
    reasons.set(support.reason, name);
    return [name, `no: ${support.reason}`];
  });
}

/** "μ2 = 1"; for a repeated layer "μ1, μ3, μ5 = 1". */
function weightText(weights: readonly number[], values: readonly number[]): string {
  const [first] = weights;
  if (first === undefined) return '';
  const shown =
    weights.length > 4 ? [`μ${first}, μ${weights[1]}, ..., μ${weights.at(-1)}`] : weights.map((w) => `μ${w}`);
  return `${shown.join(', ')} = ${values[first - 1]}`;
}

/** Fields that differ from their defaults; ntkWeight has a column of its own. */
function fieldText(layer: Network['layers'][number]): string {
  const op = vocabulary.get(layer.op);
  return Object.entries(layer)
    .filter(([name]) => !['op', 'branches', 'layers', 'ntkWeight'].includes(name))
    .filter(([name, value]) => !isDefault(op, name, value))
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** JSON has no infinity: a width without a number is "inf". */
const jsonShape = (shape: Shape) => shape.map((s) => (s === Number.POSITIVE_INFINITY ? 'inf' : s));

const asJson = ({ network, positions, layers, layerWeights, kernels, finite }: Report) => ({
  name: network.name,
  input: network.input,
  layers: layers.map(({ path, layer, input, output, weights }) => {
    const { branches: _, layers: __, ...fields } = layer;
    return { path, ...fields, input: jsonShape(input), output: jsonShape(output), weights };
  }),
  layerWeights,
  kernels,
  verify: finite,
  ...(positions && { positions }),
  targets: runTargets.map((name) => ({ name, dtypes: dtypes[name] })),
});
