/** Runs loads with wrk. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadResult, RequestLoad } from './request-load.ts';

const run = promisify(execFile);

/** Whether wrk (Debian's package of that name) is on this machine. */
export const hasWrk = (): boolean => spawnSync('wrk', ['--version']).error === undefined;

const quoted = (text: string): string => `[==[${text}]==]`;

/** The requests of a load, as wrk's Lua makes them; with one thread its counter is the load's. */
function script({
  method,
  path,
  body,
  contentType = 'application/json',
  token,
  first = 0,
  groups = 1,
  modulo,
}: RequestLoad): string {
  const type = body === undefined ? '' : `, ["Content-Type"] = ${quoted(contentType)}`;
  const headers = `{ ["Authorization"] = ${quoted(`Bearer ${token}`)}, ["Accept"] = "application/json"${type} }`;
  const fixed = body === undefined && !path.includes('{');
  const number = modulo === undefined ? `${first} + sent` : `${first} + sent % ${modulo}`;
  return `
local headers = ${headers}
local path = ${quoted(path)}
local body = ${body === undefined ? 'nil' : quoted(body)}
local sent = 0
local function filled(text, n)
  return (text:gsub("{n}", n):gsub("{g}", n % ${groups}):gsub("{m}", sent))
end
local fixed
function init()
  ${fixed ? `fixed = wrk.format(${quoted(method)}, path, headers)` : ''}
end
function request()
  if fixed then return fixed end
  local n = ${number}
  local made = wrk.format(${quoted(method)}, filled(path, n), headers, body and filled(body, n))
  sent = sent + 1
  return made
end
function done(summary, latency)
  local errors = summary.errors
  local failures = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\\n{"answers":%d,"failures":%d,"perSecond":%f,"p50Ms":%f,"p99Ms":%f}\\n',
    summary.requests, failures, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
`;
}

/**
 * A load of a given time by wrk, which costs a fifth of what request-load.ts costs: on a machine with few processors
 * the load no longer takes from the server what it measures.
 */
export async function wrkLoad(load: RequestLoad): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-wrk-'));
  try {
    const file = join(folder, 'load.lua');
    writeFileSync(file, script(load));
    const { stdout } = await run('wrk', [
      '--threads',
      '1',
      '--connections',
      String(load.connections),
      '--duration',
      `${Math.ceil(load.seconds)}s`,
      '--timeout',
      '30s',
      '--script',
      file,
      `${load.scheme ?? 'https'}://127.0.0.1:${load.port}/`,
    ]);
    const line = stdout.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
    return JSON.parse(line) as LoadResult;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
