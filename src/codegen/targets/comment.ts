/** Lines as a block comment that no text in them can close. */
export function commentLines(lines: readonly string[]): string {
  const safe = lines.flatMap((l) => l.split(/\r\n|[\r\n\u2028\u2029]/)).map((l) => l.replaceAll('*/', '* /'));
  return ['/*', ...safe.map((l) => ` * ${l}`.trimEnd()), ' */'].join('\n');
}
