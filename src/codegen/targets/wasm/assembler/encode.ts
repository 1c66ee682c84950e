/** The binary format: sections of a module, LEB128 numbers, little-endian floats. */
import { type Instruction, memoryImport, type ValueType, type WasmFunction, type WasmModule } from './module.ts';
import { opcodes, unsigned } from './opcodes.ts';

const typeCode: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const emptyBlock = 0x40;

export function encodeModule(module: WasmModule): Uint8Array<ArrayBuffer> {
  const { functions, memory } = module;
  const typeOf = functions.map(({ parameters, results }) =>
    functionType(
      parameters.map((p) => p.type),
      results,
    ),
  );
  const types = new Map(typeOf.map((type) => [type.join(), type]));
  const limits = [memory.shared ? 3 : 1, ...unsigned(memory.minimumPages), ...unsigned(memory.maximumPages)];
  const imports = vectorOf([[...memoryImport.flatMap(text), 0x02, ...limits]]);
  const declared = vectorOf(typeOf.map((type) => unsigned([...types.keys()].indexOf(type.join()))));
  const exported = vectorOf(functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]));
  const code = vectorOf(functions.map(functionBody));
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, vectorOf([...types.values()])),
      section(2, imports),
      section(3, declared),
      section(7, exported),
      section(10, code),
      ...(module.data === undefined ? [] : [section(11, vectorOf([dataSegment(module.data)]))]),
    ].flat(),
  );
}

const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
const vectorOf = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const text = (s: string) => {
  const bytes = new TextEncoder().encode(s);
  return [...unsigned(bytes.length), ...bytes];
};
/** An active segment of memory 0. */
const dataSegment = ({ offset, bytes }: NonNullable<WasmModule['data']>) => [
  0x00,
  ...opcodes['i32.const'].bytes,
  ...signed(BigInt(offset)),
  ...opcodes.end.bytes,
  ...unsigned(bytes.length),
  ...bytes,
];
const functionType = (parameters: readonly ValueType[], results: readonly ValueType[]) => [
  0x60,
  ...vectorOf(parameters.map((t) => [typeCode[t]])),
  ...vectorOf(results.map((t) => [typeCode[t]])),
];

function functionBody({ locals, body }: WasmFunction): readonly number[] {
  const groups: { count: number; readonly type: ValueType }[] = [];
  for (const { type } of locals) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ count: 1, type });
  }
  const bytes: number[] = [...vectorOf(groups.map(({ count, type }) => [...unsigned(count), typeCode[type]]))];
  for (const instruction of body) encodeInstruction(instruction, bytes);
  bytes.push(...opcodes.end.bytes);
  return [...unsigned(bytes.length), ...bytes];
}

/** Appends one instruction. */
export function encodeInstruction(instruction: Instruction, out: number[]): void {
  if (instruction[0] === ';;') return;
  const [name, ...given] = instruction;
  const { bytes, immediate, align } = opcodes[name];
  out.push(...bytes);
  const first = given[0] as number;
  switch (immediate) {
    case 'none':
      break;
    case 'index':
      out.push(...unsigned(first));
      break;
    case 'lane':
    case 'lanes16':
      out.push(...(given as readonly number[]));
      break;
    case 'block':
      out.push(given.length === 0 ? emptyBlock : typeCode[given[0] as ValueType]);
      break;
    case 'memory':
      out.push(align, ...unsigned(first ?? 0));
      break;
    case 'i32':
      out.push(...signed(BigInt(first)));
      break;
    case 'i64':
      out.push(...signed(given[0] as bigint));
      break;
    case 'f32':
      out.push(...new Uint8Array(Float32Array.of(first).buffer));
      break;
    case 'f64':
      out.push(...new Uint8Array(Float64Array.of(first).buffer));
      break;
    case 'v128':
      out.push(...new Uint8Array(BigUint64Array.from(given as readonly bigint[]).buffer));
      break;
  }
}

/** LEB128 of a signed number. */
function signed(value: bigint): readonly number[] {
  const out: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    out.push(done ? low : low | 0x80);
    if (done) return out;
  }
}
