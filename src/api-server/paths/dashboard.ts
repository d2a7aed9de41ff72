import type { ActorNode } from '../../actors/index.ts';
import type { Timers } from '../../base/index.ts';
import type { StoreStatus } from '../../state/index.ts';
import { type ApiHttpResponse, type BodySink, jsonResponse, utf8 } from '../request.ts';
import { type CachedDocument, documentResponse } from './cached-document.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

/** The files of the dashboard, by their path below /troupe/. */
export type StaticFiles = (path: string) => CachedDocument | undefined;

export interface DashboardPorts {
  readonly files: StaticFiles;
  readonly tree: () => ActorNode;
  readonly status: () => StoreStatus;
  readonly timers: Timers;
}

/** Nothing but the dashboard's own files may be loaded, run or framed. */
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const fileHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
const feedPeriodMs = 1_000;

/**
 * /troupe/: the dashboard's files. /troupe/api/tree: the supervision tree, as server-sent events `tree` and `status` each second
 * while something changes (`?once=1`: as JSON, once). /troupe/api/status: the store's state.
 */
export function dashboardPaths(ports: DashboardPorts): PathHandler {
  return (context) => {
    const { path } = context.info;
    if (path === '/troupe') return { status: 301, headers: { location: '/troupe/' }, body: utf8('') };
    if (!path.startsWith('/troupe/')) return undefined;
    if (path === '/troupe/api/status') return jsonResponse(200, { store: ports.status() });
    if (path === '/troupe/api/tree') return context.query.flag('once') ? jsonResponse(200, ports.tree()) : feed(ports);
    if (path.startsWith('/troupe/api/')) return nothingHere();
    const file = ports.files(path === '/troupe/' ? 'index.html' : path.slice('/troupe/'.length));
    return file === undefined ? nothingHere() : documentResponse(context, file, fileHeaders);
  };
}

function feed(ports: DashboardPorts): ApiHttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
    body: (sink: BodySink) => {
      let shown = '';
      const send = (): void => {
        const text = `event: tree\ndata: ${JSON.stringify(ports.tree())}\n\nevent: status\ndata: ${JSON.stringify(ports.status())}\n\n`;
        // An unchanged tree is a comment line, so that the reader sees that the feed lives.
        const news = text === shown ? ':\n\n' : text;
        shown = text;
        if (!sink.write(utf8(news))) sink.end();
      };
      const timer = ports.timers.every(feedPeriodMs, send);
      sink.onClose(() => { timer.cancel(); });
      send();
    },
  };
}
