/** The environment variables of a container: its own, those from ConfigMaps and Secrets, those of Services. */
import type { ConfigMapKeySelector, Container, EnvVar, SecretKeySelector, Service } from '../../api/index.ts';
import { joinHostPort } from '../../base/index.ts';
import { fieldText, type PodFacts, resourceText } from './downward.ts';
import { expand } from './expansion.ts';

/** The ConfigMaps and Secrets that a container refers to, as text by key; undefined: it does not exist. */
export interface ConfigSources {
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
}

/** A container that cannot be configured as asked. Kubernetes shows it as CreateContainerConfigError. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Which ConfigMaps and Secrets the container's environment names. */
export function referencedConfig(container: Container): {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
} {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef?.name !== undefined) configMaps.add(configMapRef.name);
    if (secretRef?.name !== undefined) secrets.add(secretRef.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef?.name !== undefined) configMaps.add(valueFrom.configMapKeyRef.name);
    if (valueFrom?.secretKeyRef?.name !== undefined) secrets.add(valueFrom.secretKeyRef.name);
  }
  return { configMaps: [...configMaps], secrets: [...secrets] };
}

/**
 * The container's variables: services first, then envFrom, then env, each able to refer to what came before.
 * Throws ConfigError with the kubelet's text when something that is not optional is missing.
 */
export function environmentOf(
  facts: PodFacts,
  container: Container,
  given: { readonly services: readonly Service[]; readonly sources: ConfigSources },
): ReadonlyMap<string, string> {
  const serviceVariables = serviceEnvironment(facts, given.services);
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) addAll(result, source.prefix ?? '', envFromData(source, given.sources));
  for (const variable of container.env ?? []) {
    const value = variableValue(
      { facts, container, sources: given.sources },
      variable,
      (name) => result.get(name) ?? serviceVariables.get(name),
    );
    if (value !== undefined) result.set(variable.name, value);
  }
  for (const [name, value] of serviceVariables) if (!result.has(name)) result.set(name, value);
  return result;
}

function addAll(result: Map<string, string>, prefix: string, data: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(data).sort()) if (!key.includes('=')) result.set(prefix + key, data[key] ?? '');
}

function envFromData(
  source: NonNullable<Container['envFrom']>[number],
  sources: ConfigSources,
): Readonly<Record<string, string>> {
  const { configMapRef, secretRef } = source;
  if (configMapRef !== undefined) {
    const data = sources.configMaps.get(configMapRef.name ?? '');
    if (data === undefined && configMapRef.optional !== true)
      throw new ConfigError(`configmap "${configMapRef.name}" not found`);
    return data ?? {};
  }
  const data = sources.secrets.get(secretRef?.name ?? '');
  if (data === undefined && secretRef?.optional !== true)
    throw new ConfigError(`secret "${secretRef?.name}" not found`);
  return data ?? {};
}

interface VariableScope {
  readonly facts: PodFacts;
  readonly container: Container;
  readonly sources: ConfigSources;
}

function variableValue(
  scope: VariableScope,
  variable: EnvVar,
  lookup: (name: string) => string | undefined,
): string | undefined {
  const { facts, container, sources } = scope;
  const { valueFrom } = variable;
  if (valueFrom === undefined) return expand(variable.value ?? '', lookup);
  if (valueFrom.fieldRef !== undefined) return fieldText(facts, valueFrom.fieldRef) ?? '';
  if (valueFrom.resourceFieldRef !== undefined) return resourceText(facts, valueFrom.resourceFieldRef, container) ?? '';
  const namespace = facts.pod.metadata.namespace ?? '';
  if (valueFrom.configMapKeyRef !== undefined)
    return keyValue(valueFrom.configMapKeyRef, sources.configMaps, { kind: 'ConfigMap', namespace });
  if (valueFrom.secretKeyRef !== undefined)
    return keyValue(valueFrom.secretKeyRef, sources.secrets, { kind: 'Secret', namespace });
  return '';
}

function keyValue(
  selector: ConfigMapKeySelector | SecretKeySelector,
  objects: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>,
  place: { readonly kind: 'ConfigMap' | 'Secret'; readonly namespace: string },
): string | undefined {
  const data = objects.get(selector.name ?? '');
  const value = data?.[selector.key];
  if (value !== undefined || selector.optional === true) return value;
  if (data === undefined) throw new ConfigError(`${place.kind.toLowerCase()} "${selector.name}" not found`);
  throw new ConfigError(`couldn't find key ${selector.key} in ${place.kind} ${place.namespace}/${selector.name}`);
}

/** `NAME_SERVICE_HOST` and its kin (Docker's old link variables), for the pod's namespace and for the API itself. */
function serviceEnvironment(facts: PodFacts, services: readonly Service[]): ReadonlyMap<string, string> {
  const namespace = facts.pod.metadata.namespace;
  const links = facts.pod.spec.enableServiceLinks ?? true;
  const result = new Map<string, string>();
  for (const service of services) {
    const { clusterIP } = service.spec;
    const isApi = service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes';
    if (!isApi && (!links || service.metadata.namespace !== namespace)) continue;
    if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') continue;
    addService(result, service, clusterIP);
  }
  return result;
}

function addService(result: Map<string, string>, service: Service, address: string): void {
  const prefix = (service.metadata.name ?? '').toUpperCase().replaceAll('-', '_');
  const ports = service.spec.ports ?? [];
  const [first] = ports;
  if (first === undefined) return;
  result.set(`${prefix}_SERVICE_HOST`, address);
  result.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const port of ports)
    if (port.name !== undefined && port.name !== '')
      result.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
  const url = (protocol: string, port: number): string => `${protocol}://${joinHostPort(address, port)}`;
  result.set(`${prefix}_PORT`, url((first.protocol ?? 'TCP').toLowerCase(), first.port));
  for (const port of ports) {
    const protocol = port.protocol ?? 'TCP';
    const name = `${prefix}_PORT_${port.port}_${protocol}`;
    result.set(name, url(protocol.toLowerCase(), port.port));
    result.set(`${name}_PROTO`, protocol.toLowerCase());
    result.set(`${name}_PORT`, String(port.port));
    result.set(`${name}_ADDR`, address);
  }
}
