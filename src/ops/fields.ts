import { z } from 'zod';

/** A finite real number. */
export const real = z.number();
/** A standard deviation: finite, not negative. */
export const std = z.number().min(0);
export const count = z.int().positive();
