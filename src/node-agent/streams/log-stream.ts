/** Streams a container's log to a door. */
import type { Clock } from '../../base/index.ts';
import type { LogOptions } from '../../protocol/index.ts';
import type { ContainerRuntime, ReadLogs } from '../runtime/index.ts';
import type { StreamLink } from './stream-link.ts';

/** PodLogOptions as the engine is asked. */
export function readLogsOf(options: LogOptions, now: number): ReadLogs {
  const since =
    options.sinceSeconds !== undefined
      ? now - options.sinceSeconds * 1000
      : options.sinceTime === undefined
        ? undefined
        : Date.parse(options.sinceTime);
  return {
    follow: options.follow ?? false,
    timestamps: options.timestamps ?? false,
    tailLines: options.tailLines,
    since: since === undefined || Number.isNaN(since) ? undefined : since,
  };
}

/** Sends a container's log on channel 1, both of its streams in their order, at most `limitBytes`. */
export async function sendLogs(
  ports: { readonly runtime: Pick<ContainerRuntime, 'logs'>; readonly clock: Clock },
  link: StreamLink,
  container: { readonly id: string; readonly options: LogOptions },
): Promise<void> {
  const { options } = container;
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const output = await ports.runtime.logs(container.id, readLogsOf(options, ports.clock.now()));
  link.onEnd(() => {
    output.close();
  });
  // The end may have come while the engine was asked; a silent log would stay open for good.
  if (link.over) output.close();
  for await (const chunk of output) {
    const data = chunk.data.subarray(0, left);
    left -= data.byteLength;
    if (!(await link.send(1, data)) || left <= 0) break;
  }
  output.close();
  link.end();
}
