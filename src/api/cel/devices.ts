/** CEL expressions that select devices (resource.k8s.io), and devices as these see them. */

import { parseQuantity } from '../machinery/index.ts';
import type { Device, View } from '../objects/index.ts';
import type { CelEnvironment } from './environment.ts';
import { baseEnvironment, compileProgram, type CompileResult } from './program.ts';
import { QuantityValue } from './quantity-functions.ts';
import { semverOf } from './semver-functions.ts';

const deviceType = 'kubernetes.DRADevice';

class DeviceValue extends Map<string, unknown> {}

/** A domain that the device has nothing of is an empty one, so that conditions can ask for it. */
const nothing: ReadonlyMap<string, unknown> = new Map();

let environment: CelEnvironment | undefined;

function deviceEnvironment(): CelEnvironment {
  environment ??= baseEnvironment()
    .registerType(deviceType, {
      ctor: DeviceValue,
      fields: {
        driver: 'string',
        attributes: 'map<string, map<string, dyn>>',
        capacity: 'map<string, map<string, kubernetes.Quantity>>',
      },
    })
    .registerVariable('device', deviceType);
  return environment;
}

/** Compiles a selector: what may be anything must turn out to be true or false when it runs. */
export function compileDeviceSelector(expression: string): CompileResult {
  return compileProgram(deviceEnvironment(), expression, 'bool');
}

type Basic = View<NonNullable<Device['basic']>>;

/** A device as expressions see it. */
export function deviceValue(
  driver: string,
  { attributes = {}, capacity = {} }: Basic,
): Readonly<Record<string, unknown>> {
  const device = new DeviceValue();
  device.set('driver', driver);
  device.set('attributes', byDomain(driver, attributes, attributeValue));
  device.set(
    'capacity',
    byDomain(driver, capacity, ({ value = '0' }) => new QuantityValue(parseQuantity(value))),
  );
  return { device };
}

type Attribute = View<NonNullable<Basic['attributes']>[string]>;

function attributeValue({ int, bool, string, version }: Attribute): unknown {
  if (int !== undefined) return BigInt(int);
  if (version !== undefined) return semverOf(version, false);
  return bool ?? string ?? null;
}

/** `domain/name`; a name without a domain belongs to the driver's. */
function byDomain<T>(
  driver: string,
  entries: Readonly<Record<string, T>>,
  valueOf: (entry: T) => unknown,
): Map<string, ReadonlyMap<string, unknown>> {
  const domains = new Map<string, Map<string, unknown>>();
  for (const [full, entry] of Object.entries(entries)) {
    const slash = full.indexOf('/');
    const domain = slash < 0 ? driver : full.slice(0, slash);
    let names = domains.get(domain);
    if (names === undefined) domains.set(domain, (names = new Map()));
    names.set(full.slice(slash + 1), valueOf(entry));
  }
  return withEmptyOnes(domains);
}

/** The package takes nothing but a Map for a map. */
function withEmptyOnes(domains: Map<string, ReadonlyMap<string, unknown>>): Map<string, ReadonlyMap<string, unknown>> {
  const known = new Map(domains);
  domains.get = (domain) => known.get(domain) ?? nothing;
  return domains;
}
