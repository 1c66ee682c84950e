export { encodeModule } from './encode.ts';
export type { Instruction, ValueType, Variable, WasmFunction, WasmModule } from './module.ts';
export { joined, memoryImport } from './module.ts';
export { type OpName, opcodes } from './opcodes.ts';
export { printModule } from './text.ts';
