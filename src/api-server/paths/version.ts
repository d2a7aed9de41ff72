/** The path /version. */
import { methodNotAllowed } from '../../api/index.ts';
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

export function versionPath(version: VersionInfo): PathHandler {
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
  return ({ info, http }) => {
    if (info.path !== '/version' && info.path !== '/version/') return undefined;
    if (http.method !== 'GET' && http.method !== 'HEAD') throw methodNotAllowed();
    return jsonResponse(200, body);
  };
}
