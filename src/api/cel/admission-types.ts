/** The CEL types of an admission request and of its namespace. */

import type { CelEnvironment } from './environment.ts';
import { celEqual, celValue } from './values.ts';

/**
 * What expressions know of a request and of its namespace: types of fields, those of objects by the names of their own.
 */
const shapes = {
  'kubernetes.GroupVersionKind': { group: 'string', version: 'string', kind: 'string' },
  'kubernetes.GroupVersionResource': { group: 'string', version: 'string', resource: 'string' },
  'kubernetes.UserInfo': {
    username: 'string',
    uid: 'string',
    groups: 'list<string>',
    extra: 'map<string, list<string>>',
  },
  'kubernetes.AdmissionRequest': {
    kind: 'kubernetes.GroupVersionKind',
    resource: 'kubernetes.GroupVersionResource',
    subResource: 'string',
    requestKind: 'kubernetes.GroupVersionKind',
    requestResource: 'kubernetes.GroupVersionResource',
    requestSubResource: 'string',
    name: 'string',
    namespace: 'string',
    operation: 'string',
    userInfo: 'kubernetes.UserInfo',
    dryRun: 'bool',
    options: 'dyn',
  },
  'kubernetes.NamespaceMetadata': {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    labels: 'map<string, string>',
    annotations: 'map<string, string>',
    UID: 'string',
    creationTimestamp: 'google.protobuf.Timestamp',
    deletionGracePeriodSeconds: 'int',
    deletionTimestamp: 'google.protobuf.Timestamp',
    generation: 'int',
    resourceVersion: 'string',
    finalizers: 'list<string>',
  },
  'kubernetes.NamespaceSpec': { finalizers: 'list<string>' },
  'kubernetes.NamespaceCondition': {
    status: 'string',
    type: 'string',
    lastTransitionTime: 'google.protobuf.Timestamp',
    message: 'string',
    reason: 'string',
  },
  'kubernetes.NamespaceStatus': { conditions: 'list<kubernetes.NamespaceCondition>', phase: 'string' },
  'kubernetes.Namespace': {
    metadata: 'kubernetes.NamespaceMetadata',
    spec: 'kubernetes.NamespaceSpec',
    status: 'kubernetes.NamespaceStatus',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

type ShapeName = keyof typeof shapes;

const names = Object.keys(shapes) as readonly ShapeName[];
const isShape = (name: string): name is ShapeName => Object.hasOwn(shapes, name);
/** The package knows an object's type by its constructor. */
const constructors = new Map(names.map((name) => [name, class extends Map<string, unknown> {}]));

export const requestType: ShapeName = 'kubernetes.AdmissionRequest';
export const namespaceType: ShapeName = 'kubernetes.Namespace';

/** Declares the types of `request` and `namespaceObject`. */
export function registerAdmissionTypes(environment: CelEnvironment): void {
  for (const name of names)
    environment
      .registerType(name, { ctor: constructors.get(name) ?? Map, fields: { ...shapes[name] } })
      .registerOperator(`${name} == ${name}`, celEqual);
}

/** The attributes of a request as expressions see them. */
export function requestValue(attributes: Readonly<Record<string, unknown>>): unknown {
  return typed(attributes, requestType);
}

/** A namespace as expressions see it. */
export function namespaceValue(namespace: object): unknown {
  return typed(namespace as Readonly<Record<string, unknown>>, namespaceType);
}

function typed(value: Readonly<Record<string, unknown>>, name: ShapeName): unknown {
  const object = new (constructors.get(name) ?? Map<string, unknown>)();
  for (const [field, type] of Object.entries(shapes[name])) {
    const member = value[field];
    if (member !== undefined) object.set(field, shaped(member, type));
  }
  return object;
}

function shaped(value: unknown, type: string): unknown {
  if (isShape(type)) return typed(value as Readonly<Record<string, unknown>>, type);
  return type === 'google.protobuf.Timestamp' ? new Date(value as string) : celValue(value);
}
