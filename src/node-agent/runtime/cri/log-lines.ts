/** The lines of a container's log, as CRI runtimes write them. Pure. */
import type { OutputChunk } from '../runtime.ts';

/** `<time> <stdout|stderr> <tags> <text>`; the tag P: the text goes on in the stream's next line. */
interface LogLine {
  /** Wall-clock ms. */
  readonly at: number;
  /** RFC 3339 with nanoseconds, in UTC. */
  readonly stamp: string;
  readonly stream: OutputChunk['stream'];
  readonly isPartial: boolean;
  /** Without the end of the line. */
  readonly text: Uint8Array;
}

const space = 0x20;

/** Undefined for what is no such line: half of one, which a crash left, or another program's. */
export function parseLogLine(line: Uint8Array): LogLine | undefined {
  const first = line.indexOf(space);
  const second = line.indexOf(space, first + 1);
  const third = line.indexOf(space, second + 1);
  if (first <= 0 || second === -1 || third === -1) return undefined;
  const word = (from: number, to: number): string => Buffer.from(line.subarray(from, to)).toString('latin1');
  const time = word(0, first);
  const stream = word(first + 1, second);
  const at = Date.parse(time);
  if (Number.isNaN(at) || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
  return {
    at,
    stamp: stampOf(time, at),
    stream,
    isPartial: word(second + 1, third).split(':')[0] === 'P',
    text: line.subarray(third + 1),
  };
}

/** Runtimes write the machine's own zone; its fraction of a second is kept to the nanosecond. */
function stampOf(time: string, at: number): string {
  if (time.endsWith('Z')) return time;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '0';
  return `${new Date(at).toISOString().slice(0, 19)}.${fraction}Z`;
}

const newline = Uint8Array.of(0x0a);

/** What a reader gets of a line. `begins`: the line before it in its stream was whole. */
export function chunkOf(
  line: LogLine,
  options: { readonly timestamps: boolean; readonly begins: boolean },
): OutputChunk {
  const stamp = options.timestamps && options.begins ? Buffer.from(`${line.stamp} `) : new Uint8Array();
  return { stream: line.stream, data: Buffer.concat([stamp, line.text, line.isPartial ? new Uint8Array() : newline]) };
}

const lineBytesMax = 1024 * 1024;

/** Cuts bytes into lines, wherever they are cut themselves; what never ends is given up. */
export function lineCutter(): (bytes: Uint8Array) => readonly Uint8Array[] {
  let rest: Uint8Array = new Uint8Array();
  return (bytes) => {
    const lines: Uint8Array[] = [];
    let all = rest.byteLength === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (let end = all.indexOf(0x0a); end !== -1; end = all.indexOf(0x0a)) {
      lines.push(all.subarray(0, end));
      all = all.subarray(end + 1);
    }
    rest = all.byteLength > lineBytesMax ? new Uint8Array() : Uint8Array.from(all);
    return lines;
  };
}
