/** The text format (.wat), from the same instructions as the bytes. */
import { type Instruction, memoryImport, type WasmFunction, type WasmModule } from './module.ts';
import { opcodes } from './opcodes.ts';

export function printModule({ head, memory, functions, data }: WasmModule): string {
  const limits = `${memory.minimumPages} ${memory.maximumPages}${memory.shared ? ' shared' : ''}`;
  return [
    ...head.map((line) => `;; ${line}`.trimEnd()),
    '(module',
    `  (import ${memoryImport.map((name) => JSON.stringify(name)).join(' ')} (memory ${limits}))`,
    ...functions.flatMap((f) => printFunction(f, functions).map((line) => `  ${line}`)),
    ...(data === undefined ? [] : [`  (data (i32.const ${data.offset}) "${[...data.bytes].map(hexByte).join('')}")`]),
    ')',
    '',
  ].join('\n');
}

const hexByte = (byte: number) => `\\${byte.toString(16).padStart(2, '0')}`;

function printFunction(f: WasmFunction, all: readonly WasmFunction[]): readonly string[] {
  const parameters = f.parameters.map(({ name, type }) => ` (param $${name} ${type})`).join('');
  const results = f.results.map((type) => ` (result ${type})`).join('');
  const variables = [...f.parameters, ...f.locals].map(({ name }) => `$${name}`);
  let depth = 1;
  const body = f.body.map((instruction) => {
    const [op] = instruction;
    if (op === 'end' || op === 'else') depth--;
    const line = `${'  '.repeat(depth)}${printInstruction(instruction, variables, all)}`;
    if (op !== ';;' && (opcodes[op].immediate === 'block' || op === 'else')) depth++;
    return line;
  });
  return [
    `(func $${f.name} (export "${f.name}")${parameters}${results}`,
    ...f.locals.map(({ name, type }) => `  (local $${name} ${type})`),
    ...body,
    ')',
  ];
}

function printInstruction(
  instruction: Instruction,
  variables: readonly string[],
  functions: readonly WasmFunction[],
): string {
  if (instruction[0] === ';;') return instruction.join(' ');
  const [op, ...given] = instruction;
  const { immediate } = opcodes[op];
  if (immediate === 'none') return op;
  if (op.startsWith('local.')) return `${op} ${variables[given[0] as number]}`;
  if (op === 'call') return `${op} $${functions[given[0] as number]?.name}`;
  if (immediate === 'block') return given.length === 0 ? op : `${op} (result ${given[0]})`;
  if (immediate === 'memory') return given[0] ? `${op} offset=${given[0]}` : op;
  if (immediate === 'v128') return `${op} ${bits(given as readonly bigint[])}`;
  if (immediate === 'f64' || immediate === 'f32') return `${op} ${float(given[0] as number)}`;
  return [op, ...given].join(' ');
}

/** Two float64 where they print without loss, else their bits. */
function bits(lanes: readonly bigint[]): string {
  const values = [...new Float64Array(BigUint64Array.from(lanes).buffer)];
  if (values.every(Number.isFinite)) return `f64x2 ${values.map(float).join(' ')}`;
  return `i64x2 ${lanes.map((b) => `0x${b.toString(16)}`).join(' ')}`;
}

function float(v: number): string {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
  return Object.is(v, -0) ? '-0' : String(v);
}
