import { plural } from '../../alignedTable.ts';
import type { NetworkInput } from '../../ir/arch/index.ts';
import { network as parseNetwork } from '../../ops/vocabulary.ts';
import { parseAnswers, parseFeatures, readInput } from '../../runtime/io/index.ts';
import type { CompiledKernel } from '../../runtime/kernel.ts';
import { gramOf, type Prediction, parseModel, predictModel, type SavedModel } from '../../runtime/predict/index.ts';
import { compileKernel } from '../compileKernel.ts';
import { inFile } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import { note, printJson, type Terminal } from '../terminal.ts';

export interface PredictOptions {
  readonly data: string;
  readonly output?: string;
  readonly json?: true;
}

export async function predict(modelFile: string, options: PredictOptions, terminal: Terminal): Promise<number> {
  const { data: file, output } = options;
  requireWritable(output, [modelFile, file]);
  const model = parseModel(readInput(modelFile), modelFile);
  const text = readInput(file);
  const { x, n } = parseFeatures(text, { file, featureNames: model.featureNames });
  const kernel = await loadKernel(model, modelFile);
  const prediction = await inFile(file, () => predictModel(model, x, n, gramOf(kernel)));
  if (options.json) printJson(terminal, predictionJson(model, prediction));
  if (output !== undefined || !options.json)
    writeText(predictionCsv(model, prediction), output, plural(n, 'prediction'), terminal);
  const score = scoreIfLabelled(text, model, prediction, file);
  if (score !== undefined) note(terminal, `note: ${score}`);
  return 0;
}

async function loadKernel(model: SavedModel, file: string): Promise<CompiledKernel> {
  const network = await inFile(`${file}: network`, () => parseNetwork(model.network as unknown as NetworkInput));
  return compileKernel(network, `${file}: network`, model);
}

function predictionCsv(model: SavedModel, prediction: Prediction): string {
  const values = prediction.task === 'classification' ? prediction.labels : Array.from(prediction.values, String);
  return `${[model.labelName, ...values].map(csvCell).join('\n')}\n`;
}

const csvCell = (text: string): string => (/[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function predictionJson(model: SavedModel, prediction: Prediction): unknown {
  const { task, labelName: label } = model;
  if (prediction.task === 'regression') return { task, label, predictions: [...prediction.values] };
  const classes = model.task === 'classification' ? model.classes : [];
  const scores = prediction.labels.map((_, i) => [
    ...prediction.scores.subarray(i * classes.length, (i + 1) * classes.length),
  ]);
  return { task, label, predictions: prediction.labels, classes, scores };
}

/** If the table happens to hold the answers: how many were right. */
function scoreIfLabelled(text: string, model: SavedModel, prediction: Prediction, file: string): string | undefined {
  if (prediction.task !== 'classification') return undefined;
  const answers = answersOf(text, model.labelName, file);
  if (answers === undefined) return undefined;
  const right = prediction.labels.filter((label, i) => label === answers[i]).length;
  return `${right} of ${answers.length} rows agree with the column ${model.labelName} of ${file}`;
}

function answersOf(text: string, label: string, file: string): readonly string[] | undefined {
  try {
    const answers = parseAnswers(text, { file, label, task: 'classification' });
    return answers.task === 'classification' ? answers.labels : undefined;
  } catch {
    return undefined; // no such column, or not usable: the predictions do not need it
  }
}
