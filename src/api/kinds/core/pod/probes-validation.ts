/** Validates probes and lifecycle hooks of containers. */

import type { IntOrString } from '../../../machinery/index.ts';
import type { Container, HTTPGetAction, LifecycleHandler, Probe, Sent } from '../../../objects/index.ts';
import {
  type FieldError,
  forbidden,
  httpHeaderName,
  invalid,
  portName,
  portNumber,
  required,
} from '../../../machinery/index.ts';
import { choice, invalids, nonNegative, requiredText } from '../../checks.ts';

/** A port by number or by name. An absent one counts as 0. */
export function portErrors(path: string, port: IntOrString | undefined): FieldError[] {
  if (typeof port === 'string') return invalids(path, port, portName(port));
  return invalids(path, port ?? 0, portNumber(port ?? 0));
}

function httpGetErrors(action: Sent<HTTPGetAction>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.path`, action.path),
    ...portErrors(`${path}.port`, action.port),
    ...choice(`${path}.scheme`, action.scheme ?? '', ['HTTP', 'HTTPS']),
    ...(action.httpHeaders ?? []).flatMap((header) =>
      invalids(`${path}.httpHeaders`, header.name ?? '', httpHeaderName(header.name ?? '')),
    ),
  ];
}

type Handler = Sent<LifecycleHandler> & Pick<Sent<Probe>, 'grpc'>;
/** The pod's `terminationGracePeriodSeconds`: bounds sleeps. */
type GracePeriod = number | undefined;

function sleepErrors(seconds: number, gracePeriod: GracePeriod, path: string): FieldError[] {
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return [];
  return [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)];
}

function handlerErrors(handler: Handler, gracePeriod: GracePeriod, path: string): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const present: [string, () => FieldError[]][] = [];
  if (exec !== undefined)
    present.push(['exec', () => ((exec.command ?? []).length === 0 ? [required(`${path}.exec.command`)] : [])]);
  if (httpGet !== undefined) present.push(['httpGet', () => httpGetErrors(httpGet, `${path}.httpGet`)]);
  if (tcpSocket !== undefined) present.push(['tcpSocket', () => portErrors(`${path}.tcpSocket.port`, tcpSocket.port)]);
  if (grpc !== undefined) present.push(['grpc', () => portErrors(`${path}.grpc.port`, grpc.port)]);
  if (sleep !== undefined) present.push(['sleep', () => sleepErrors(sleep.seconds ?? 0, gracePeriod, `${path}.sleep`)]);
  const [first, ...others] = present;
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...first[1](),
    ...others.map(([name]) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

function probeErrors(probe: Sent<Probe>, gracePeriod: GracePeriod, path: string): FieldError[] {
  const seconds = probe.terminationGracePeriodSeconds;
  return [
    ...handlerErrors({ ...probe }, gracePeriod, path),
    ...nonNegative(`${path}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...nonNegative(`${path}.timeoutSeconds`, probe.timeoutSeconds),
    ...nonNegative(`${path}.periodSeconds`, probe.periodSeconds),
    ...nonNegative(`${path}.successThreshold`, probe.successThreshold),
    ...nonNegative(`${path}.failureThreshold`, probe.failureThreshold),
    ...(seconds !== undefined && seconds <= 0
      ? [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0')]
      : []),
  ];
}

function onceErrors(probe: Sent<Probe> | undefined, gracePeriod: GracePeriod, path: string): FieldError[] {
  if (probe === undefined) return [];
  const errors = probeErrors(probe, gracePeriod, path);
  if (probe.successThreshold !== 1)
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  return errors;
}

function readinessErrors(probe: Sent<Probe> | undefined, gracePeriod: GracePeriod, path: string): FieldError[] {
  if (probe === undefined) return [];
  const errors = probeErrors(probe, gracePeriod, path);
  if (probe.terminationGracePeriodSeconds !== undefined) {
    errors.push(
      invalid(
        `${path}.terminationGracePeriodSeconds`,
        probe.terminationGracePeriodSeconds,
        'must not be set for readinessProbes',
      ),
    );
  }
  return errors;
}

/** Checks the lifecycle hooks and the three probes of a container that may have them. */
export function hookErrors(container: Sent<Container>, gracePeriod: GracePeriod, path: string): FieldError[] {
  const { postStart, preStop } = container.lifecycle ?? {};
  return [
    ...(postStart === undefined ? [] : handlerErrors(postStart, gracePeriod, `${path}.lifecycle.postStart`)),
    ...(preStop === undefined ? [] : handlerErrors(preStop, gracePeriod, `${path}.lifecycle.preStop`)),
    ...onceErrors(container.livenessProbe, gracePeriod, `${path}.livenessProbe`),
    ...readinessErrors(container.readinessProbe, gracePeriod, `${path}.readinessProbe`),
    ...onceErrors(container.startupProbe, gracePeriod, `${path}.startupProbe`),
  ];
}
