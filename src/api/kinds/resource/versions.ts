/** The way between v1beta1, in whose form objects are stored, and v1beta2, which has other requests and devices. */

import { isObject } from '../../../base/index.ts';
import type { FieldError } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';

const group = 'resource.k8s.io';
const first = `${group}/v1beta1`;
const second = `${group}/v1beta2`;

/** Fields of a request with one way to fulfil it, which v1beta2 keeps in `exactly`. */
const exactFields = ['deviceClassName', 'selectors', 'allocationMode', 'count', 'adminAccess', 'tolerations'] as const;

const objectOf = (value: unknown): JsonObject | undefined => (isObject(value) ? value : undefined);
const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

/** Moves each of `fields` that is there. */
function move(from: JsonObject, to: JsonObject, fields: readonly string[]): void {
  for (const field of fields) {
    if (from[field] !== undefined) to[field] = from[field];
    delete from[field];
  }
}

function exactRequest(request: JsonObject): void {
  if (listOf(request['firstAvailable']).length > 0) return;
  const exactly: JsonObject = {};
  move(request, exactly, exactFields);
  request['exactly'] = exactly;
}

function flatRequest(request: JsonObject): void {
  const exactly = objectOf(request['exactly']);
  delete request['exactly'];
  if (exactly !== undefined) move(exactly, request, exactFields);
}

/** Where the requests of a claim or template stand. */
function requestsOf(object: JsonObject): readonly JsonObject[] {
  const spec = objectOf(object['spec']);
  const devices = objectOf(spec?.['devices']) ?? objectOf(objectOf(spec?.['spec'])?.['devices']);
  return listOf(devices?.['requests']);
}

function flatDevice(device: JsonObject): JsonObject {
  const { basic, ...rest } = device;
  return { ...rest, ...objectOf(basic) };
}

function basicDevice(device: JsonObject): JsonObject {
  const { name, ...basic } = device;
  return name === undefined ? { basic } : { name, basic };
}

function changeDevices(object: JsonObject, change: (device: JsonObject) => JsonObject): void {
  const spec = objectOf(object['spec']);
  if (spec !== undefined && Array.isArray(spec['devices'])) spec['devices'] = listOf(spec['devices']).map(change);
}

/** Turns an object of v1beta2 into one of v1beta1. May change `object`. */
export function toFirst(object: JsonObject): JsonObject {
  for (const request of requestsOf(object)) flatRequest(request);
  if (object['kind'] === 'ResourceSlice') changeDevices(object, basicDevice);
  return { ...object, apiVersion: first };
}

/** The way back of `toFirst`. */
export function toSecond(object: JsonObject): JsonObject {
  for (const request of requestsOf(object)) exactRequest(request);
  if (object['kind'] === 'ResourceSlice') changeDevices(object, flatDevice);
  return { ...object, apiVersion: second };
}

const copyOf = (object: JsonObject): JsonObject => structuredClone(object);
const inFirst = (object: KubeObject): KubeObject => toFirst(copyOf(object)) as JsonObject & KubeObject;

/** A field's path in v1beta2. */
function secondPath(path: string): string {
  const exact = new RegExp(`(\\.requests\\[\\d+\\])\\.(${exactFields.join('|')})`);
  return path.replace(exact, '$1.exactly.$2').replace(/^(spec\.devices\[\d+\])\.basic\b/, '$1');
}

const inSecond = (errors: readonly FieldError[] | undefined): readonly FieldError[] =>
  (errors ?? []).map((error) => ({ ...error, field: secondPath(error.field) }));

/** Puts what was made of an object in the place of what it held. */
function refill(object: JsonObject, made: JsonObject): void {
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, made);
}

/** A request must say which of both it is, before the form of v1beta1 hides it. */
function kindErrors(object: KubeObject): FieldError[] {
  const base = object['kind'] === 'ResourceClaimTemplate' ? 'spec.spec.devices' : 'spec.devices';
  return requestsOf(object).flatMap((request, index): FieldError[] => {
    const alternatives = listOf(request['firstAvailable']).length > 0;
    const field = `${base}.requests[${index}]`;
    if (alternatives === (request['exactly'] === undefined)) return [];
    return alternatives
      ? [
          {
            type: 'Invalid value',
            field,
            value: null,
            detail: 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
          },
        ]
      : [
          {
            type: 'Required value',
            field,
            value: '',
            detail: 'exactly one of `exactly` or `firstAvailable` is required',
          },
        ];
  });
}

/** The behaviour of a kind in v1beta2, out of that in v1beta1. */
export function secondVersion(behaviour: KindBehaviour): KindBehaviour {
  const status = behaviour.subresources?.['status'];
  const hasRequests = (object: KubeObject): boolean => object['kind'] !== 'DeviceClass';
  return {
    ...behaviour,
    defaults(object) {
      // What is in neither form is left for the validation.
      const [requests, made] = [requestsOf(object), toFirst(copyOf(object))];
      behaviour.defaults?.(made);
      const filled = toSecond(made);
      requestsOf(filled).forEach((request, index) => {
        if (requests[index]?.['exactly'] === undefined) delete request['exactly'];
      });
      refill(object, filled);
    },
    validate: (object) => {
      const wrong = hasRequests(object) ? kindErrors(object) : [];
      return wrong.length > 0 ? wrong : inSecond(behaviour.validate?.(inFirst(object)));
    },
    validateUpdate: (object, old) => {
      const wrong = hasRequests(object) ? kindErrors(object) : [];
      const check = behaviour.validateUpdate ?? behaviour.validate;
      return wrong.length > 0 ? wrong : inSecond(check?.(inFirst(object), inFirst(old)));
    },
    ...(status === undefined
      ? {}
      : {
          subresources: {
            status: {
              ...status,
              validateUpdate: (object, old) => inSecond(status.validateUpdate?.(inFirst(object), inFirst(old))),
            },
          },
        }),
    toStorage: toFirst,
    fromStorage: toSecond,
  };
}
