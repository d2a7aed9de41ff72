/** The dashboard's files and data below /troupe/. */
import type { ActorNode } from '../../../actors/index.ts';
import type { StoreStatus } from '../../../state/index.ts';
import type { Supervision } from '../../../supervision/index.ts';
import type { Authorizer } from '../../auth/index.ts';
import { jsonResponse, utf8 } from '../../request.ts';
import { type CachedDocument, documentResponse } from '../cached-document.ts';
import { nothingHere, type PathHandler } from '../path-handler.ts';
import { supervisionAction } from './supervision-actions.ts';
import { maySeeEvents, supervisionFeed } from './supervision-feed.ts';

/** The files of the dashboard, by their path below /troupe/. */
export type StaticFiles = (path: string) => CachedDocument | undefined;

interface DashboardPorts {
  readonly supervision: Supervision;
  readonly files: StaticFiles;
  readonly tree: () => ActorNode;
  readonly status: () => StoreStatus;
  readonly authorize: Authorizer;
}

/** Nothing but the dashboard's own files may be loaded, run or framed. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const fileHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
  // A browser that was here once never asks without TLS again (RFC 6797).
  'strict-transport-security': 'max-age=31536000',
};

/**
 * /troupe/: the dashboard's files. Below /troupe/api/, each path a separate right (nonResourceURLs):
 *   GET feed             what changes in the supervision of all processes, as server-sent events, one tick a second
 *   GET replay           the last hour: its beginning and the ticks since
 *   GET tree?once=1      this member's tree as JSON; GET status: its store's state
 *   POST actors/restart  {process, address}
 *   POST actors/disturb  {process, address, how: "stall" or "duplicate", forMs}: for tests of a cluster; 0 ends it
 */
export function dashboardPaths(ports: DashboardPorts): PathHandler {
  const feed = supervisionFeed(ports);
  return (context) => {
    const { path } = context.info;
    if (path === '/troupe') return { status: 301, headers: { location: '/troupe/' }, body: utf8('') };
    if (!path.startsWith('/troupe/')) return undefined;
    if (path.startsWith('/troupe/api/')) return api(path.slice('/troupe/api/'.length));
    const file = ports.files(path === '/troupe/' ? 'index.html' : path.slice('/troupe/'.length));
    return file === undefined ? nothingHere() : documentResponse(context, file, fileHeaders);

    function api(name: string): ReturnType<PathHandler> {
      if (context.info.verb === 'post') return supervisionAction(ports.supervision, context, name);
      if (name === 'status') return jsonResponse(200, { store: ports.status() });
      if (name === 'tree') return jsonResponse(200, ports.tree());
      if (name === 'feed') return feed(context);
      if (name !== 'replay') return nothingHere();
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: utf8(ports.supervision.replay(maySeeEvents(ports.authorize, context.user))),
      };
    }
  };
}
