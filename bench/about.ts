import { cpus, loadavg } from 'node:os';

/** What a kept result says of its run: date, machine, load of the last minute, command. */
export function about(script: string) {
  return {
    date: new Date().toISOString(),
    machine: `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`,
    load: Number(loadavg()[0]?.toFixed(1)),
    command: [script, ...process.argv.slice(2)].join(' '),
  };
}
