import { z } from 'zod';
import { jsonPath, NtkcError } from '../../errors.ts';
import type { Input, Layer, Network, Shape } from './network.ts';
import { inferShapes } from './shapes.ts';
import { suggestionFor } from './suggest.ts';
import type { ArchOp, Vocabulary } from './vocabulary.ts';

const layerList = z.array(z.unknown(), 'a list of layers, such as [{"op":"dense"}]');

const header = z.strictObject({
  ntkc: z.literal(1).default(1),
  name: z.string().min(1).max(200).default('network'),
  input: z.strictObject({
    shape: z.array(z.int().positive(), 'a list, such as [7] or [32, 32, 3]').min(1),
    masked: z.literal(true).optional(),
  }),
  layers: layerList.min(1),
});

const maxDepth = 32;
const maxLayers = 100_000;
const maxWritten = 25_000;

/**
 * Checks a network given as data (parsed JSON or a literal), fills in defaults and verifies that shapes fit.
 * @throws NtkcError naming the path, e.g. layers[3].wStd
 */
export function parseNetwork(input: unknown, vocabulary: Vocabulary): Network {
  const top = check(header, input, '');
  const count = { layers: 0 };
  const layers = top.layers.map((l, i) => parseLayer(l, `layers[${i}]`, vocabulary, 0, count));
  const network: Network = deepFreeze({ ntkc: 1, name: top.name, input: inputOf(top.input), layers });
  requireFewLayers(network.layers, vocabulary);
  inferShapes(network, vocabulary);
  return network;
}

/** @throws NtkcError where there are no positions to mask */
function inputOf({ shape, masked }: { readonly shape: Shape; readonly masked?: true | undefined }): Input {
  if (masked !== true) return { shape };
  if (shape.length === 1)
    throw new NtkcError({
      what: 'a mask of vectors, which have no positions',
      where: 'input.masked',
      expected: 'an input with spatial axes, [length, channels] or more',
    });
  return { shape, masked };
}

/** Reads a network from JSON text. @throws NtkcError also for text that is not JSON */
export function parseNetworkText(text: string, vocabulary: Vocabulary): Network {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new NtkcError({
      what: `not valid JSON: ${(error as Error).message}`,
      expected: 'a network such as {"ntkc":1,"input":{"shape":[7]},"layers":[{"op":"dense"}]}',
      next: 'Check that the file is complete.',
    });
  }
  return parseNetwork(data, vocabulary);
}

/** Repeats are written out when a kernel is derived, so what counts is the number of layers then. */
function requireFewLayers(layers: readonly Layer[], vocabulary: Vocabulary): void {
  const count = (list: readonly Layer[]): number => list.reduce((sum, layer) => sum + written(layer), 0);
  const written = (layer: Layer): number => {
    const copies = vocabulary.get(layer.op)?.copies?.(layer) ?? 1;
    return 1 + copies * ((layer.branches?.reduce((sum, b) => sum + count(b), 0) ?? 0) + count(layer.layers ?? []));
  };
  const total = count(layers);
  if (total > maxWritten)
    throw new NtkcError({
      what: `with its repeats written out the network has ${total} layers`,
      where: 'layers',
      expected: `at most ${maxWritten}`,
      next: 'Repeat fewer times.',
    });
}

function parseLayer(
  input: unknown,
  path: string,
  vocabulary: Vocabulary,
  depth: number,
  count: { layers: number },
): Layer {
  if (++count.layers > maxLayers)
    throw new NtkcError({ what: 'too many layers', where: path, expected: `at most ${maxLayers}` });
  if (depth > maxDepth)
    throw new NtkcError({
      what: 'layers are nested too deeply',
      where: `${path.slice(0, 60)}...`,
      expected: `at most ${maxDepth} levels`,
    });
  const { op: name } = check(z.looseObject({ op: z.string() }), input, path);
  const op = vocabulary.get(name);
  if (op === undefined) throw unknownOp(name, path, vocabulary);
  const fields = check(schemaOf(op), input, path) as Record<string, unknown>;
  const nested = (list: readonly unknown[], at: string) =>
    list.map((l, i) => parseLayer(l, `${at}[${i}]`, vocabulary, depth + 1, count));
  if (op.nests === 'layers') fields.layers = nested(fields.layers as unknown[], `${path}.layers`);
  if (op.nests === 'branches')
    fields.branches = (fields.branches as unknown[][]).map((b, i) => nested(b, `${path}.branches[${i}]`));
  return fields as unknown as Layer;
}

const schemas = new WeakMap<ArchOp, z.ZodType>();
function schemaOf(op: ArchOp): z.ZodType {
  const known = schemas.get(op);
  if (known !== undefined) return known;
  const nests =
    op.nests === 'branches'
      ? {
          branches: z
            .array(layerList, 'a list of branches, each a list of layers, such as [[], [{"op":"dense"}]]')
            .min(1),
        }
      : op.nests === 'layers'
        ? { layers: layerList.min(1) }
        : {};
  const schema = z.strictObject({ op: z.literal(op.name), ...op.fields, ...nests });
  schemas.set(op, schema);
  return schema;
}

function unknownOp(name: string, path: string, vocabulary: Vocabulary): NtkcError {
  const next = suggestionFor(name, vocabulary);
  return new NtkcError({
    what: `unknown op ${JSON.stringify(name.slice(0, 60))}`,
    where: `${path}.op`,
    expected: `one of ${[...vocabulary.keys()].sort().join(', ')}`,
    ...(next !== undefined && { next }),
  });
}

/** Applies a schema; its first complaint becomes an NtkcError with a path. */
function check<T>(schema: z.ZodType<T>, input: unknown, path: string): T {
  // JSON may carry an own key "__proto__", which object schemas pass over in silence.
  if (typeof input === 'object' && input !== null && Object.hasOwn(input, '__proto__'))
    throw new NtkcError({
      what: 'unknown field "__proto__"',
      where: path || 'the network',
      expected: 'a field listed by ntkc',
      next: 'Remove it.',
    });
  const result = schema.safeParse(input, { jitless: true }); // writing code for a schema that is used once costs more
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const where = jsonPath(path, issue.path) || 'the network';
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    throw new NtkcError({
      what: `unknown field ${issue.keys.map((k) => JSON.stringify(k)).join(', ')}`,
      where,
      expected: `only ${known.join(', ')}`,
      next: 'Remove it, or correct its name.',
    });
  }
  throw new NtkcError({ what: complaintOf(issue, input), where, expected: expectationOf(issue) });
}

function complaintOf(issue: z.core.$ZodIssue, input: unknown): string {
  const value = issue.path.reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key], input);
  const field = issue.path.filter((k) => typeof k === 'string').at(-1);
  if (value === undefined) return `${field === undefined ? 'value' : String(field)} is missing`;
  const shown = show(value);
  return `${field === undefined ? 'value' : String(field)} is ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}`;
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'function') return 'a function, not called';
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, a cycle, or lists nested too deeply for the stack.
    return typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : String(value);
  }
}

function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      // A schema that says what it wants says it better.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return (
        {
          number: 'a finite number',
          int: 'a whole number',
          array: 'a list',
          object: 'an object {...}',
          string: 'a text',
        }[issue.expected as string] ?? String(issue.expected)
      );
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `at least ${issue.minimum} ${issue.origin === 'array' ? (issue.minimum === 1 ? 'entry' : 'entries') : 'character'}`
        : `a number ${issue.inclusive ? '>=' : '>'} ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.map((v) => JSON.stringify(v)).join(' or ');
    default:
      return issue.message;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
