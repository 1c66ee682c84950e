export * from './csv.ts';
export { atomicWriteFile, openReplacement, type Replacement, readInput } from './files.ts';
export { parseJson } from './json.ts';
export { type DenseArray, denseFromNested, printNested } from './jsonArray.ts';
export { loadArray, saveArray } from './loadArray.ts';
export { type NpyArray, readNpy, writeNpy } from './npy.ts';
export type { NpyDtype } from './npyHeader.ts';
export { type NpyWriter, openNpyWriter } from './npyWriter.ts';
