import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GenerateOptions, generate } from './generate.ts';

const folder = mkdtempSync(join(tmpdir(), 'ntkc-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const net = join(folder, 'net.json');
writeFileSync(net, '{"ntkc":1,"input":{"shape":[3]},"layers":[{"op":"dense"},{"op":"erf"},{"op":"dense"}]}');

async function run(options: GenerateOptions): Promise<string> {
  let text = '';
  const terminal = { out: (more: string) => (text += more), err: () => {}, errIsTerminal: false };
  expect(await generate(net, options, terminal)).toBe(0);
  return text;
}

describe('generate --kernel k3', () => {
  it('prints or writes a module of the given width', async () => {
    const printed = await run({ kernel: 'k3', target: 'reference', width: 7, samples: 20 });
    expect(printed).toContain('m1 = 7');
    expect(printed).toContain('contracted, n = 20');
    const output = join(folder, 'k3.ts');
    const json = JSON.parse(await run({ kernel: 'k3', target: 'tfjs', width: 7, output, json: true }));
    expect(json).toMatchObject({ kernel: 'k3', target: 'tfjs', output });
    expect(readFileSync(output, 'utf8')).toContain("from '@tensorflow/tfjs-core'");
  });

  it('takes options of finite networks for kernels of the hierarchy only', async () => {
    await expect(run({ kernel: 'ntk', target: 'tfjs', width: 7, maxTerms: 5 })).rejects.toThrow(
      /--width and --max-terms for --kernel ntk. .*Expected --kernel k2 to k8/,
    );
    await expect(run({ kernel: 'k4', target: 'tfjs', maxTerms: 5 })).rejects.toThrow(/K4 .* is too large/);
  });
});
