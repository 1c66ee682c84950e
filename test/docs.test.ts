/**
 * The documents do what they say. Every fenced block of every .md file at the root and under docs is checked, in a
 * temporary folder a document, from top to bottom:
 *
 * - ```ts           type-checked and run; 'ntkc' is src/index.ts
 * - ```sh           run line by line; `ntkc` is src/cli/main.ts. Lines of npm are only checked for their script, unless
 *                   the block says `sh run`
 * - ```json         parsed; a network is read as one
 * - ```LANG FILE    laid in the folder under this name; FILE in src/ or test/ makes the folder a copy of the checkout
 * - ```text, ```js, ```diff after ts or sh is what these print; ```math is a part of it. … stands for anything, alone
 *   on a line for any lines; numbers agree to 6 digits. Other text says `illustrative`.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withOpsTable } from '../scripts/readme.ts';
import { networkFromJson } from '../src/index.ts';
import { repoRoot } from './support/cli.ts';
import { type Block, blocksOf, showsOutput } from './support/documents.ts';

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LANGUAGES = ['ts', 'js', 'sh', 'json', 'text', 'diff', 'math'];
const OUTPUTS = ['text', 'js', 'diff', 'math'];

const documents: readonly string[] = [
  ...readdirSync(repoRoot).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(repoRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].sort();
const read = (document: string): string => readFileSync(join(repoRoot, document), 'utf8');

const isFile = ({ info }: Block): boolean => /\.\w+$/.test(info);
const isOutput = (block: Block): boolean =>
  OUTPUTS.includes(block.lang) && !isFile(block) && block.info !== 'illustrative';

function execute(command: string, args: readonly string[], cwd: string, path: string): Promise<Ran> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$)/.test(name)),
  );
  const own = { PATH: path, NO_COLOR: '1', NODE_COMPILE_CACHE: join(root, 'compiled') };
  const options = { cwd, env: { ...env, ...own }, encoding: 'utf8', timeout: 240_000 } as const;
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 128;
      resolve({ status, stdout, stderr });
    });
  });
}

/** A folder for the blocks of one document. */
class Workplace {
  readonly folder: string;
  readonly #path: string;
  readonly #hook: string;
  #printed = '';

  constructor(root: string, document: string, blocks: readonly Block[]) {
    this.folder = join(root, document.replaceAll('/', '-'));
    mkdirSync(this.folder);
    symlinkSync(join(repoRoot, 'node_modules'), join(this.folder, 'node_modules'));
    if (blocks.some(({ info }) => /^(src|test)\//.test(info))) copyCheckout(this.folder);
    else symlinkSync(join(repoRoot, 'examples'), join(this.folder, 'examples'));
    const bin = join(root, 'bin');
    this.#path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
    this.#hook = join(bin, 'resolve.mjs');
    // Once, since programs run while others are compiled.
    for (const block of blocks) {
      if (isFile(block)) this.#write(block.info, block.text);
      else if (block.lang === 'ts') this.#write(programName(block), block.text);
    }
  }

  #write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), `${text}\n`);
  }

  async run(block: Block): Promise<void> {
    expect(LANGUAGES, `language of the block at ${block.at}`).toContain(block.lang);
    if (isOutput(block)) return this.#compare(block);
    if (block.lang === 'json') checkJson(block);
    if (isFile(block) || !['ts', 'sh'].includes(block.lang)) return;
    const done = block.lang === 'ts' ? await this.#runProgram(block) : await this.#runLines(block);
    this.#printed = done;
  }

  #compare({ lang, text, at }: Block): void {
    const whole = lang === 'math' ? `…\n${text}\n…` : text;
    if (!showsOutput(whole, this.#printed)) expect(this.#printed, at).toBe(text);
  }

  async #runProgram(block: Block): Promise<string> {
    const args = ['--import', this.#hook, programName(block)];
    const done = await execute(process.execPath, args, this.folder, this.#path);
    expect(done, block.at).toMatchObject({ status: 0, stderr: '' });
    return done.stdout;
  }

  async #runLines({ at, info, text }: Block): Promise<string> {
    let printed = '';
    for (const written of text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
      const [, line = '', status = '0'] = /^(.*?)\s*(?:# exit (\d+))?$/.exec(written) ?? [];
      if (info !== 'run' && /^(npm|npx|git) /.test(line)) {
        checkScripts(line);
        continue;
      }
      const done = await execute('bash', ['-o', 'pipefail', '-c', line], this.folder, this.#path);
      expect(`${done.status} ${done.stderr}`, `${at}: ${line}`).toMatch(new RegExp(`^${status} `));
      printed += done.status === 0 ? done.stdout : done.stderr;
    }
    return printed;
  }
}

const programName = ({ at }: Block): string => `block-${at.split(':')[1]}.ts`;

function copyCheckout(folder: string): void {
  const parts = [
    'src',
    'test',
    'scripts',
    'README.md',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    '.gitignore',
  ];
  for (const part of parts) cpSync(join(repoRoot, part), join(folder, part), { recursive: true });
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=docs', '-c', 'user.email=docs@localhost', ...args], { cwd: folder });
  git('init', '-q');
  writeFileSync(join(folder, '.git/info/exclude'), 'node_modules\nblock-*\n');
  git('add', '-A');
  git('commit', '-q', '--no-gpg-sign', '-m', 'checkout');
}

function checkJson({ at, text }: Block): void {
  const value: unknown = JSON.parse(text);
  const isNetwork = typeof value === 'object' && value !== null && 'ntkc' in value;
  if (isNetwork) expect(networkFromJson(text).layers.length, at).toBeGreaterThan(0);
}

/** Scripts that a line names are in package.json. */
function checkScripts(line: string): void {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  for (const [, named, plain] of line.matchAll(/npm (?:run (?:-s )?([\w-]+)|(start|test)\b)/g))
    expect(Object.keys(scripts), line).toContain(named ?? plain);
}

let root = '';
const workplaces = new Map<string, Workplace>();
const allBlocks = new Map(documents.map((document) => [document, blocksOf(document, read(document))]));
const withBlocks = documents.filter((document) => (allBlocks.get(document) ?? []).length > 0);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ntkc-docs-'));
  mkdirSync(join(root, 'bin'));
  const main = join(repoRoot, 'src/cli/main.ts');
  writeFileSync(join(root, 'bin/ntkc'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n');
  const index = new URL('../src/index.ts', import.meta.url).href;
  writeFileSync(
    join(root, 'bin/resolve.mjs'),
    `import { registerHooks } from 'node:module';
registerHooks({ resolve: (s, c, next) => (s === 'ntkc' ? { url: '${index}', shortCircuit: true } : next(s, c)) });\n`,
  );
  for (const document of withBlocks)
    workplaces.set(document, new Workplace(root, document, allBlocks.get(document) ?? []));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.concurrent('blocks', () => {
  it.each(withBlocks)('of %s do what they say', async (document) => {
    for (const block of allBlocks.get(document) ?? []) await workplaces.get(document)?.run(block);
  });

  it('in TypeScript have no type errors', async () => {
    const files = [...allBlocks].flatMap(([document, blocks]) =>
      blocks
        .filter(({ lang }) => lang === 'ts')
        .map((block) => join(workplaces.get(document)?.folder ?? '', isFile(block) ? block.info : programName(block))),
    );
    const paths = { ntkc: [join(repoRoot, 'src/index.ts')] };
    const typeRoots = [join(repoRoot, 'node_modules/@types')];
    const config = {
      extends: join(repoRoot, 'tsconfig.json'),
      compilerOptions: { paths, typeRoots },
      files,
      include: [],
    };
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(repoRoot, 'node_modules/.bin/tsc');
    const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
    expect((await execute(tsc, ['-p', 'tsconfig.json'], root, path)).stdout).toBe('');
    expect(files.length).toBeGreaterThan(1);
  });
});

describe('documents', () => {
  it.each(documents)('%s links to files that exist, and names such', (document) => {
    const prose = read(document).replace(/^```[\s\S]*?^```$/gm, '');
    const links = [...prose.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => join(dirname(document), target));
    const named = [...prose.matchAll(/`((?:src|test|scripts|docs|examples)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    const shown = (allBlocks.get(document) ?? []).map(({ info }) => info);
    const missing = [...links, ...named].filter((path) => !existsSync(join(repoRoot, path)) && !shown.includes(path));
    expect(missing).toEqual([]);
  });

  it('README.md has the table of ops of today', () => {
    expect(withOpsTable(read('README.md'))).toBe(read('README.md'));
  });
});

describe('these checks can fail', () => {
  it('output is compared line by line, elisions and six digits allowed', () => {
    expect(showsOutput('a\n…\nd 2.04620', 'a\nb\nc\nd 2.0461954103\n')).toBe(true);
    expect(showsOutput('a\n…\nd 2.04621', 'a\nb\nc\nd 2.0461954103\n')).toBe(false);
    expect(showsOutput('took … s', 'took 12 s')).toBe(true);
    expect(showsOutput('a\nb', 'a\nb\nc')).toBe(false);
    expect(showsOutput('a\n…', 'a')).toBe(true);
    expect(showsOutput('f(x)', 'f(y)')).toBe(false);
  });

  it('a wrong program, line, output, network or script is seen', async () => {
    const block = (lang: string, text: string, info = ''): Block => ({ at: 'planted:1', lang, info, text });
    const wrong = block('ts', "throw new Error('no')");
    const right = { ...block('ts', "console.log('one')"), at: 'planted:2' };
    const workplace = new Workplace(root, 'planted', [wrong, right]);
    await expect(workplace.run(wrong)).rejects.toThrow();
    await workplace.run(right);
    await workplace.run(block('text', 'one'));
    await expect(workplace.run(block('sh', 'false'))).rejects.toThrow();
    await expect(workplace.run(block('sh', 'npm run nothing'))).rejects.toThrow();
    await expect(
      workplace.run(block('json', '{"ntkc": 1, "input": {"shape": [2]}, "layers": [{"op": "no"}]}')),
    ).rejects.toThrow();
    await expect(workplace.run(block('py', 'pass'))).rejects.toThrow();
    await workplace.run(block('sh', 'echo two'));
    await workplace.run(block('text', 'two'));
    await expect(workplace.run(block('text', 'one'))).rejects.toThrow();
  });
});
