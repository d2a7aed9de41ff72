/** Classes, slices and claims with as little in them as a test of devices cares about. */
import type { Device, DeviceClaim, DeviceClass, ResourceClaim, ResourceSlice } from '../../api/index.ts';
import type { DeviceSources } from './device-book.ts';

export const driver = 'd.example.com';
const storedAt = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

/** `a` or a device with attributes. */
type DeviceParts = string | readonly [name: string, attributes: Readonly<Record<string, number | string>>];

function aDevice(parts: DeviceParts): Device {
  const [name, attributes = {}] = typeof parts === 'string' ? [parts] : parts;
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    typeof value === 'number' ? { int: value } : { string: value },
  ]);
  return { name, basic: { attributes: Object.fromEntries(entries) as NonNullable<Device['basic']>['attributes'] } };
}

interface SliceParts {
  readonly generation?: number;
  readonly count?: number;
  /** Absent: it belongs to the node of its pool's name. */
  readonly reach?: Pick<ResourceSlice['spec'], 'nodeSelector' | 'allNodes'>;
}

let sequence = 0;

export function aSlice(pool: string, devices: readonly DeviceParts[], parts: SliceParts = {}): ResourceSlice {
  sequence += 1;
  const name = `slice-${String(sequence)}`;
  return {
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceSlice',
    metadata: { ...storedAt, name, uid: name },
    spec: {
      driver,
      pool: { name: pool, generation: parts.generation ?? 1, resourceSliceCount: parts.count ?? 1 },
      ...(parts.reach ?? { nodeName: pool }),
      devices: devices.map(aDevice),
    },
  };
}

export function aDeviceClass(name: string, expressions: readonly string[] = []): DeviceClass {
  return {
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'DeviceClass',
    metadata: { ...storedAt, name, uid: name },
    spec: { selectors: expressions.map((expression) => ({ cel: { expression } })) },
  };
}

/** The requests of a claim by their names: a number of devices of class `c`, or what is said. */
export type Requests = Readonly<Record<string, number | NonNullable<DeviceClaim['requests']>[number] | object>>;

export function aDeviceClaim(name: string, requests: Requests, more: DeviceClaim = {}): ResourceClaim {
  const list = Object.entries(requests).map(([request, wish]) => ({
    name: request,
    ...(typeof wish === 'number' ? { deviceClassName: 'c', allocationMode: 'ExactCount', count: wish } : wish),
  }));
  return {
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceClaim',
    metadata: { ...storedAt, name, namespace: 'ns', uid: name },
    spec: { devices: { ...more, requests: list } },
    status: {},
  };
}

interface Objects {
  readonly claims?: readonly ResourceClaim[];
  readonly slices?: readonly ResourceSlice[];
  readonly classes?: readonly DeviceClass[];
}

/** Where a book finds these objects; without classes there is one, `c`, of all devices. */
export function sourcesOf({ claims = [], slices = [], classes = [aDeviceClass('c')] }: Objects): DeviceSources {
  return {
    claim: (_namespace, name) => claims.find(({ metadata }) => metadata.name === name),
    claims: () => claims,
    slices: () => slices,
    deviceClass: (name) => classes.find(({ metadata }) => metadata.name === name),
  };
}

/** Results of an allocation as `request=device`, of other pools than the node's as `request=pool/device`. */
export function shownResults(allocation: { readonly devices?: object } | undefined): readonly string[] {
  const { results = [] } = (allocation?.devices ?? {}) as {
    readonly results?: readonly { readonly request: string; readonly pool: string; readonly device: string }[];
  };
  return results.map(({ request, pool, device }) => `${request}=${pool}/${device}`);
}
