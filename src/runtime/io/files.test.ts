import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atomicWriteFile, openReplacement, readInput } from './files.ts';
import { parseJson } from './json.ts';
import { denseFromNested, indicesOf, printNested } from './jsonArray.ts';
import { loadArray, saveArray } from './loadArray.ts';
import { writeNpy } from './npy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ntkc-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('readInput', () => {
  it('drops a byte order mark', () => expect(readInput(file('a.csv', '\uFEFFa,b'))).toBe('a,b'));
  it('names what is missing, and a folder', () => {
    expect(() => readInput(join(folder, 'no.json'))).toThrow(/no such file.*no\.json/);
    expect(() => readInput(folder)).toThrow(/this is a folder/);
    expect(() => readInput(join(file('f', ''), 'g'))).toThrow(/is a file, not a folder/);
  });
});

describe('atomicWriteFile', () => {
  it('replaces a file, keeps its mode, and follows a link to it', () => {
    const path = file('out.txt', 'old');
    chmodSync(path, 0o640);
    symlinkSync(path, join(folder, 'link'));
    atomicWriteFile(join(folder, 'link'), 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(['link', 'out.txt']);
  });

  it('refuses a missing folder, a folder, and a path through a file', () => {
    expect(() => atomicWriteFile(join(folder, 'no', 'a'), '')).toThrow(/folder does not exist/);
    expect(() => atomicWriteFile(folder, '')).toThrow(/this is a folder/);
    expect(() => atomicWriteFile(join(file('f', ''), 'g'), '')).toThrow(/is a file, not a folder/);
  });

  // The superuser may write anywhere, so there the system never refuses.
  it.skipIf(process.getuid?.() === 0)('refuses a folder and a file without permission, which stay as they were', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o500 });
    expect(() => atomicWriteFile(join(closed, 'a'), 'x')).toThrow(/no permission.*another folder/);
    const path = file('kept', 'old');
    chmodSync(path, 0o400);
    expect(() => atomicWriteFile(path, 'new')).toThrow(/no permission/);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('writes to a device as it is', () => {
    atomicWriteFile('/dev/null', 'x');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => openReplacement('/dev/null')).toThrow(/device or pipe/);
  });

  it('a process that exits in the middle leaves no temporary file', () => {
    const module = new URL('./files.ts', import.meta.url).href;
    const code = `import { openReplacement } from '${module}'; openReplacement('${join(folder, 'x')}'); process.exit(3)`;
    expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', code], { stdio: 'pipe' })).toThrow(
      expect.objectContaining({ status: 3 }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('parseJson', () => {
  it.each([
    ['', /is empty/],
    ['{"a": [1, 2', /cut off/],
    ['{"a": "b', /cut off/],
    ['[\n1,\n2,,3]', /not valid JSON: Unexpected token ','/],
    ['[NaN]', /no NaN/],
  ])('refuses %j', (text, message) => {
    expect(() => parseJson(text, 'net.json')).toThrow(message);
    expect(() => parseJson(text, 'net.json')).toThrow(/net\.json/);
  });
  it('tells line and column where the engine does', () => {
    const long = `[\n${'1,\n'.repeat(60)}x]`;
    expect(() => parseJson(long, 'x.json')).toThrow(/x\.json, line \d+|Unexpected token 'x'/);
  });
});

describe('nested lists', () => {
  it('give the dense array', () => {
    expect(denseFromNested([[[1, 2]], [[3, 4]], [[5, 6]]])).toEqual({
      data: Float64Array.of(1, 2, 3, 4, 5, 6),
      shape: [3, 1, 2],
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['ragged rows', [[1, 2], [3]], /ragged lists: this one has 1 entries\. At x\[1\]\. Expected a list of 2 entries/],
    ['a number among lists', [[1], 2], /2 instead of a list. At x\[1\]/],
    ['a list among numbers', [1, [2]], /a list of 1 entries instead of a number. At x\[1\]/],
    [
      'text',
      [
        [1, 2],
        [3, 'a'],
      ],
      /the text "a" instead of a number. At x\[1\]\[1\]/,
    ],
    ['null', [[null]], /null instead of a number. At x\[0\]\[0\]/],
    ['an object', [{ a: 1 }], /an object instead of a number. At x\[0\]/],
    ['a number too large', JSON.parse('[[1,1e999]]'), /Infinity is not finite.*At x\[0\]\[1\]/],
    ['no samples', [], /empty data.*At x\./],
    ['no features', [[], []], /empty data.*At x\[0\]/],
    ['no list', 3, /3 instead of a list. At x/],
    ['lists without end', JSON.parse('['.repeat(5000) + ']'.repeat(5000)), /more than 32 nested lists/],
  ])('refuse %s', (_, value, message) => expect(() => denseFromNested(value)).toThrow(message));

  it('print so that they read back', () => {
    const data = Float64Array.of(0.1, 1e-300, -3, 1 / 3, 1e21, 5);
    expect(denseFromNested(JSON.parse(printNested(data, [3, 1, 2])))).toEqual({ data, shape: [3, 1, 2] });
    expect(() => printNested(Float64Array.of(1, Number.NaN), [1, 2])).toThrow(/holds NaN. At \[0\]\[1\]/);
  });

  it('know the indices of a flat position', () => expect(indicesOf(23, [2, 3, 4])).toEqual([1, 2, 3]));
});

describe('loadArray and saveArray', () => {
  it('go by the ending', () => {
    for (const name of ['a.json', 'a.npy', 'A.JSON']) {
      saveArray(join(folder, name), Float64Array.of(1, 2, 3, 4), [2, 2]);
      expect(loadArray(join(folder, name))).toEqual({ data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] });
    }
    expect(() => loadArray(join(folder, 'a.txt'))).toThrow(/\.txt.*a \.json, \.npy or \.zarr file/);
    expect(() => saveArray(join(folder, 'a'), Float64Array.of(1), [1])).toThrow(/no ending/);
  });

  it('widen float32', () => {
    writeNpy(join(folder, 's.npy'), Float32Array.of(0.1), [1]);
    expect(loadArray(join(folder, 's.npy')).data).toEqual(Float64Array.of(Math.fround(0.1)));
  });

  it('name file and place of bad data', () => {
    expect(() => loadArray(file('r.json', '[[1,2],[3]]'))).toThrow(/r\.json: x\[1\]/);
    writeNpy(join(folder, 'n.npy'), Float64Array.of(1, 2, 3, Number.NaN), [2, 2]);
    expect(() => loadArray(join(folder, 'n.npy'))).toThrow(/holds NaN.*n\.npy: x\[1\]\[1\]/);
    writeNpy(join(folder, 'e.npy'), new Float64Array(0), [0, 3]);
    expect(() => loadArray(join(folder, 'e.npy'))).toThrow(/empty data: shape \(0, 3\)/);
    writeNpy(join(folder, 'z.npy'), Float64Array.of(1), []);
    expect(() => loadArray(join(folder, 'z.npy'))).toThrow(/a single number/);
  });
});
