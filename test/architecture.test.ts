import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildersFile, buildersText, registryFile, registryText } from '../scripts/registry.ts';
import { repoRoot } from './support/cli.ts';
import { findCycle, parseModule, type SourceModule, sourceModules } from './support/modules.ts';

/** Who may import whom. Files directly in src (index.ts, compile.ts) stand on top, with verify and cli. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  ir: ['errors'],
  ops: ['errors', 'ir'],
  derive: ['errors', 'ir', 'ops'],
  presets: ['errors', 'ir', 'ops'],
  codegen: ['errors', 'ir'],
  runtime: ['errors', 'ir', 'codegen'],
  testing: ['errors', 'ir', 'ops', 'derive'],
  verify: ['errors', 'ir', 'ops', 'derive', 'codegen', 'runtime', 'testing', 'top'],
  top: ['errors', 'ir', 'ops', 'presets', 'derive', 'codegen', 'runtime', 'testing', 'verify', 'top'],
  cli: ['errors', 'ir', 'ops', 'derive', 'codegen', 'runtime', 'testing', 'verify', 'top'],
};

/** Loading one of these costs 0.1 to 1 s, so nothing loads them that `ntkc --help` needs. */
const HEAVY = /^(mathjs|ts-morph|vega|vega-lite|katex|@tensorflow\/.+)(\/|$)/;

const modules = sourceModules('src');
const sources = modules.filter((module) => !module.isTest);
const byPath = new Map(modules.map((module) => [module.path, module]));

/** 'src/ir/arch/x.ts' -> 'ir'; 'src/errors.ts' -> 'errors'; another file of src -> 'top'. */
function layerOf(path: string): string {
  const [, first = '', second] = path.split('/');
  if (second !== undefined) return first;
  return first === 'errors.ts' || first === 'errors.test.ts' ? 'errors' : 'top';
}

function wrongDirections(list: readonly SourceModule[]): readonly string[] {
  return list.flatMap((module) =>
    module.imports
      .map(({ file }) => file)
      .filter((file) => file !== undefined)
      .filter((file) => layerOf(file) !== layerOf(module.path))
      .filter((file) => !MAY_IMPORT[layerOf(module.path)]?.includes(layerOf(file)))
      .map((file) => `${module.path} imports ${file}`),
  );
}

/** Edges between folders that neither contain nor are contained in each other. */
function folderEdges(list: readonly SourceModule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map<string, Set<string>>();
  for (const module of list) {
    for (const { file } of module.imports) {
      if (file === undefined) continue;
      const [from, to] = [dirname(module.path), dirname(file)];
      if (`${from}/`.startsWith(`${to}/`) || `${to}/`.startsWith(`${from}/`)) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  return edges;
}

const fileEdges = (list: readonly SourceModule[]): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    list.map(({ path, imports }) => [
      path,
      new Set(imports.filter(({ kind }) => kind === 'static').flatMap(({ file }) => (file ? [file] : []))),
    ]),
  );

/** Chains of static imports from `start` to a heavy package. */
function heavyChains(start: string, chain: readonly string[] = [], seen = new Set<string>()): readonly string[] {
  const module = byPath.get(start);
  if (module === undefined || seen.has(start)) return [];
  seen.add(start);
  const here = [...chain, start];
  return module.imports
    .filter(({ kind }) => kind === 'static')
    .flatMap(({ file, specifier }) => {
      if (file !== undefined) return heavyChains(file, here, seen);
      return HEAVY.test(specifier) ? [[...here, specifier].join(' -> ')] : [];
    });
}

const trackedFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: repoRoot, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(repoRoot, path)) && statSync(join(repoRoot, path)).size < 2 ** 21);

describe('imports', () => {
  it('go one way: errors <- ir <- ops <- derive, ir <- codegen <- runtime, verify and cli on top', () => {
    expect(sources.filter(({ path }) => !(layerOf(path) in MAY_IMPORT)).map(({ path }) => path)).toEqual([]);
    expect(wrongDirections(sources)).toEqual([]);
  });

  it('name files that exist, with their extension', () => {
    const missing = modules.flatMap(({ path, imports }) =>
      imports.filter(({ file }) => file && !existsSync(join(repoRoot, file))).map(({ file }) => `${path}: ${file}`),
    );
    expect(missing).toEqual([]);
  });

  it('make no cycle between folders, nor between files', () => {
    expect(findCycle(folderEdges(sources))).toBeUndefined();
    expect(findCycle(fileEdges(sources))).toBeUndefined();
  });

  it('name only packages that an installation brings', () => {
    const manifest = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    const declared = new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }));
    const undeclared = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ file, kind, specifier }) => file === undefined && kind !== 'type' && !specifier.startsWith('node:'))
        .map(({ specifier }) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !declared.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(undeclared).toEqual([]);
  });

  it('load no heavy library before a command needs it', () => {
    expect(byPath.has('src/cli/main.ts')).toBe(true);
    expect(heavyChains('src/cli/main.ts')).toEqual([]);
  });
});

describe('files of src', () => {
  it('have no default export', () => {
    expect(modules.filter((module) => module.hasDefaultExport).map(({ path }) => path)).toEqual([]);
  });

  it('have at most 300 lines', () => {
    expect(
      modules
        .filter(({ path, lineCount }) => lineCount > 300 && !path.endsWith('.generated.ts'))
        .map((m) => `${m.path}: ${m.lineCount}`),
    ).toEqual([]);
  });

  it('say no `any` and silence no type error', () => {
    const anys = modules.flatMap(({ path, anyLines }) => anyLines.map((line) => `${path}:${line}`));
    expect(anys).toEqual([]);
    expect(modules.filter(({ text }) => /@ts-(ignore|expect-error|nocheck)/.test(text)).map((m) => m.path)).toEqual([]);
  });

  it('cite with @eq only sources that NOTATION.md lists', () => {
    const notation = join(repoRoot, 'NOTATION.md');
    const section = existsSync(notation) ? (readFileSync(notation, 'utf8').split(/^## Sources\s*$/m)[1] ?? '') : '';
    const known = new Set(
      [...(section.split(/^## /m)[0] ?? '').matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, name]) => name),
    );
    const unknown = modules.flatMap(({ path, text }) =>
      [...text.matchAll(/@eq[ \t]+([^\s,;:()]+)/g)]
        .filter(([, name]) => !known.has(name))
        .map(([, name]) => `${path}: @eq ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('include an op registry that is up to date', () => {
    expect(readFileSync(registryFile, 'utf8')).toBe(registryText());
    expect(readFileSync(buildersFile, 'utf8')).toBe(buildersText());
  });
});

describe('tracked files', () => {
  it('hold no address of a package registry', () => {
    const hosts = ['registry.npm' + 'js', 'registry.yarn' + 'pkg', 'pypi' + '.org', 'files.python' + 'hosted'];
    const offenders = trackedFiles().filter((path) => {
      const text = readFileSync(join(repoRoot, path), 'latin1');
      return hosts.some((host) => text.includes(host));
    });
    expect(offenders).toEqual([]);
    expect(readFileSync(join(repoRoot, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});

describe('these checks can fail', () => {
  const planted = (path: string, text: string): SourceModule => parseModule(path, text);

  it('see a wrong direction, a default export and an any', () => {
    const up = planted('src/ir/bad.ts', "import { x } from '../ops/op.ts';\nexport default x as any;");
    expect(wrongDirections([up])).toEqual(['src/ir/bad.ts imports src/ops/op.ts']);
    expect(up.hasDefaultExport).toBe(true);
    expect(up.anyLines).toEqual([2]);
    expect(wrongDirections([planted('src/ir/good.ts', "import { x } from '../errors.ts';")])).toEqual([]);
  });

  it('see a cycle of files and of folders', () => {
    const a = planted('src/ir/a/x.ts', "import { y } from '../b/y.ts';");
    const b = planted('src/ir/b/y.ts', "export { x } from '../a/x.ts';");
    expect(findCycle(fileEdges([a, b]))).toEqual(['src/ir/a/x.ts', 'src/ir/b/y.ts', 'src/ir/a/x.ts']);
    expect(findCycle(folderEdges([a, b]))).toEqual(['src/ir/a', 'src/ir/b', 'src/ir/a']);
    expect(findCycle(fileEdges([a]))).toBeUndefined();
  });

  it('tell static imports from types, from dynamic ones, and from text', () => {
    const text =
      "import type { A } from 'a';\nimport b from 'b';\nconst c = await import('c');\nconst d = `import 'd'`;";
    const kinds = planted('src/x.ts', text).imports.map(({ specifier, kind }) => `${specifier} ${kind}`);
    expect(kinds).toEqual(['a type', 'b static', 'c dynamic']);
    expect(['mathjs', 'mathjs/number', '@tensorflow/tfjs-core', 'vega'].every((name) => HEAVY.test(name))).toBe(true);
    expect(HEAVY.test('vegan')).toBe(false);
  });
});
