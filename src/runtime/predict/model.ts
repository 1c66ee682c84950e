import { z } from 'zod';
import { jsonPath, NtkcError } from '../../errors.ts';
import { singleKernels } from '../../ir/program/index.ts';
import { parseJson } from '../io/json.ts';
import { type Fitted, type GramFunction, predict } from './fit.ts';
import { outputsOf, type Prediction } from './targets.ts';

const name = z.string().min(1);
const list = z.array(z.number());
/** Any JSON value; the network has its own parser. */
const network = z.json();

const shared = {
  ntkcModel: z.literal(1),
  network,
  kernel: z.enum(singleKernels),
  layerWeights: z.exactOptional(list),
  /** Mean and deviation of each feature over the training rows: d numbers each. */
  standardisation: z.strictObject({ mean: list.min(1), std: z.array(z.number().positive()) }),
  /** Training inputs [n][d], not standardised. */
  trainX: z.array(list).min(1),
  /** [n][outputs]: (K + λI)⁻¹ Y. */
  alpha: z.array(list).min(1),
  featureNames: z.array(name),
  labelName: name,
  /** Columns of the training table that are no features. */
  dropped: z.exactOptional(z.array(name)),
  ridge: z.strictObject({ kind: z.enum(['absolute', 'relative']), value: z.number().min(0) }),
  /** The λ that the ridge came to. */
  lambda: z.number().min(0),
};

const modelSchema = z.discriminatedUnion('task', [
  z.strictObject({ ...shared, task: z.literal('classification'), classes: z.array(name).min(2) }),
  z.strictObject({ ...shared, task: z.literal('regression'), targetMean: z.number() }),
]);

/** A fitted predictor as plain JSON: the network, the kernel, and everything needed to predict. Exact in float64. */
export type SavedModel = z.infer<typeof modelSchema>;

/** What a model records beside the fit itself. */
export interface ModelContext {
  /** The network's JSON. */
  readonly network: unknown;
  readonly kernel: SavedModel['kernel'];
  readonly layerWeights?: readonly number[];
  readonly featureNames: readonly string[];
  readonly labelName: string;
  readonly dropped?: readonly string[];
}

/** The fit as a model to save by JSON.stringify. Throws NtkcError if a part of it does not fit the format. */
export function toModel(fitted: Fitted, context: ModelContext): SavedModel {
  const { standardisation, x, n, d, alpha, coding, ridge, lambda } = fitted;
  const model: unknown = {
    ntkcModel: 1,
    ...coding,
    ...context,
    ridge,
    lambda,
    standardisation: { mean: [...standardisation.mean], std: [...standardisation.std] },
    trainX: nested(x, n, d),
    alpha: nested(alpha, n, outputsOf(coding)),
  };
  return checkModel(model);
}

/** Reads a saved model. Throws NtkcError naming the file and the place inside it: cut off, another version, sizes that do not agree. */
export function parseModel(text: string, file: string): SavedModel {
  const value = parseJson(text, file);
  try {
    return checkModel(value);
  } catch (error) {
    throw error instanceof NtkcError ? error.inFile(file) : error;
  }
}

/** The predictor that was saved. */
function fromModel(model: SavedModel): Fitted {
  const [n, d] = [model.trainX.length, model.standardisation.mean.length];
  return {
    standardisation: {
      mean: Float64Array.from(model.standardisation.mean),
      std: Float64Array.from(model.standardisation.std),
    },
    x: Float64Array.from(model.trainX.flat()),
    n,
    d,
    alpha: Float64Array.from(model.alpha.flat()),
    coding:
      model.task === 'classification'
        ? { task: model.task, classes: model.classes }
        : { task: model.task, targetMean: model.targetMean },
    ridge: model.ridge,
    lambda: model.lambda,
  };
}

/** Predicts at x[m d], row-major, in the order of model.featureNames, not standardised; `gram` is the model's own kernel. */
export const predictModel = (model: SavedModel, x: Float64Array, m: number, gram: GramFunction): Promise<Prediction> =>
  predict(fromModel(model), x, m, gram);

function checkModel(value: unknown): SavedModel {
  requireVersion(value);
  const { data, error } = modelSchema.safeParse(value);
  if (data === undefined) throw complaintOf(error.issues[0]!, value);
  requireSizes(data);
  return data;
}

function requireVersion(value: unknown): void {
  const isObject = typeof value === 'object' && value !== null;
  const version: unknown = isObject && 'ntkcModel' in value ? value.ntkcModel : undefined;
  if (version === 1) return;
  throw new NtkcError({
    what:
      version === undefined
        ? 'not a model file: it has no field ntkcModel'
        : `model version ${JSON.stringify(version)} is unknown`,
    ...(version !== undefined && { where: 'ntkcModel' }),
    expected: 'ntkcModel: 1',
    next: 'Save the model again with ntkc fit --save.',
  });
}

function complaintOf(issue: z.core.$ZodIssue, value: unknown): NtkcError {
  const where = jsonPath('', issue.path);
  // The validator writes "Invalid input: expected number, received string".
  const [, problem, expected, received] = /^(.*?)(?:[:.] expected (.+?)(?:, received (.+))?)?$/i.exec(issue.message)!;
  const missing = received === 'undefined' || (issue.path.length === 1 && !hasField(value, issue.path[0]!));
  const wrong = received === undefined ? problem : `it is ${received}`;
  return new NtkcError({
    what: missing ? 'the model lacks a field' : `the model has a wrong field: ${wrong}`,
    ...(where !== '' && { where }),
    ...(expected !== undefined && { expected }),
    next: 'Save the model again with ntkc fit --save.',
  });
}

const hasField = (value: unknown, key: PropertyKey) =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key);

function requireSizes(model: SavedModel): void {
  const [n, d] = [model.trainX.length, model.standardisation.mean.length];
  const outputs = model.task === 'classification' ? model.classes.length : 1;
  requireLength(model.standardisation.std, d, 'standardisation.std', 'one number a feature');
  requireLength(model.featureNames, d, 'featureNames', 'one name a feature');
  for (const [i, row] of model.trainX.entries()) requireLength(row, d, `trainX[${i}]`, 'one number a feature');
  requireLength(model.alpha, n, 'alpha', 'one row a training input');
  const columns = model.task === 'classification' ? 'one number a class' : 'one number';
  for (const [i, row] of model.alpha.entries()) requireLength(row, outputs, `alpha[${i}]`, columns);
}

function requireLength(values: readonly unknown[], length: number, where: string, why: string): void {
  if (values.length === length) return;
  throw new NtkcError({
    what: `the model's parts do not agree: ${values.length} entries`,
    where,
    expected: `${length} entries, ${why}`,
    next: 'Save the model again with ntkc fit --save.',
  });
}

const nested = (data: Float64Array, rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
