/** WebAssembly modules as text in a JavaScript module. */

/**
 * Statements that define `bytes`: the module with relaxed SIMD where the machine has it, else the plain one.
 * @param what the modules are, for a comment
 */
export const embeddedLines = (what: string, plain: Uint8Array, relaxed: Uint8Array): readonly string[] => [
  'const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));',
  `/** ${what} */`,
  ...base64Lines('plain', plain),
  '/** The same with multiply-add in one rounding, for machines that have it. */',
  ...base64Lines('relaxed', relaxed),
  'const bytes = [relaxed, plain].map(bytesOf).find((module) => WebAssembly.validate(module));',
  "if (bytes === undefined) throw new Error('This machine has no WebAssembly SIMD.');",
];

const lineLength = 116;

function base64Lines(name: string, bytes: Uint8Array): readonly string[] {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const count = Math.ceil(text.length / lineLength);
  const lines = Array.from({ length: count }, (_, i) => text.slice(i * lineLength, (i + 1) * lineLength));
  return [`const ${name} = \``, ...lines, '`;'];
}
