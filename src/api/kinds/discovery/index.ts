/** EndpointSlices: the addresses behind services, in pieces. */
import type { Endpoint, EndpointPort, EndpointSlice, Sent } from '../../objects/index.ts';
import {
  deepEqual,
  dns1123Label,
  dns1123Subdomain,
  duplicate,
  type FieldError,
  semanticEqual,
  immutableField,
  invalid,
  labelValue,
  nameIsDnsSubdomain,
  notSupported,
  qualifiedName,
  required,
  tooMany,
  parseAddress,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import { addressErrors as ipErrors, addressWarnings, specialAddressErrors } from '../addresses.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids, isSet, requiredChoice } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn, shortList } from '../columns.ts';
import { firstGeneration, keepMetadata, metadataOf, strategy } from '../strategy.ts';

const endpointsMax = 1000;
const addressesMax = 100;
const portsMax = 20_000;
const zonesMax = 8;
const types = ['FQDN', 'IPv4', 'IPv6'];

const sliceOf = (object: object): Sent<EndpointSlice> => object as Sent<EndpointSlice>;

function fullNameErrors(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const messages = dns1123Subdomain(bare);
  if (messages.length > 0) return [invalid(path, bare, messages.join(','))];
  const labels = bare.split('.');
  if (labels.length < 2)
    return [invalid(path, bare, 'should be a domain with at least two segments separated by dots')];
  const bad = labels.find((label) => dns1123Label(label).length > 0);
  return bad === undefined ? [] : [invalid(path, bad, dns1123Label(bad).join(','))];
}

/** An address of the wrong family is an error of the list; other errors are of the address. */
function addressErrors(path: string, index: number, address: string, type: string | undefined): FieldError[] {
  const at = `${path}[${index}]`;
  if (type === 'FQDN') return fullNameErrors(at, address);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors = ipErrors(at, address);
  if (errors.length > 0) return errors;
  if (parseAddress(address)?.family !== type) errors.push(invalid(path, address, `must be an ${type} address`));
  return [...errors, ...specialAddressErrors(at, address)];
}

function zoneErrors(endpoint: Sent<Endpoint>, path: string): FieldError[] {
  const zones = endpoint.hints?.forZones ?? [];
  if (zones.length > zonesMax) return [tooMany(path, zones.length, zonesMax)];
  const seen = new Set<string>();
  return each(path, zones, (zone, at) => {
    const name = zone.name ?? '';
    const errors = invalids(`${at}.name`, name, labelValue(name));
    if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
    return errors;
  });
}

function endpointErrors(endpoint: Sent<Endpoint>, path: string, type: string | undefined): FieldError[] {
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > addressesMax) errors.push(tooMany(`${path}.addresses`, addresses.length, addressesMax));
  errors.push(...addresses.flatMap((address, index) => addressErrors(`${path}.addresses`, index, address, type)));
  if (endpoint.nodeName !== undefined)
    errors.push(...invalids(`${path}.nodeName`, endpoint.nodeName, nameIsDnsSubdomain(endpoint.nodeName, false)));
  if (endpoint.hostname !== undefined)
    errors.push(...invalids(`${path}.hostname`, endpoint.hostname, dns1123Label(endpoint.hostname)));
  return [...errors, ...zoneErrors(endpoint, `${path}.hints.forZones`)];
}

function portsErrors(ports: readonly Sent<EndpointPort>[]): FieldError[] {
  if (ports.length > portsMax) return [tooMany('ports', ports.length, portsMax)];
  const names = new Set<string>();
  return each('ports', ports, (port, at) => {
    const name = port.name ?? '';
    const errors = isSet(name) ? invalids(`${at}.name`, name, dns1123Label(name)) : [];
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    errors.push(...requiredChoice(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    if (port.appProtocol !== undefined)
      errors.push(...invalids(`${at}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol)));
    return errors;
  });
}

function typeErrors(type: string | undefined): FieldError[] {
  if (!isSet(type)) return [required('addressType')];
  return types.includes(type) ? [] : [notSupported('addressType', type, types)];
}

function sliceErrors(object: KubeObject): FieldError[] {
  const { addressType, endpoints, ports } = sliceOf(object);
  const list = endpoints ?? [];
  const errors =
    list.length > endpointsMax
      ? [tooMany('endpoints', list.length, endpointsMax)]
      : each('endpoints', list, (endpoint, at) => endpointErrors(endpoint, at, addressType));
  return [...typeErrors(addressType), ...errors, ...portsErrors(ports ?? [])];
}

/** What cannot be written any more, and what Kubernetes 1.33 ignores by default. */
function dropFields(object: Record<string, unknown>): void {
  for (const endpoint of sliceOf(object).endpoints ?? []) {
    delete endpoint.deprecatedTopology;
    delete endpoint.hints?.forNodes;
  }
}

/** Unlike elsewhere, a change of the labels counts too: they say which service it is of. */
function countGeneration(object: Record<string, unknown>, old: KubeObject): void {
  keepMetadata(object, old, 'generation');
  const slice = sliceOf(object);
  const before = sliceOf(old);
  const same = (['addressType', 'endpoints', 'ports'] as const).every((field) =>
    semanticEqual(slice[field], before[field]),
  );
  if (!same || !deepEqual(slice.metadata?.labels ?? {}, before.metadata?.labels ?? {}))
    metadataOf(object)['generation'] = (old.metadata.generation ?? 0) + 1;
}

const managedBy = 'endpointslice.kubernetes.io/managed-by';
/** Controllers that write addresses in their preferred form by themselves. */
const controllers: ReadonlySet<string> = new Set([
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
]);

function sliceWarnings({ addressType, endpoints, metadata }: Sent<EndpointSlice>, isNew: boolean): string[] {
  if (addressType === 'FQDN') return isNew ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
  if (controllers.has(metadata?.labels?.[managedBy] ?? '')) return [];
  return (endpoints ?? []).flatMap((endpoint, index) =>
    (endpoint.addresses ?? []).flatMap((address, place) =>
      addressWarnings(`endpoints[${index}].addresses[${place}]`, address),
    ),
  );
}

const portText = (port: Sent<EndpointPort>): string =>
  port.port === undefined ? (port.name ?? '*') : String(port.port);

export const discoveryBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'discovery.k8s.io/endpointslices': {
    ...strategy({ generation: true, status: false }),
    defaults(object) {
      for (const port of sliceOf(object).ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
    },
    prepareForCreate(object) {
      dropFields(object);
      firstGeneration(object);
    },
    prepareForUpdate(object, old) {
      dropFields(object);
      countGeneration(object, old);
    },
    metadataChecks: { changes: 0, wholes: 1 },
    validate: sliceErrors,
    warnings: (object, old) => sliceWarnings(sliceOf(object), old === undefined),
    validateUpdate: (object, old) => [
      ...sliceErrors(object),
      ...immutableField(sliceOf(object).addressType, sliceOf(old).addressType, 'addressType'),
    ],
    columns: [
      nameColumn,
      column('AddressType', 'Type of the addresses: IPv4, IPv6 or FQDN.'),
      column('Ports', 'Ports of the endpoints.'),
      column('Endpoints', 'Addresses of the endpoints.'),
      ageColumn,
    ],
    row(object, now) {
      const { addressType = '', ports, endpoints } = sliceOf(object);
      const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
      return [
        object.metadata.name ?? '',
        addressType,
        shortList((ports ?? []).map(portText)) || '<unset>',
        shortList(addresses) || '<unset>',
        ageOf(object, now),
      ];
    },
  },
};
