/**
 * Writes src/codegen/targets/reference/engine.generated.ts: the text of the Gaussian engine (src/ir/gaussian), bundled
 * to plain JavaScript, which standalone reference modules carry with them. Writes only when the text changes.
 *
 *     npm run engine               # -- --check: exit 1 where it would change
 */
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root, writeGenerated } from './generated.ts';

export const engineFile = join(root, 'src/codegen/targets/reference/engine.generated.ts');

/** One export of the engine with all it needs, as statements without import or export. */
async function bundled(file: string, name: string): Promise<string> {
  const build = await rolldown({
    input: 'entry',
    plugins: [
      {
        name: 'entry',
        resolveId: (id: string) => (id === 'entry' ? id : null),
        load: (id: string) => (id === 'entry' ? `export { ${name} } from ${JSON.stringify(join(root, file))};` : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: false, comments: false });
  await build.close();
  return output[0].code
    .split('\n')
    .filter((line) => !/^\/\/#(end)?region/.test(line) && !/^export \{/.test(line))
    .join('\n')
    .trim();
}

export async function engineText(): Promise<string> {
  const erf = await bundled('src/ir/gaussian/erf.ts', 'erf');
  const dual = await bundled('src/ir/gaussian/dual.ts', 'dualActivation');
  const entry = (name: string, text: string) =>
    `export const ${name}: readonly string[] = [\n${text
      .split('\n')
      .map((line) => `  ${JSON.stringify(line)},`)
      .join('\n')}\n];\n`;
  return `// Written by scripts/engine.ts from src/ir/gaussian. Do not edit.\n\n${entry('erfSource', erf)}\n${entry('dualActivationSource', dual)}`;
}

if (import.meta.main) writeGenerated(engineFile, await engineText(), 'npm run engine');
