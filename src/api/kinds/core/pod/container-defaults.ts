/** The defaults of a container. */

import type {
  Container,
  ContainerPort,
  EphemeralContainer,
  LifecycleHandler,
  Probe,
  Sent,
} from '../../../objects/index.ts';
import { roundAmounts } from '../../quantities.ts';
import { imageTag } from './image-name.ts';
import { defaultFieldRef, defaultResourceFieldRef } from './volume-defaults.ts';

function defaultHandler(handler: Sent<LifecycleHandler> | Sent<Probe> | undefined): void {
  if (handler?.httpGet === undefined) return;
  handler.httpGet.path ||= '/';
  handler.httpGet.scheme ||= 'HTTP';
}

function defaultProbe(probe: Sent<Probe> | undefined): void {
  if (probe === undefined) return;
  defaultHandler(probe);
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
}

/** The defaults that every container has, wherever it stands. */
export function defaultContainer(container: Sent<Container> | Sent<EphemeralContainer>): void {
  container.imagePullPolicy ||= imageTag(container.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  roundAmounts(container.resources.limits);
  roundAmounts(container.resources.requests);
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const variable of container.env ?? []) {
    defaultFieldRef(variable.valueFrom?.fieldRef);
    defaultResourceFieldRef(variable.valueFrom?.resourceFieldRef);
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
  defaultHandler(container.lifecycle?.postStart);
  defaultHandler(container.lifecycle?.preStop);
}

/** A limit without a request asks for what it allows; only containers of pods, not of templates. */
export function defaultRequests(container: Sent<Container>): void {
  const limits = container.resources?.limits;
  if (container.resources === undefined || limits === undefined) return;
  container.resources.requests ??= {};
  for (const [name, quantity] of Object.entries(limits)) container.resources.requests[name] ??= quantity;
}

/** With the host's network a container's port is the host's. */
export function defaultHostPorts(ports: readonly Sent<ContainerPort>[] | undefined): void {
  for (const port of ports ?? []) if (port.containerPort !== undefined) port.hostPort ||= port.containerPort;
}
