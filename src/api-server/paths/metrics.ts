/** The path /metrics. */
import type { PathHandler } from './path-handler.ts';
import { utf8 } from '../request.ts';

/** /metrics in the Prometheus text format; `render` makes the text. */
export function metricsPath(render: () => string | Promise<string>): PathHandler {
  return ({ info }) => {
    if (info.path !== '/metrics') return undefined;
    return respond(render);
  };
}

async function respond(
  render: () => string | Promise<string>,
): Promise<{ status: number; headers: Record<string, string>; body: Uint8Array }> {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: utf8(await render()),
  };
}
