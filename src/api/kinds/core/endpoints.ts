/** The kind Endpoints: defaults, validation and Table columns. */

import type { EndpointAddress, EndpointSubset, Endpoints, Sent } from '../../objects/index.ts';
import {
  dns1123Label,
  type FieldError,
  nameIsDnsSubdomain,
  notSupported,
  portNumber,
  qualifiedName,
  required,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import { addressErrors, addressWarnings, specialAddressErrors } from '../addresses.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids, isSet, optionalName } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn, shortList } from '../columns.ts';
import { strategy } from '../strategy.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

function endpointAddressErrors(address: Sent<EndpointAddress>, path: string): FieldError[] {
  return [
    ...addressErrors(`${path}.ip`, address.ip ?? ''),
    ...optionalName(`${path}.hostname`, address.hostname, dns1123Label),
    ...(address.nodeName === undefined
      ? []
      : invalids(`${path}.nodeName`, address.nodeName, nameIsDnsSubdomain(address.nodeName, false))),
    ...specialAddressErrors(`${path}.ip`, address.ip ?? ''),
  ];
}

interface NamedPort {
  readonly name?: string | undefined;
  readonly port?: number | undefined;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}

function portErrors(port: NamedPort, path: string, nameRequired: boolean): FieldError[] {
  const errors: FieldError[] =
    nameRequired && !isSet(port.name)
      ? [required(`${path}.name`)]
      : optionalName(`${path}.name`, port.name, dns1123Label);
  errors.push(...invalids(`${path}.port`, port.port ?? 0, portNumber(port.port ?? 0)));
  if (!isSet(port.protocol)) errors.push(required(`${path}.protocol`));
  else if (!protocols.includes(port.protocol)) errors.push(notSupported(`${path}.protocol`, port.protocol, protocols));
  if (port.appProtocol !== undefined)
    errors.push(...invalids(`${path}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol)));
  return errors;
}

function subsetErrors(subset: Sent<EndpointSubset>, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  return [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...each(`${path}.addresses`, addresses, endpointAddressErrors),
    ...each(`${path}.notReadyAddresses`, notReadyAddresses, endpointAddressErrors),
    ...each(`${path}.ports`, ports, (port, at) => portErrors(port, at, ports.length > 1)),
  ];
}

const endpointsOf = (object: object): Sent<Endpoints> => object as Sent<Endpoints>;
const endpointsErrors = (object: KubeObject): FieldError[] =>
  each('subsets', endpointsOf(object).subsets, subsetErrors);

function endpointsText(endpoints: Sent<Endpoints>): string {
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) return '<none>';
  const joined = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
  const texts = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map((address) => address.ip ?? '')
      : ports.flatMap((port) => addresses.map((address) => joined(address.ip ?? '', port.port ?? 0))),
  );
  return shortList(texts);
}

function endpointsWarnings(endpoints: Sent<Endpoints>): string[] {
  return (endpoints.subsets ?? []).flatMap((subset, index) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap((address, place) =>
        addressWarnings(`subsets[${index}].${list}[${place}].ip`, address.ip ?? ''),
      ),
    ),
  );
}

export const endpointsBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  defaults(object) {
    for (const subset of endpointsOf(object).subsets ?? [])
      for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
  },
  validate: endpointsErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object) => endpointsWarnings(endpointsOf(object)),
  allowCreateOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [nameColumn, column('Endpoints', 'Ready addresses and ports.'), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', endpointsText(endpointsOf(object)), ageOf(object, now)],
};
