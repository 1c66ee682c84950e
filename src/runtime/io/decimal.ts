/** A number in decimal digits, with or without an exponent: no hexadecimal, no Infinity, no digit separators. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

export const isDecimal = (text: string): boolean => decimal.test(text);
