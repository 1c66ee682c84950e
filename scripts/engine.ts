/**
 * Writes what standalone modules carry with them, as text bundled to plain JavaScript, only when it changes:
 * src/codegen/targets/reference/engine.generated.ts, the Gaussian engine (src/ir/gaussian),
 * src/codegen/targets/reference/spatial/arithmetic.generated.ts, what code over positions calls (arithmetic.ts beside it),
 * src/codegen/targets/wasm/driver.generated.ts, what feeds a tile on one thread (src/runtime/backends/wasm), the same for
 * inputs with positions in src/codegen/targets/wasm/spatial, and what hierarchies call: src/codegen/hierarchy/reference/tensors.generated.ts (src/runtime/hierarchy/tensors.ts) and
 * src/codegen/hierarchy/wasm/engine.generated.ts (src/runtime/hierarchy/tensors).
 *
 *     npm run engine               # -- --check: exit 1 where it would change
 */
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import * as arithmetic from '../src/codegen/targets/reference/spatial/arithmetic.ts';
import { root, writeGenerated } from './generated.ts';

export const engineFile = join(root, 'src/codegen/targets/reference/engine.generated.ts');
export const driverFile = join(root, 'src/codegen/targets/wasm/driver.generated.ts');
export const spatialDriverFile = join(root, 'src/codegen/targets/wasm/spatial/driver.generated.ts');
export const arithmeticFile = join(root, 'src/codegen/targets/reference/spatial/arithmetic.generated.ts');
export const tensorsFile = join(root, 'src/codegen/hierarchy/reference/tensors.generated.ts');
export const tensorEngineFile = join(root, 'src/codegen/hierarchy/wasm/engine.generated.ts');

/** Exports, each with its file, and all they need, as statements without import or export. */
async function bundled(exports: Readonly<Record<string, string>>, jsdoc = false): Promise<string> {
  const entry = Object.entries(exports).map(
    ([name, file]) => `export { ${name} } from ${JSON.stringify(join(root, file))};`,
  );
  const build = await rolldown({
    input: 'entry',
    external: /^node:/, // of functions that are left out again
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
    plugins: [
      {
        name: 'entry',
        resolveId: (id: string) => (id === 'entry' ? id : null),
        load: (id: string) => (id === 'entry' ? entry.join('\n') : null),
      },
    ],
  });
  const { output } = await build.generate({
    format: 'esm',
    minify: false,
    comments: { jsdoc, annotation: false, legal: false },
  });
  await build.close();
  return output[0].code
    .split('\n')
    .filter((line) => !/^\/\/#(end)?region/.test(line) && !/^export \{/.test(line))
    .join('\n')
    .trim();
}

/** A generated file: the head, and each text as a constant. */
const generated = (from: string, texts: Readonly<Record<string, string>>): string =>
  `// Written by scripts/engine.ts from ${from}. Do not edit.\n${Object.entries(texts)
    .map(([name, text]) => `\nexport const ${name}: readonly string[] = [\n${quoted(text)}\n];\n`)
    .join('')}`;

const quoted = (text: string) =>
  text
    .split('\n')
    .map((line) => `  ${JSON.stringify(line)},`)
    .join('\n');

export const engineText = async (): Promise<string> =>
  generated('src/ir/gaussian', {
    erfSource: await bundled({ erf: 'src/ir/gaussian/erf.ts' }),
    dualActivationSource: await bundled({ dualActivation: 'src/ir/gaussian/dual.ts' }),
    expandManySource: await bundled({ expandMany: 'src/ir/gaussian/interpolate.ts' }),
  });

export const driverText = async (): Promise<string> => {
  const folder = 'src/runtime/backends/wasm';
  return generated(folder, {
    tileDriverSource: await bundled({ TileEngine: `${folder}/engine.ts`, panelsOf: `${folder}/panels.ts` }),
  });
};

export const spatialDriverText = async (): Promise<string> => {
  const folder = 'src/runtime/backends/wasm/spatial';
  return generated(folder, { spatialDriverSource: await bundled({ SpatialEngine: `${folder}/engine.ts` }) });
};

export const arithmeticText = async (): Promise<string> => {
  const file = 'src/codegen/targets/reference/spatial/arithmetic.ts';
  const all = Object.fromEntries(Object.keys(arithmetic).map((name) => [name, file]));
  return generated(file, { arithmeticSource: await bundled(all, true) });
};

export const tensorsText = async (): Promise<string> => {
  const file = 'src/runtime/hierarchy/tensors.ts';
  const names = ['multiply', 'permuted', 'mapped', 'withColumn', 'blockOf', 'place'];
  const sources = names.map(async (name) => [`${name}Source`, await bundled({ [name]: file })] as const);
  return generated(file, Object.fromEntries(await Promise.all(sources)));
};

export const tensorEngineText = async (): Promise<string> => {
  const folder = 'src/runtime/hierarchy/tensors';
  return generated(folder, { tensorEngineSource: await bundled({ TensorEngine: `${folder}/tensorEngine.ts` }) });
};

if (import.meta.main) {
  writeGenerated(engineFile, await engineText(), 'npm run engine');
  writeGenerated(arithmeticFile, await arithmeticText(), 'npm run engine');
  writeGenerated(driverFile, await driverText(), 'npm run engine');
  writeGenerated(spatialDriverFile, await spatialDriverText(), 'npm run engine');
  writeGenerated(tensorsFile, await tensorsText(), 'npm run engine');
  writeGenerated(tensorEngineFile, await tensorEngineText(), 'npm run engine');
}
