/** Formulas in the comments of an emitted module, and the digits of its constants. */
import { type Expr, layoutScalar } from '../../../ir/scalar/index.ts';

/** An expression as a reader writes it, in the module's own names: (s1 + sigma1·(π − angle1))/(2π). */
export const mathText = (e: Expr): string => layoutScalar(e, 'text');

/** A constant, cut to 12 digits: float32 keeps 7, and 2.25 reads better than 2.2500000000000004. */
export const numberText = (value: number): string => String(Number(value.toPrecision(12)));
