export interface VerifyProgress {
  /** e.g. "laws", "networks of width 256". */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}
