/** Admission plug-in RuntimeClass. */
import { deepEqual, forbiddenError, type JsonObject, type KubeObject, resources } from '../../../api/index.ts';
import { textOf } from '../../writing/metadata.ts';
import { readObject } from '../../stored/reading.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { type AdmissionRequest, isPodCreation } from '../request.ts';
import { listOf, specOf } from './pod-spec.ts';

interface RuntimeClassObject extends KubeObject {
  readonly overhead?: { readonly podFixed?: JsonObject | undefined };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
    readonly tolerations?: readonly JsonObject[] | undefined;
  };
}

const refuse = (request: AdmissionRequest, reason: string): Error =>
  forbiddenError(resources.pods, request.name, reason);

/** A pod takes over its RuntimeClass's overhead, node selector and tolerations. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  admit(request, { store }) {
    if (!isPodCreation(request) || request.object === undefined) return;
    const spec = specOf(request.object);
    const name = textOf(spec['runtimeClassName']);
    if (name === '') {
      if (Object.keys((spec['overhead'] as JsonObject | undefined) ?? {}).length > 0) {
        throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
      }
      return;
    }
    const found = readObject<RuntimeClassObject>(store, resources.runtimeClasses, undefined, name);
    if (found === undefined) throw refuse(request, `pod rejected: RuntimeClass "${name}" not found`);
    takeOverhead(request, spec, found);
    takeScheduling(request, spec, found);
  },
};

function takeOverhead(request: AdmissionRequest, spec: JsonObject, found: RuntimeClassObject): void {
  const fixed = found.overhead?.podFixed;
  const given = spec['overhead'];
  if (fixed === undefined) {
    if (given !== undefined)
      throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    return;
  }
  if (given !== undefined && !deepEqual(given, fixed))
    throw refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  spec['overhead'] = { ...fixed };
}

function takeScheduling(request: AdmissionRequest, spec: JsonObject, found: RuntimeClassObject): void {
  const { nodeSelector = {}, tolerations = [] } = found.scheduling ?? {};
  const selector = { ...((spec['nodeSelector'] as Record<string, string> | undefined) ?? {}) };
  for (const [key, value] of Object.entries(nodeSelector)) {
    if (selector[key] !== undefined && selector[key] !== value) {
      throw refuse(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ` +
          `${selector[key]}`,
      );
    }
    selector[key] = value;
  }
  if (Object.keys(selector).length > 0) spec['nodeSelector'] = selector;
  const present = listOf(spec, 'tolerations');
  const more = tolerations.filter((toleration) => !present.some((own) => deepEqual(own, toleration)));
  if (more.length > 0) spec['tolerations'] = [...present, ...more.map((toleration) => ({ ...toleration }))];
}
