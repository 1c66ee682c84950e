import { NtkcError } from '../../errors.ts';

/** JSON.parse whose failure is an NtkcError naming the file and, where the engine tells, line and column. */
export function parseJson(text: string, file: string): unknown {
  if (text.trim() === '') {
    throw new NtkcError({ what: 'the file is empty', where: file, expected: 'JSON', next: 'Write the file again.' });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const place = /\(line (\d+) column (\d+)\)/.exec(reason);
    const position = /at position (\d+)/.exec(reason)?.[1];
    const atEnd = position !== undefined && Number(position) >= text.trimEnd().length;
    const cutOff = atEnd || /end of JSON input|Unterminated string/.test(reason);
    throw new NtkcError({
      what: cutOff
        ? 'the JSON is cut off: it ends inside a value'
        : `not valid JSON: ${reason.replace(/ in JSON at .*$/, '')}`,
      where: place === null ? file : `${file}, line ${place[1]}, column ${place[2]}`,
      next: cutOff
        ? 'Write or copy the file again.'
        : 'Correct it there (JSON knows no NaN, Infinity, comments or trailing commas).',
    });
  }
}
