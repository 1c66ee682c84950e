/** Where a command writes: results to `out`, notes and errors to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Someone watches stderr, so progress bars make sense. */
  readonly errIsTerminal: boolean;
}

/** One line for the user that is not part of the result. */
export const note = (terminal: Terminal, text: string): void => terminal.err(`${text}\n`);

export const printJson = (terminal: Terminal, value: unknown): void => terminal.out(`${JSON.stringify(value)}\n`);
