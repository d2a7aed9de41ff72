/** Audit events as JSON text: written out by hand, since every write of the cluster makes one. */
import type { AuditEvent, AuditObjectReference } from './event.ts';

const field = (name: string, text: string | undefined): string => (text === undefined ? '' : `,"${name}":${text}`);
const textField = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;

export class EventTexts {
  readonly #shared = new WeakMap<object, string>();

  /** As JSON.stringify makes it. */
  of(event: AuditEvent): string {
    const { user, impersonatedUser, sourceIPs, objectRef, responseStatus, annotations } = event;
    return (
      `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"${event.level}"` +
      `,"auditID":${JSON.stringify(event.auditID)},"stage":"${event.stage}"` +
      `,"requestURI":${JSON.stringify(event.requestURI)},"verb":${JSON.stringify(event.verb)}` +
      `,"user":${this.#sharedText(user)}` +
      field('impersonatedUser', impersonatedUser && this.#sharedText(impersonatedUser)) +
      field('sourceIPs', sourceIPs && JSON.stringify(sourceIPs)) +
      textField('userAgent', event.userAgent) +
      field('objectRef', objectRef && referenceText(objectRef)) +
      field('responseStatus', responseStatus && this.#sharedText(responseStatus)) +
      field('requestObject', JSON.stringify(event.requestObject)) +
      field('responseObject', JSON.stringify(event.responseObject)) +
      `,"requestReceivedTimestamp":"${event.requestReceivedTimestamp}","stageTimestamp":"${event.stageTimestamp}"` +
      `${field('annotations', annotations && JSON.stringify(annotations))}}`
    );
  }

  /** The JSON of an object that many events share. */
  #sharedText(object: object): string {
    const known = this.#shared.get(object);
    if (known !== undefined) return known;
    const made = JSON.stringify(object);
    this.#shared.set(object, made);
    return made;
  }
}

function referenceText({ resource, namespace, name, apiGroup, apiVersion, subresource }: AuditObjectReference): string {
  return (
    `{"resource":${JSON.stringify(resource)}` +
    `${textField('namespace', namespace)}${textField('name', name)}${textField('apiGroup', apiGroup)}` +
    `,"apiVersion":${JSON.stringify(apiVersion)}${textField('subresource', subresource)}}`
  );
}
