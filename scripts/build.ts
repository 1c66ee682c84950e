/**
 * Builds the package into an emptied dist/: declarations by `tsc -p tsconfig.build.json`, and the public entries, the
 * command and the files of worker threads bundled where they stand in src, what they share in dist/chunks, so that a
 * program that imports ntkc opens tens of files in place of hundreds (docs/decisions/0017-bundled-package.md).
 *
 *     npm run build
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');
const dist = join(root, 'dist');

/** A dependency whose code is bundled too: loading all of it is a third of an import of ntkc, and a tenth of it is used. */
const inlined = 'zod';
const isExternal = (id: string): boolean => /^[^./]/.test(id) && id !== inlined && !id.startsWith(`${inlined}/`);

const posix = (path: string): string => path.split(sep).join('/');

/** `import.meta.url` in a module of src is where that module stands in dist, not the chunk it is in: workers lie beside it. */
const ownUrls: Plugin = {
  name: 'own-urls',
  transform: (code, id) => {
    if (!code.includes('import.meta.url')) return null;
    const place = posix(relative(src, id)).replace(/\.ts$/, '.js');
    return code.replaceAll('import.meta.url', `urlOf__(${JSON.stringify(place)})`);
  },
  renderChunk: (code, { fileName }) =>
    code.replaceAll(/urlOf__\(["'`]([^"'`]+)["'`]\)/g, (_, place: string) => {
      const path = posix(relative(dirname(fileName), place));
      return `new URL(${JSON.stringify(path.startsWith('.') ? path : `./${path}`)},import.meta.url).href`;
    }),
};

async function bundle(): Promise<void> {
  const entries = ['index', 'testing/index', 'cli/main', ...globSync('**/worker.ts', { cwd: src })];
  const build = await rolldown({
    input: Object.fromEntries(entries.map((e) => posix(e).replace(/\.ts$/, '')).map((e) => [e, join(src, `${e}.ts`)])),
    platform: 'node',
    external: isExternal,
    plugins: [ownUrls],
  });
  await build.write({
    dir: dist,
    format: 'esm',
    minify: false, // Node shows the line that throws
    comments: { jsdoc: false, annotation: true, legal: true },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await build.close();
}

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: ['ignore', 2, 2] });
if (status === 0) {
  await bundle();
  chmodSync(join(dist, 'cli', 'main.js'), 0o755);
  cpSync(join(root, 'node_modules', inlined, 'LICENSE'), join(dist, `LICENSE.${inlined}`));
} else {
  process.exitCode = 1;
}
