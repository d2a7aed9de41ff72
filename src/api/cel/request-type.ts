import type { CelEnvironment } from './environment.ts';
import { celEqual, celValue } from './values.ts';

/** What expressions know of a request: types of fields, those of objects by the names of their own. */
const shapes = {
  'kubernetes.GroupVersionKind': { group: 'string', version: 'string', kind: 'string' },
  'kubernetes.GroupVersionResource': { group: 'string', version: 'string', resource: 'string' },
  'kubernetes.UserInfo': { username: 'string', uid: 'string', groups: 'list<string>', extra: 'map<string, list<string>>' },
  'kubernetes.AdmissionRequest': {
    kind: 'kubernetes.GroupVersionKind', resource: 'kubernetes.GroupVersionResource', subResource: 'string',
    requestKind: 'kubernetes.GroupVersionKind', requestResource: 'kubernetes.GroupVersionResource', requestSubResource: 'string',
    name: 'string', namespace: 'string', operation: 'string', userInfo: 'kubernetes.UserInfo', dryRun: 'bool', options: 'dyn',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

type ShapeName = keyof typeof shapes;

const names = Object.keys(shapes) as readonly ShapeName[];
const isShape = (name: string): name is ShapeName => Object.hasOwn(shapes, name);
/** The package knows an object's type by its constructor. */
const constructors = new Map(names.map((name) => [name, class extends Map<string, unknown> {}]));

export const requestType: ShapeName = 'kubernetes.AdmissionRequest';

/** Declares the type of `request`. */
export function registerRequestType(environment: CelEnvironment): void {
  for (const name of names) environment.registerType(name, { ctor: constructors.get(name) ?? Map, fields: { ...shapes[name] } }).registerOperator(`${name} == ${name}`, celEqual);
}

/** The attributes of a request as expressions see them. */
export function requestValue(attributes: Readonly<Record<string, unknown>>): unknown {
  return typed(attributes, requestType);
}

function typed(value: Readonly<Record<string, unknown>>, name: ShapeName): unknown {
  const object = new (constructors.get(name) ?? Map<string, unknown>)();
  for (const [field, type] of Object.entries(shapes[name])) {
    const member = value[field];
    if (member !== undefined) object.set(field, isShape(type) ? typed(member as Readonly<Record<string, unknown>>, type) : celValue(member));
  }
  return object;
}
