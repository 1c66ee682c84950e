/** The emitted tfjs modules as a reader meets them: review a change of test/golden like a change of code. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project, type SourceFile, ts } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import { generateTfjs } from '../src/codegen/targets/tfjs/index.ts';
import { derive } from '../src/derive/index.ts';
import type { LayerInput } from '../src/ir/arch/index.ts';
import type { KernelName } from '../src/ir/program/index.ts';
import {
  aggregate,
  avgPool,
  conv,
  convLocal,
  convTranspose,
  dense,
  elementwise,
  flatten,
  gelu,
  globalAvgPool,
  layerNorm,
  leakyRelu,
  network,
  networkToJson,
  relu,
  repeat,
  sum,
} from '../src/ops/vocabulary.ts';
import { repoRoot } from './support/cli.ts';

const hidden = (depth: number, activation: () => LayerInput): readonly LayerInput[] =>
  Array.from({ length: depth }, () => [dense({ wStd: 1.5, bStd: 0.1 }), activation()]).flat();
const mlp5 = [...hidden(5, relu), dense()];
const tanh = () => elementwise('tanh(x)');
const clip = () => elementwise('min(max(x, -1), 1)');

const cnn = (fields: object = {}): LayerInput => conv({ kernel: [3, 3], wStd: 1.5, bStd: 0.1, ...fields });

const attention: LayerInput = { op: 'selfAttention', mechanism: 'softmax', scaling: 'linear' };

type Case = readonly [name: string, kernel: KernelName, layers: readonly LayerInput[], shape?: readonly number[]];
const modules: readonly Case[] = [
  ['relu-mlp-5', 'ntk', mlp5],
  ['relu-mlp-5', 'wntk', mlp5],
  ['relu-mlp-2', 'layerwise', [...hidden(2, relu), dense()]],
  ['residual', 'ntk', [dense(), sum([[], [relu(), dense({ wStd: 1.4, bStd: 0.2 })]]), relu(), dense()]],
  ['gelu-mlp-2', 'nngp', [...hidden(2, gelu), dense()]],
  ['tanh-mlp-2', 'ntk', [...hidden(2, tanh), dense()]],
  // Formulas with kinks, several formulas, and statements without a tensor in them.
  ['mixed-formulas', 'wntk', [...hidden(1, tanh), ...hidden(1, clip), dense({ wStd: 0 }), relu(), dense()]],
  ['kinks', 'ntk', [...hidden(1, clip), ...hidden(1, tanh), dense()]],
  // Lists longer than a line.
  ['deep', 'wntk', [...hidden(24, relu), dense()]],
  ['deep', 'layerwise', [...hidden(24, relu), dense()]],
  ['deep-formulas', 'nngp', [...hidden(12, tanh), dense()]],
  [
    'deep-residual',
    'wntk',
    [dense(), ...Array.from({ length: 8 }, () => sum([[], [tanh(), dense()]])), clip(), dense()],
  ],
  ['linear', 'wntk', [dense({ wStd: 2, bStd: 0.5 })]],
  // Positions: p = p' alone, all pairs of them, tables without a pattern, formulas, and what comes with inputs.
  ['cnn-flatten', 'ntk', [cnn(), relu(), cnn(), relu(), flatten(), dense()], [8, 8, 3]],
  [
    'cnn-pooled',
    'ntk',
    [cnn(), relu(), avgPool({ window: [2, 2] }), cnn({ padding: 'circular' }), relu(), globalAvgPool(), dense()],
    [8, 8, 3],
  ],
  ['cnn-weighted', 'wntk', [cnn(), tanh(), cnn({ strides: [2, 2] }), clip(), globalAvgPool(), dense()], [6, 6, 1]],
  ['cnn-layers', 'layerwise', [cnn(), relu(), convLocal({ kernel: [3, 3] }), relu(), flatten(), dense()], [6, 6, 3]],
  ['cnn-resized', 'ntk', [cnn(), { op: 'imageResize', shape: [13, 11] }, flatten(), dense()], [9, 9, 3]],
  [
    'transposed',
    'nngp',
    [convTranspose({ kernel: [5, 5], strides: [2, 3] }), relu(), globalAvgPool(), dense()],
    [7, 7, 1],
  ],
  ['cnn-bias-alone', 'ntk', [cnn({ wStd: 0 }), relu(), cnn(), globalAvgPool(), dense()], [5, 5, 3]],
  ['graph-formula', 'wntk', [dense(), aggregate(), tanh(), dense(), globalAvgPool(), dense()], [10, 3]],
  ['graph', 'ntk', [dense(), aggregate(), relu(), dense(), globalAvgPool(), dense()], [10, 3]],
  ['attention', 'ntk', [dense(), attention, globalAvgPool(), dense()], [10, 3]],
  // Layers that repeat, at p = p' alone and at all pairs, with formulas, residual blocks, attention.
  ['cnn-20', 'wntk', [cnn(), repeat(20, [relu(), cnn()]), globalAvgPool(), dense()], [8, 8, 3]],
  ['cnn-20-flatten', 'ntk', [cnn(), repeat(20, [relu(), cnn()]), flatten(), dense()], [8, 8, 3]],
  ['cnn-formulas', 'ntk', [cnn(), repeat(6, [tanh(), cnn(), clip(), cnn()]), globalAvgPool(), dense()], [6, 6, 1]],
  ['cnn-formulas', 'wntk', [cnn(), repeat(6, [tanh(), cnn()]), tanh(), flatten()], [6, 6, 1]],
  ['graph-formulas', 'ntk', [dense(), repeat(4, [aggregate(), tanh(), dense()]), globalAvgPool()], [10, 3]],
  ['cnn-residual', 'nngp', [cnn(), repeat(8, [sum([[], [relu(), cnn()]])]), globalAvgPool(), dense()], [6, 6, 1]],
  [
    'transformer',
    'wntk',
    [dense(), repeat(5, [sum([[], [layerNorm(), attention]]), layerNorm(), relu(), dense()]), globalAvgPool()],
    [10, 3],
  ],
  ['leaky', 'nngp', [...hidden(1, () => leakyRelu({ slope: 0.2 })), dense()]],
];
const kept = new Set([
  ...['relu-mlp-5.ntk', 'relu-mlp-5.wntk', 'residual.ntk', 'gelu-mlp-2.nngp', 'tanh-mlp-2.ntk'],
  ...['cnn-flatten.ntk', 'cnn-pooled.ntk', 'cnn-20.wntk'],
]);

function emit(name: string, kernel: KernelName, layers: readonly LayerInput[], shape: readonly number[] = [7]): string {
  const net = network({ name, input: { shape: [...shape] }, layers: [...layers] });
  return generateTfjs(derive(net, kernel).program, networkToJson(net).trimEnd().split('\n'));
}

describe('emitted tfjs modules', () => {
  it.for(modules.filter(([name, kernel]) => kept.has(`${name}.${kernel}`)))(
    '%s %s reads as reviewed',
    async ([name, kernel, layers, shape]) => {
      const text = emit(name, kernel, layers, shape);
      expect(emit(name, kernel, layers, shape)).toBe(text);
      await expect(text).toMatchFileSnapshot(`golden/${name}.${kernel}.ts`);
    },
  );

  it('are TypeScript under the strictest settings', () => {
    const folder = join(repoRoot, '.out/tfjs-types');
    mkdirSync(folder, { recursive: true });
    const { config } = ts.readConfigFile(join(repoRoot, 'tsconfig.json'), (file) => readFileSync(file, 'utf8'));
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, repoRoot);
    const project = new Project({
      compilerOptions: { ...options, types: [], noPropertyAccessFromIndexSignature: true },
    });
    for (const [name, kernel, layers, shape] of modules) {
      const file = join(folder, `${name}.${kernel}.ts`);
      writeFileSync(file, emit(name, kernel, layers, shape));
      project.addSourceFileAtPath(file);
    }
    const found = (of: Pick<Project, 'getPreEmitDiagnostics'>) =>
      of
        .getPreEmitDiagnostics()
        .map((d) => `${d.getSourceFile()?.getBaseName()}: ${JSON.stringify(d.getMessageText())}`);
    expect(found(project)).toEqual([]);
    // The check can fail.
    const [one] = project.getSourceFiles() as [SourceFile];
    one.addStatements('export const wrong: number = ntk;');
    expect(found(one)).not.toEqual([]);
  });

  it('have lines of at most 120 characters, the network as it was declared aside', () => {
    for (const [name, kernel, layers, shape] of modules)
      expect(
        emit(name, kernel, layers, shape)
          .split('\n')
          .filter((l) => [...l].length > 120 && !l.startsWith(' *     { "op"')),
      ).toEqual([]);
  });

  it('hold no text of the user outside comments', () => {
    const name = 'x */ process.exit(3); /*\n evil(); \u2028 evil2() `1`';
    const program = derive(network({ name, input: { shape: [7] }, layers: [dense()] }), 'wntk').program;
    const evil = { ...program, weights: program.weights.map((w) => ({ ...w, path: 'a\nevil(); */ evil()' })) };
    const text = generateTfjs(evil, [name]);
    const file = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true }).createSourceFile('x.ts', text);
    const code = file
      .getStatements()
      .map((s) => s.getText().replaceAll(/\/\/.*$|\/\*[\s\S]*?\*\//gm, ''))
      .join('\n');
    expect(text).toContain('evil()');
    expect(code).not.toMatch(/evil|process/);
    expect(file.getStatements()[0]?.getText()).toBe("import * as tf from '@tensorflow/tfjs-core';");
  });
});
