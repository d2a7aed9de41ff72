/** One try of a probe or a lifecycle hook. */
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { bareHost, delay, errorMessage, joinHostPort, type Timers } from '../../base/index.ts';
import type { Container, HTTPGetAction, LifecycleHandler, Probe, TCPSocketAction } from '../../api/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import { connectMessage } from './connect-message.ts';
import { runGrpc } from './grpc-probe.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** How a container is asked. */
interface ProbeTarget {
  readonly containerId: string;
  readonly container: Container;
  readonly podIp: string;
}

export interface ProbePorts {
  readonly runtime: Pick<ContainerRuntime, 'exec'>;
  readonly timers: Timers;
}

const outputBytesMax = 10 * 1024;

/**
 * One run of a lifecycle hook; never rejects. As with a kubelet, whatever a server answers is a success: only one that
 * does not answer fails the hook.
 */
export function runHook(
  ports: ProbePorts,
  target: ProbeTarget,
  handler: LifecycleHandler,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  return runHandler(ports, target, { ...handler, isHook: true }, timeoutMs);
}

/** A probe, or a hook. */
type Asked = LifecycleHandler & Pick<Probe, 'grpc'> & { readonly isHook?: boolean | undefined };

/** One try of a probe; never rejects. Messages are the kubelet's. */
export async function runHandler(
  ports: ProbePorts,
  target: ProbeTarget,
  handler: Asked,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const { httpGet, isHook = false } = handler;
  try {
    if (handler.exec !== undefined) return await runExec(ports, target, handler.exec.command ?? [], timeoutMs);
    if (httpGet !== undefined) return await runHttp(ports, target, { action: httpGet, timeoutMs, isHook });
    if (handler.tcpSocket !== undefined) return await runTcp(target, handler.tcpSocket, timeoutMs);
    if (handler.grpc !== undefined) return await runGrpc(target.podIp, handler.grpc, timeoutMs);
    if (handler.sleep !== undefined)
      await delay(ports.timers, Math.min((handler.sleep.seconds ?? 0) * 1000, timeoutMs));
    return { passed: true, message: '' };
  } catch (error) {
    return { passed: false, message: errorMessage(error), unknown: true };
  }
}

async function runExec(
  ports: ProbePorts,
  target: ProbeTarget,
  command: readonly string[],
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const session = await ports.runtime.exec(target.containerId, {
    command,
    stdin: false,
    stdout: true,
    stderr: true,
    terminal: false,
  });
  let timedOut = false;
  const timer = ports.timers.after(timeoutMs, () => {
    timedOut = true;
    session.close();
  });
  let output = '';
  try {
    for await (const { data } of session.output)
      if (output.length < outputBytesMax) output += Buffer.from(data).toString('utf8');
  } finally {
    timer.cancel();
  }
  if (timedOut)
    return { passed: false, message: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s` };
  const exitCode = await session.exitCode();
  return { passed: exitCode === 0, message: output };
}

/** A port by number or by its name in the container. */
function portOf(container: Container, port: number | string): number {
  const number =
    typeof port === 'number'
      ? port
      : /^\d+$/.test(port)
        ? Number(port)
        : container.ports?.find(({ name }) => name === port)?.containerPort;
  if (number === undefined) throw new Error(`couldn't find port: ${String(port)}`);
  return number;
}

async function runHttp(
  ports: ProbePorts,
  target: ProbeTarget,
  ask: { readonly action: HTTPGetAction; readonly timeoutMs: number; readonly isHook: boolean },
): Promise<ProbeOutcome> {
  const { action, timeoutMs, isHook } = ask;
  const port = portOf(target.container, action.port);
  const host = action.host === undefined || action.host === '' ? target.podIp : action.host;
  const path = action.path === undefined ? '' : action.path.replace(/^\/?/, '/');
  const agentName = `${isHook ? 'kube-lifecycle' : 'kube-probe'}/1.33`;
  const headers: Record<string, string> = { 'User-Agent': agentName, Accept: '*/*', Connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value;
  const first = new URL(`${action.scheme === 'HTTPS' ? 'https' : 'http'}://${joinHostPort(host, port)}${path}`);
  const deadline = new AbortController();
  const timer = ports.timers.after(timeoutMs, () => {
    deadline.abort();
  });
  try {
    if (!isHook) return verdictOf(await followHttp(first, headers, deadline.signal));
    return await runHttpHook(first, headers, deadline.signal);
  } finally {
    timer.cancel();
  }
}

/** `said`: it failed by what the server answered, or because that was HTTP where TLS was due. */
type HttpOutcome = ProbeOutcome & { readonly said?: 'status' | 'http' | undefined };

const verdictOf = ({ said: _said, ...outcome }: HttpOutcome): ProbeOutcome => outcome;
const done: ProbeOutcome = { passed: true, message: '' };

/** Any answer will do. A server that speaks HTTP where HTTPS was asked for is asked again, without credentials. */
async function runHttpHook(
  first: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const outcome = await followHttp(first, headers, signal);
  if (outcome.passed || outcome.said === 'status') return done;
  if (outcome.said !== 'http') return verdictOf(outcome);
  const where = joinHostPort(bareHost(first.hostname), portNumber(first));
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  const plain = new URL(`http://${where}${first.pathname}${first.search}`);
  const again = await followHttp(plain, Object.fromEntries(others), signal);
  if (!again.passed && again.said !== 'status') return verdictOf(outcome);
  return { ...done, warning: `request to HTTPS lifecycle hook ${where} got HTTP response, retry with HTTP succeeded` };
}

const redirectsMax = 10;

/**
 * Asks, and follows redirects on the same host. One to elsewhere counts as a pass with a warning, so that nobody is
 * made to probe what is not theirs.
 */
async function followHttp(
  first: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  let url = first;
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const { code, location, body, failure, isHttp } = await askHttp(url, headers, signal);
    if (failure !== undefined) return { passed: false, message: failure, said: isHttp === true ? 'http' : undefined };
    const next = code >= 300 && code < 400 && location !== undefined ? URL.parse(location, url.href) : null;
    if (next === null)
      return code >= 200 && code < 400
        ? { passed: true, message: '' }
        : { passed: false, message: `HTTP probe failed with statuscode: ${code}`, said: 'status' };
    if (next.hostname !== first.hostname)
      return { passed: true, message: '', warning: `Probe terminated redirects, Response body: ${body}` };
    url = next;
  }
  return { passed: false, message: `Get "${url.href}": stopped after ${redirectsMax} redirects` };
}

interface HttpAnswer {
  readonly code: number;
  readonly location?: string | undefined;
  /** Its beginning. */
  readonly body: string;
  /** Why there is no answer. */
  readonly failure?: string | undefined;
  /** The answer to a TLS greeting was not TLS. */
  readonly isHttp?: boolean | undefined;
}

/** A URL leaves out the port that its scheme has by itself. */
const portNumber = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);

const agents = { agent: false, rejectUnauthorized: false } as const;

function askHttp(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
  const none = { code: 0, body: '' };
  return new Promise((resolve) => {
    const options = { ...urlToHttpOptions(url), headers, signal, ...agents };
    const answered = (response: IncomingMessage): void => {
      const { statusCode: code = 0 } = response;
      const { location } = response.headers;
      let body = '';
      const end = (): void => {
        resolve({ code, location, body });
        request.destroy();
      };
      // The verdict is in the head; only a redirect's body is shown.
      if (location === undefined) end();
      response
        .setEncoding('utf8')
        .on('data', (text: string) => {
          body = (body + text).slice(0, outputBytesMax);
        })
        .on('end', end)
        .on('error', end);
    };
    const request = url.protocol === 'https:' ? httpsRequest(options, answered) : httpRequest(options, answered);
    request.on('error', (error) => {
      const failure = signal.aborted
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : connectMessage(error, bareHost(url.hostname), portNumber(url));
      const isHttp = url.protocol === 'https:' && /wrong version number|packet length too long/.test(error.message);
      resolve({ ...none, failure: `Get "${url.href}": ${failure}`, isHttp });
    });
    request.end();
  });
}

function runTcp(target: ProbeTarget, action: TCPSocketAction, timeoutMs: number): Promise<ProbeOutcome> {
  const port = portOf(target.container, action.port);
  const host = action.host === undefined || action.host === '' ? target.podIp : action.host;
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (outcome: ProbeOutcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on('connect', () => {
      end({ passed: true, message: '' });
    });
    socket.on('timeout', () => {
      end({ passed: false, message: `dial tcp ${joinHostPort(host, port)}: i/o timeout` });
    });
    socket.on('error', (error) => {
      end({ passed: false, message: connectMessage(error, host, port) });
    });
  });
}
