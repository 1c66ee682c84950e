/**
 * Makes the `tensorflow` backend of tfjs-node usable where its install script could not download libtensorflow:
 * takes the C libraries and headers from the PyPI wheel of tensorflow-cpu and compiles the package's own addon.
 * Linux x86-64; needs g++ and python3 with pip (TensorFlow is never imported from Python).
 *
 *     npm run tfjs-node                                  # @tensorflow/tfjs-node-gpu, the optional dependency
 *     npm run tfjs-node -- @tensorflow/tfjs-node         # the same under the other name
 *
 * Does nothing for a package that already loads. Libraries and addons are kept in $XDG_CACHE_HOME/ntkc, so a second
 * checkout takes seconds.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const TFJS_VERSION = '4.22.0';
/** 2.15.1 passes tfjs-core's own suite; 2.21 rounds int32 wrongly. The hash is that of the cp311 manylinux wheel. */
const TF = { version: '2.15.1', sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26' };

const root = join(import.meta.dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ntkc');
const say = (text: string): void => console.error(`tfjs-node: ${text}`);

function run(command: string, args: readonly string[], cwd = root): SpawnSyncReturns<string> {
  return spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
}

function must(command: string, args: readonly string[], cwd = root): string {
  const done = run(command, args, cwd);
  if (done.status === 0) return done.stdout;
  const why = done.error?.message ?? done.stderr.trim().split('\n').slice(-3).join('\n');
  throw new Error(`${command} failed: ${why}`);
}

/** Loads the package in a process of its own and multiplies two matrices on its backend. */
function worksReport(pkg: string): string | undefined {
  const program = `
    require('node:util').isNullOrUndefined ??= (value) => value == null; // gone since Node 23, tfjs-node calls it
    const tf = require(process.argv[1]);
    const y = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync();
    if (tf.getBackend() !== 'tensorflow' || String([...y]) !== '19,22,43,50') process.exit(1);
    console.log('backend ' + tf.getBackend() + ', libtensorflow ' + tf.backend().binding.TF_Version);`;
  const done = run(process.execPath, ['-e', program, pkg]);
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/** libtensorflow and its C headers, once per version: `<cache>/libtensorflow-<version>/{lib,include}`. */
function libtensorflow(): string {
  const home = join(cache, `libtensorflow-${TF.version}`);
  if (existsSync(home)) return home;
  mkdirSync(cache, { recursive: true });
  const temp = mkdtempSync(join(cache, '.libtensorflow-'));
  try {
    say(`downloading the wheel of tensorflow-cpu ${TF.version} (about 210 MB, once)`);
    must('python3', ['-c', DOWNLOAD, temp, `tensorflow-cpu==${TF.version} --hash=sha256:${TF.sha256}`]);
    const lib = join(temp, 'out', 'lib');
    symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
    symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
    if (!existsSync(home)) renameSync(join(temp, 'out'), home);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
  return home;
}

const DOWNLOAD = `
import glob, os, re, subprocess, sys, zipfile
temp, requirement = sys.argv[1:]
open(temp + '/requirement', 'w').write(requirement)
done = subprocess.run([sys.executable, '-m', 'pip', 'download', '-q', '--no-deps', '--no-cache-dir', '--only-binary=:all:',
  '--require-hashes', '--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311',
  '--platform', 'manylinux_2_17_x86_64', '--platform', 'manylinux2014_x86_64', '-d', temp, '-r', temp + '/requirement'],
  stdin=subprocess.DEVNULL)
if done.returncode: sys.exit(1)
wheel = zipfile.ZipFile(glob.glob(temp + '/*.whl')[0])
library = re.compile(r'tensorflow/(libtensorflow_(?:cc|framework)\\.so\\.2)$')
header = re.compile(r'tensorflow/include/((?:tensorflow/c|tensorflow/core/platform|.*tsl/(?:c|platform))/.*\\.h)$')
for name in wheel.namelist():
  found = library.match(name) or header.match(name)
  if found:
    path = temp + '/out/' + ('lib/' if library.match(name) else 'include/') + found[1]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wheel.open(name) as source, open(path, 'wb') as out:
      while block := source.read(1 << 22): out.write(block)
`;

/** The addon compiled from the package's own sources, cached by package and N-API version. */
function compiledAddon(pkg: string, packageDir: string, deps: string, napi: string): string {
  const addon = join(cache, `${pkg.replace('/', '-')}-${TFJS_VERSION}-tf${TF.version}-napi${napi}.node`);
  if (existsSync(addon)) return addon;
  say(`compiling the addon of ${pkg} (N-API ${napi})`);
  const temp = `${addon}.${process.pid}`;
  const headers = join(root, 'node_modules', 'node-api-headers', 'include');
  must(process.env.CXX ?? 'g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${napi}`],
    ...[`-I${headers}`, `-I${join(deps, 'include')}`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(packageDir, 'binding', file)),
    ...['-o', temp, `-L${join(deps, 'lib')}`, '-ltensorflow', '-ltensorflow_framework'],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ]);
  renameSync(temp, addon);
  return addon;
}

/** Lays the package without its download, and puts libraries and addon where its loader looks for them. */
function install(pkg: string): void {
  const deps = libtensorflow(); // first: a package without it is worse than none
  const packageDir = join(root, 'node_modules', pkg);
  const manifest = join(packageDir, 'package.json');
  if (!existsSync(manifest)) {
    const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const named = pkg in optionalDependencies ? [] : [`${pkg}@${TFJS_VERSION}`]; // else the lockfile names it
    must('npm', ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', ...named]);
  }
  rmSync(join(packageDir, 'deps'), { recursive: true, force: true });
  symlinkSync(deps, join(packageDir, 'deps'));
  const requireThere = createRequire(manifest);
  const target: string = requireThere('@mapbox/node-pre-gyp').find(manifest);
  const napi = /napi-v(\d+)/.exec(target)?.[1] ?? '8';
  mkdirSync(dirname(target), { recursive: true });
  cpSync(compiledAddon(pkg, packageDir, deps, napi), target);
}

function main(names: readonly string[]): void {
  for (const pkg of names.length > 0 ? names : ['@tensorflow/tfjs-node-gpu']) {
    let report = worksReport(pkg);
    if (report === undefined) {
      if (process.platform !== 'linux' || process.arch !== 'x64') {
        throw new Error(
          `no libtensorflow for ${process.platform} ${process.arch}; this script knows Linux x86-64 only`,
        );
      }
      install(pkg);
      report = worksReport(pkg);
    }
    if (report === undefined) throw new Error(`${pkg} was compiled but does not load; run node -e "require('${pkg}')"`);
    say(`${pkg}: ${report}`);
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
