/** The path /version. */
import { methodNotAllowed } from '../../api/index.ts';
import type { Metrics } from '../../base/index.ts';
import { jsonResponse } from '../request.ts';
import type { PathHandler } from './path-handler.ts';

/** What /version tells; Kubernetes' version.Info. */
export interface VersionInfo {
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly buildDate: string;
  /** Of the program, shown as the compiler's version. */
  readonly runtime: string;
  readonly platform: string;
}

/** The metrics tell the version, too. */
export function versionPath(version: VersionInfo, metrics: Metrics): PathHandler {
  const body = {
    major: '1',
    minor: '33',
    emulationMajor: '1',
    emulationMinor: '33',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '32',
    gitVersion: version.gitVersion,
    gitCommit: version.gitCommit,
    gitTreeState: 'clean',
    buildDate: version.buildDate,
    goVersion: version.runtime,
    compiler: 'node',
    platform: version.platform,
  };
  metrics.gauge('kubernetes_build_info', 1, {
    major: body.major,
    minor: body.minor,
    git_version: body.gitVersion,
    git_commit: body.gitCommit,
    git_tree_state: body.gitTreeState,
    build_date: body.buildDate,
    go_version: body.goVersion,
    compiler: body.compiler,
    platform: body.platform,
  });
  return ({ info, http }) => {
    if (info.path !== '/version' && info.path !== '/version/') return undefined;
    if (http.method !== 'GET' && http.method !== 'HEAD') throw methodNotAllowed();
    return jsonResponse(200, body);
  };
}
