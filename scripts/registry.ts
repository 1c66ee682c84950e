/**
 * Writes src/ops/registry.generated.ts: one import and one list entry for each folder of src/ops whose index.ts
 * exports `op`, and src/ops/builders.generated.ts, a builder for each of them but those that nest layers. The folder's
 * name is the op's name. Writes only when the text changes.
 *
 *     npm run registry               # -- --check: exit 1 where it would change
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, writeGenerated } from './generated.ts';

const opsDir = join(root, 'src', 'ops');
export const registryFile = join(opsDir, 'registry.generated.ts');
export const buildersFile = join(opsDir, 'builders.generated.ts');
const LINE_WIDTH = 120;

/** Folder names in the order of the registry (code units, so that no locale matters). */
function opFolders(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(dir, entry.name, 'index.ts')))
    .filter((entry) =>
      /^export (const op\b|\{[^}]*\bop\b)/m.test(readFileSync(join(dir, entry.name, 'index.ts'), 'utf8')),
    )
    .map((entry) => entry.name)
    .sort();
}

/** The registry's text for the folders under `dir`, in the formatter's own layout. */
export function registryText(dir: string = opsDir): string {
  const names = opFolders(dir);
  const wrong = names.find((name) => !/^[a-z][A-Za-z0-9]*$/.test(name));
  if (wrong !== undefined) throw new Error(`src/ops/${wrong}: the folder's name must be the op's name in camelCase`);
  const entries = names.map((name) => `${name}Op`);
  const oneLine = `export const ops = [${entries.join(', ')}] as const;`;
  const list =
    oneLine.length <= LINE_WIDTH ? oneLine : `export const ops = [\n  ${entries.join(',\n  ')},\n] as const;`;
  return [
    '// Written by scripts/registry.ts from the folders of src/ops. Do not edit.',
    ...names.map((name) => `import { op as ${name}Op } from './${name}/index.ts';`),
    '',
    list,
    '',
  ].join('\n');
}

const builderImport = `import { builder } from './builder.ts';`;
const byPath = (a: string, b: string) => (a.slice(a.indexOf("'")) < b.slice(b.indexOf("'")) ? -1 : 1);

/** Builders that are the same for all ops; those of src/ops/vocabulary.ts take layers, or a formula, as arguments. */
export function buildersText(dir: string = opsDir): string {
  const isPlain = (name: string) =>
    name !== 'elementwise' && !/^ {2}nests:/m.test(readFileSync(join(dir, name, 'index.ts'), 'utf8'));
  const names = opFolders(dir).filter(isPlain);
  return [
    '// Written by scripts/registry.ts from the folders of src/ops. Do not edit.',
    '',
    ...[...names.map((name) => `import { op as ${name}Op } from './${name}/index.ts';`), builderImport].sort(byPath),
    '',
    ...names.map((name) => `export const ${name} = builder(${name}Op);`),
    '',
  ].join('\n');
}

if (import.meta.main) {
  writeGenerated(registryFile, registryText(), 'npm run registry');
  writeGenerated(buildersFile, buildersText(), 'npm run registry');
}
