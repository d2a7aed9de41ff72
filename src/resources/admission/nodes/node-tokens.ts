/** Which tokens an agent may request, as part of NodeRestriction. */
import { forbiddenError, type JsonObject, type KubeObject, notFound, resources } from '../../../api/index.ts';
import { resourceOf, textOf } from '../../writing/metadata.ts';
import type { WritePorts } from '../../ports.ts';
import { readObject } from '../../stored/reading.ts';
import type { AdmissionRequest } from '../request.ts';
import { listOf, specOf } from '../pods/pod-spec.ts';

const { pods } = resources;

function refuse(request: AdmissionRequest, reason: string): Error {
  return forbiddenError(resourceOf(request.info), request.name, reason);
}

/**
 * A node asks for tokens of the service accounts of its own pods, bound to those pods, for the audiences that they
 * name.
 */
export function checkToken(request: AdmissionRequest, node: string, ports: WritePorts): void | Promise<void> {
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return;
  const spec = request.object === undefined ? {} : specOf(request.object);
  const bound = spec['boundObjectRef'] as JsonObject | undefined;
  const name = textOf(bound?.['name']);
  if (bound === undefined || bound['kind'] !== 'Pod' || bound['apiVersion'] !== 'v1' || name === '')
    throw refuse(request, 'node requested token not bound to a pod');
  const uid = textOf(bound['uid']);
  if (uid === '') throw refuse(request, 'node requested token with a pod binding without a uid');
  const pod = readObject<KubeObject>(ports.store, pods, request.namespace, name);
  if (pod === undefined) throw notFound(pods, name);
  if (uid !== pod.metadata.uid)
    throw refuse(
      request,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might ` +
        'have been deleted and then recreated',
    );
  if ((pod.spec as JsonObject | undefined)?.['nodeName'] !== node)
    throw refuse(request, 'node requested token bound to a pod scheduled on a different node');
  return checkAudience(request, (spec['audiences'] ?? []) as readonly string[], { pod, ports });
}

interface About {
  readonly pod: KubeObject;
  readonly ports: WritePorts;
}

function checkAudience(request: AdmissionRequest, audiences: readonly string[], about: About): void | Promise<void> {
  if (audiences.length > 1) throw refuse(request, 'node may only request 0 or 1 audiences');
  const [audience = ''] = audiences;
  const volumes = listOf((about.pod.spec ?? {}) as JsonObject, 'volumes');
  if (volumes.some((volume) => asksFor(volume, audience, about))) return;
  const { user } = request;
  const question = {
    user,
    verb: 'request-serviceaccounts-token-audience',
    isResource: true,
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    namespace: request.namespace ?? '',
    name: request.name,
    path: '',
  };
  const decide = (answer: { readonly allowed: boolean } | undefined): void => {
    if (answer?.allowed !== true)
      throw refuse(
        request,
        `audience "${audience}" not found in pod spec volume, ${user.name} is not authorized to request ` +
          'tokens for this audience',
      );
  };
  const answer = about.ports.authorize?.(question);
  return answer instanceof Promise ? answer.then(decide) : decide(answer);
}

/** Whether a volume of the pod needs tokens for that audience. */
function asksFor(volume: JsonObject, audience: string, about: About): boolean {
  const sources = listOf((volume['projected'] as JsonObject | undefined) ?? {}, 'sources');
  const tokens = sources
    .map((source) => source['serviceAccountToken'] as JsonObject | undefined)
    .filter((token) => token !== undefined);
  if (tokens.some((token) => textOf(token['audience']) === audience)) return true;
  const driver = driverOf(volume, about);
  const object =
    driver === '' ? undefined : readObject<KubeObject>(about.ports.store, resources.csiDrivers, undefined, driver);
  return (
    object !== undefined &&
    listOf((object.spec ?? {}) as JsonObject, 'tokenRequests').some((token) => textOf(token['audience']) === audience)
  );
}

/** The CSI driver behind a volume; '' where there is none. */
function driverOf(volume: JsonObject, { pod, ports }: About): string {
  const inline = volume['csi'] as JsonObject | undefined;
  if (inline !== undefined) return textOf(inline['driver']);
  const claimed = volume['persistentVolumeClaim'] as JsonObject | undefined;
  const name = claimed === undefined ? `${pod.metadata.name}-${textOf(volume['name'])}` : textOf(claimed['claimName']);
  if (claimed === undefined && volume['ephemeral'] === undefined) return '';
  const claim = readObject<KubeObject>(ports.store, resources.persistentVolumeClaims, pod.metadata.namespace, name);
  const volumeName = textOf((claim?.spec as JsonObject | undefined)?.['volumeName']);
  const bound =
    volumeName === ''
      ? undefined
      : readObject<KubeObject>(ports.store, resources.persistentVolumes, undefined, volumeName);
  return textOf(((bound?.spec as JsonObject | undefined)?.['csi'] as JsonObject | undefined)?.['driver']);
}
