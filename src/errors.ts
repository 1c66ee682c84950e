/**
 * Every failure a user can cause is an NtkcError: what went wrong, where, what was expected, and what to do next.
 * The command line prints it as one line and exits with 2; a program catches it by class.
 */
export interface Complaint {
  /** What is wrong, e.g. "relu: its input is not Gaussian". */
  readonly what: string;
  /** Where: a path inside the network or file, e.g. "layers[3].wStd" or "data.csv, line 7, column age". */
  readonly where?: string;
  /** What would have been right, e.g. "a number >= 0". */
  readonly expected?: string;
  /** What the user can do now, e.g. "Insert dense() before it." */
  readonly next?: string;
}

export class NtkcError extends Error {
  override readonly name = 'NtkcError';
  readonly what: string;
  readonly where: string | undefined;
  readonly expected: string | undefined;
  readonly next: string | undefined;

  constructor(complaint: Complaint) {
    super(oneLine(complaint));
    this.what = complaint.what;
    this.where = complaint.where;
    this.expected = complaint.expected;
    this.next = complaint.next;
  }

  /** The same complaint, with the file (or folder) it is about put before the place inside it. */
  inFile(file: string): NtkcError {
    const where = this.where === undefined ? file : `${file}: ${this.where}`;
    return new NtkcError({ ...this.complaint(), where });
  }

  complaint(): Complaint {
    return {
      what: this.what,
      ...(this.where !== undefined && { where: this.where }),
      ...(this.expected !== undefined && { expected: this.expected }),
      ...(this.next !== undefined && { next: this.next }),
    };
  }
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

function oneLine({ what, where, expected, next }: Complaint): string {
  const parts = [
    sentence(what),
    where === undefined ? '' : sentence(`At ${where}`),
    expected === undefined ? '' : sentence(`Expected ${expected}`),
    next === undefined ? '' : sentence(next),
  ];
  // Quoted user input may hold line breaks; the promise is one line.
  return parts.filter(Boolean).join(' ').replace(/\s+/g, ' ');
}

/** A place inside a JSON value: ('x', [3, 'a', 1]) gives "x[3].a[1]"; an empty root is left out. */
export function jsonPath(root: string, keys: readonly PropertyKey[]): string {
  const tail = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return root === '' ? tail.replace(/^\./, '') : root + tail;
}

/** Several names in a sentence: a, b and c. */
export const listed = (names: readonly string[]): string =>
  names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
