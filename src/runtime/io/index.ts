export { type LabelledTable, parseAnswers, parseFeatures, parseTable, type TaskChoice } from './csv.ts';
export { atomicWriteFile, openReplacement, readInput } from './files.ts';
export { type ImageSet, type LabelledImages, parseCifar10, parseIdxImages, parseIdxLabels } from './images.ts';
export { parseJson } from './json.ts';
export { type DenseArray, mostJsonNumbers, printNested } from './jsonArray.ts';
export { loadArray, saveArray } from './loadArray.ts';
export { readNpy } from './npy.ts';
export { openNpyWriter } from './npyWriter.ts';
