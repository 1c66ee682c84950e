export { reportHtml } from './report/index.ts';
export { verifyTable } from './table.ts';
export type { VerifiedKernel, VerifyOptions, VerifyProgress, VerifyReport } from './types.ts';
export { verify } from './verify.ts';
