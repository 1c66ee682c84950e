import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  engineFile,
  engineText,
  tensorEngineFile,
  tensorEngineText,
  tensorsFile,
  tensorsText,
} from '../scripts/engine.ts';

it.each([
  ['the Gaussian engine', engineFile, engineText],
  ['the functions that hierarchies call', tensorsFile, tensorsText],
  ['the engine of hierarchies on wasm', tensorEngineFile, tensorEngineText],
])('%s in emitted modules is that of the sources (npm run engine)', async (_, file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(await text());
});
