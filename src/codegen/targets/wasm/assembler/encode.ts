/** The binary format: sections of a module. */
import { Bytes } from './bytes.ts';
import { type Instruction, memoryImport, type ValueType, type WasmFunction, type WasmModule } from './module.ts';
import { opcodes } from './opcodes.ts';

const typeCode: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const emptyBlock = 0x40;

export function encodeModule({ functions, memory, data }: WasmModule): Uint8Array<ArrayBuffer> {
  const signatures = functions.map(({ parameters, results }) => `${parameters.map((p) => p.type)}:${results}`);
  const types = [...new Set(signatures)];
  const out = new Bytes();
  out.append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  section(out, 1, types, (type, to) => functionType(functions[signatures.indexOf(type)] as WasmFunction, to));
  section(out, 2, [memory], importedMemory);
  section(out, 3, signatures, (signature, to) => to.unsigned(types.indexOf(signature)));
  section(out, 7, functions, ({ name }, to, index) => {
    text(name, to);
    to.byte(0x00);
    to.unsigned(index);
  });
  section(out, 10, functions, (f, to) => to.sized((code) => functionBody(f, code)));
  if (data !== undefined) section(out, 11, [data], dataSegment);
  return out.done();
}

/** A section that is a list: its identifier, its bytes, how many items, each item. */
function section<T>(out: Bytes, id: number, items: readonly T[], write: (item: T, to: Bytes, index: number) => void) {
  out.byte(id);
  out.sized((content) => {
    content.unsigned(items.length);
    for (const [i, item] of items.entries()) write(item, content, i);
  });
}

function text(s: string, to: Bytes): void {
  to.sized((content) => content.append(new TextEncoder().encode(s)));
}

function importedMemory({ shared, minimumPages, maximumPages }: WasmModule['memory'], to: Bytes): void {
  for (const name of memoryImport) text(name, to);
  to.byte(0x02);
  to.byte(shared ? 3 : 1);
  to.unsigned(minimumPages);
  to.unsigned(maximumPages);
}

/** An active segment of memory 0. */
function dataSegment({ offset, bytes }: NonNullable<WasmModule['data']>, to: Bytes): void {
  to.byte(0x00);
  encodeInstruction(['i32.const', offset], to);
  encodeInstruction(['end'], to);
  to.unsigned(bytes.length);
  to.append(bytes);
}

function functionType({ parameters, results }: WasmFunction, to: Bytes): void {
  to.byte(0x60);
  for (const types of [parameters.map((p) => p.type), results]) {
    to.unsigned(types.length);
    for (const type of types) to.byte(typeCode[type]);
  }
}

function functionBody({ locals, body }: WasmFunction, to: Bytes): void {
  const groups: { count: number; readonly type: ValueType }[] = [];
  for (const { type } of locals) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ count: 1, type });
  }
  to.unsigned(groups.length);
  for (const { count, type } of groups) {
    to.unsigned(count);
    to.byte(typeCode[type]);
  }
  for (const instruction of body) encodeInstruction(instruction, to);
  encodeInstruction(['end'], to);
}

/** Appends one instruction. */
function encodeInstruction(instruction: Instruction, to: Bytes): void {
  if (instruction[0] === ';;') return;
  const { bytes, immediate, align } = opcodes[instruction[0]];
  for (const byte of bytes) to.byte(byte);
  const first = instruction[1];
  switch (immediate) {
    case 'none':
      break;
    case 'index':
      to.unsigned(first as number);
      break;
    case 'lane':
    case 'lanes16':
      to.append(instruction.slice(1) as readonly number[]);
      break;
    case 'block':
      to.byte(first === undefined ? emptyBlock : typeCode[first as ValueType]);
      break;
    case 'memory':
      to.byte(align);
      to.unsigned((first ?? 0) as number);
      break;
    case 'i32':
      to.signed(first as number);
      break;
    case 'i64':
      to.signedLong(first as bigint);
      break;
    case 'f32':
      to.float32(first as number);
      break;
    case 'f64':
      to.float64(first as number);
      break;
    case 'v128':
      to.bits64(first as bigint);
      to.bits64(instruction[2] as bigint);
      break;
  }
}
