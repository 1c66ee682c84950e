/** K_r of one finite network as a JavaScript module that carries the kernels it calls, on one thread. */
import { denseLayers, SAMPLES } from '../../../ir/hierarchy/index.ts';
import { mostPages, tensorModule } from '../../linear/index.ts';
import { commentLines } from '../../targets/comment.ts';
import { enclosed } from '../../targets/reference/index.ts';
import { encodeModule } from '../../targets/wasm/assembler/index.ts';
import { embeddedLines } from '../../targets/wasm/embedded.ts';
import type { HierarchyPlans } from '../plans.ts';
import { helperLines } from '../reference/helpers.ts';
import { tensorEngineSource } from './engine.generated.ts';
import { hierarchyWasmBody } from './module.ts';

/**
 * The names and signatures of the reference module, in float64, without dependencies, for Node and browsers. Same plans and
 * header, same bytes.
 */
export function generateHierarchyWasm(plans: HierarchyPlans, header: readonly string[]): string {
  const [plain, relaxed] = [false, true].map((fused) => encodeModule(tensorModule(fused, false)));
  const lines = [
    commentLines(header),
    '',
    hierarchyWasmBody(plans),
    ...exportLines(plans),
    ...helperLines(new Set(['requireLength'])),
    '',
    ...enclosed('TensorEngine', 'Contractions of tensors in one memory.', tensorEngineSource),
    ...embeddedLines('Packing, products of panels, sums: src/codegen/linear of ntkc.', plain!, relaxed!),
    'const kernels = await WebAssembly.compile(bytes);',
    '/** On one thread, in a memory of its own. */',
    'function newEngine() {',
    `  const memory = new WebAssembly.Memory({ initial: 1, maximum: ${mostPages} });`,
    '  const alone = { control: new Int32Array(4), thread: 0, threads: 1 };',
    '  return new TensorEngine(kernels, { memory, bytes: memory.buffer.byteLength, base: 0 }, alone);',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function exportLines({ program, contracted }: HierarchyPlans): readonly string[] {
  const { order, network } = program;
  return [
    '/**',
    ' * Values and derivatives at n samples x[n features], which the kernel is made of, in a memory of their own.',
    ' * parameters: {W, b} for each layer, W[o i] row-major and b[o], before their scales; output: which one f is.',
    ' */',
    `export function prepare(parameters, x, ${SAMPLES}, output = 0) {`,
    `  requireLength('x', x, ${SAMPLES} * features);`,
    '  const e = newEngine();',
    '  const tensors = [',
    ...denseLayers(network).flatMap(({ width, fanIn, bias }, l) => layerLines(l, width, fanIn, bias !== undefined)),
    '  ];',
    `  return { ...prepareOn(e, tensors, e.put(x, [${SAMPLES}, features]), output), e };`,
    '}',
    '',
    '/** A tensor of numbers from outside. */',
    'function given(e, name, values, shape) {',
    '  requireLength(name, values, shape.reduce((a, b) => a * b, 1));',
    '  return e.put(values, shape);',
    '}',
    '',
    '/** The numbers of a tensor that f makes, of which nothing is kept. */',
    'function valuesOf(e, f) {',
    '  const before = e.mark();',
    '  const values = e.values(f());',
    '  e.release(before);',
    '  return values;',
    '}',
    '',
    '/** K at one tuple of sample indices. */',
    'export function one(prepared, tuple) {',
    '  return valuesOf(prepared.e, () => oneOn(prepared.e, prepared, tuple))[0];',
    '}',
    '',
    '/** K at all tuples, row-major. */',
    'export function all(prepared) {',
    '  return valuesOf(prepared.e, () => allOn(prepared.e, prepared));',
    '}',
    ...(contracted === undefined ? [] : contractedLines(order)),
  ];
}

const layerLines = (l: number, width: number, fanIn: number, hasBias: boolean): readonly string[] => [
  '    {',
  `      W: given(e, 'parameters[${l}].W', parameters[${l}]?.W, [${width}, ${fanIn}]),`,
  ...(hasBias ? [`      b: given(e, 'parameters[${l}].b', parameters[${l}].b, [${width}]),`] : []),
  '    },',
];

const contractedLines = (order: number): readonly string[] => [
  '',
  '/** Σ K(α, β, γ, ..)·weights[γ ..] over all but the first two samples, [n n]. */',
  'export function contracted(prepared, weights) {',
  `  const { e, ${SAMPLES} } = prepared;`,
  `  const shape = [${Array.from({ length: order - 2 }, () => SAMPLES).join(', ')}];`,
  "  return valuesOf(e, () => contractedOn(e, prepared, given(e, 'weights', weights, shape)));",
  '}',
];
