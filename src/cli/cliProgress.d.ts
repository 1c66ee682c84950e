/** The part of cli-progress that ntkc uses; the package brings no types. */
declare module 'cli-progress' {
  interface BarOptions {
    readonly format: string;
    readonly barsize: number;
    readonly barCompleteChar: string;
    readonly barIncompleteChar: string;
    readonly clearOnComplete: boolean;
    readonly fps: number;
    readonly stream: NodeJS.WritableStream;
  }
  type Payload = Readonly<Record<string, string | number>>;
  class SingleBar {
    constructor(options: BarOptions);
    start(total: number, done: number, payload?: Payload): void;
    update(done: number, payload?: Payload): void;
    getTotal(): number;
    setTotal(total: number): void;
    stop(): void;
  }
  const cliProgress: { readonly SingleBar: typeof SingleBar };
  export = cliProgress;
}
