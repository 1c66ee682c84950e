/** Emitted JavaScript modules, written to files of their own and imported. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import type { Inputs } from '../../src/index.ts';

/** What comes with the samples besides their numbers. */
type Given = Pick<Inputs, 'patterns' | 'present'>;

/** What every emitted kernel of the wasm and reference targets has. */
export interface EmittedKernel {
  readonly features: number;
  readonly layerWeights: readonly number[];
  gram(
    x1: Float64Array,
    n1: number,
    x2?: Float64Array,
    n2?: number,
    weights?: readonly number[],
    given1?: Given,
    given2?: Given,
  ): Float64Array | readonly Float64Array[];
}

/** A folder that is removed after all tests of the file that calls this, and what imports source text from it. */
export function emittedModules<Module>(): {
  readonly folder: string;
  readonly load: (source: string) => Promise<Module>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'ntkc-emitted-'));
  afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  let written = 0;
  const load = (source: string) => {
    const file = join(folder, `kernel${written++}.mjs`);
    writeFileSync(file, source);
    return import(pathToFileURL(file).href) as Promise<Module>;
  };
  return { folder, load };
}
