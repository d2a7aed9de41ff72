/** Admission plug-in ServiceAccount: the account of a pod and the token that it mounts. */
import { forbiddenError, type JsonObject, mirroredUid, resources, type ServiceAccount } from '../../../api/index.ts';
import { delay, nameSuffix, type Random } from '../../../base/index.ts';
import { objectKey } from '../../stored/key.ts';
import { textOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { checkMountableSecrets } from './mountable-secrets.ts';
import { type AdmissionRequest, isAbout, isPodCreation } from '../request.ts';
import { listOf, specOf } from './pod-spec.ts';

const { pods } = resources;
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** Upstream asks for an hour and seven seconds, so that such requests can be told from others. */
const expirationSeconds = 3607;
const defaultMode = 0o644;
/**
 * Every namespace gets this account, which may still be on its way when the first pod comes: it is waited for, as long
 * as upstream does.
 */
const defaultAccount = 'default';
const looksMax = 10;
const lookAgainMs = 150;

/** Gives every pod a service account and, unless it declines, a projected token, the cluster's CA and its namespace. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit(request, ports) {
    if (!isPodCreation(request) || request.object === undefined) return undefined;
    if (mirroredUid(request.object) !== undefined) return checkMirrorPod(request, request.object);
    const spec = specOf(request.object);
    const name = textOf(spec['serviceAccountName']) || defaultAccount;
    spec['serviceAccountName'] = name;
    spec['serviceAccount'] = name;
    const account = find(ports, request.namespace, name);
    if (account === undefined) return lookAgain(ports, request, name);
    equip(ports, request, account);
    return undefined;
  },
  validate(request, ports) {
    const grows = request.operation === 'UPDATE' && isAbout(request, '', 'pods', 'ephemeralcontainers');
    if (request.object === undefined || (!isPodCreation(request) && !grows)) return;
    const account =
      mirroredUid(request.object) !== undefined
        ? undefined
        : find(ports, request.namespace, textOf(specOf(request.object)['serviceAccountName']));
    if (account !== undefined) checkMountableSecrets(request, account);
  },
};

function find(ports: WritePorts, namespace: string | undefined, name: string): ServiceAccount | undefined {
  return ports.store.get(objectKey(resources.serviceAccounts, namespace, name))?.object<ServiceAccount>();
}

async function lookAgain(ports: WritePorts, request: AdmissionRequest, name: string): Promise<void> {
  await ports.store.readBarrier();
  let account = find(ports, request.namespace, name);
  for (let looks = 1; account === undefined && name === defaultAccount && looks < looksMax; looks++) {
    await delay(ports.timers, lookAgainMs);
    account = find(ports, request.namespace, name);
  }
  if (account === undefined) {
    throw forbiddenError(
      pods,
      request.name,
      `error looking up service account ${request.namespace ?? ''}/${name}: serviceaccount "${name}" not found`,
    );
  }
  equip(ports, request, account);
}

function checkMirrorPod(request: AdmissionRequest, pod: JsonObject): undefined {
  const spec = specOf(pod);
  if (textOf(spec['serviceAccountName']) !== '')
    throw forbiddenError(pods, request.name, 'a mirror pod may not reference service accounts');
  for (const volume of listOf(spec, 'volumes')) {
    if (volume['secret'] !== undefined)
      throw forbiddenError(pods, request.name, 'a mirror pod may not reference secrets');
    const sources = listOf((volume['projected'] as JsonObject | undefined) ?? {}, 'sources');
    if (sources.some((source) => source['serviceAccountToken'] !== undefined))
      throw forbiddenError(pods, request.name, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
  return undefined;
}

function equip(ports: WritePorts, request: AdmissionRequest, account: ServiceAccount): void {
  const pod = request.object as JsonObject;
  const spec = specOf(pod);
  const mounts =
    (spec['automountServiceAccountToken'] as boolean | undefined) ?? account.automountServiceAccountToken ?? true;
  if (mounts) mountToken(ports.random, pod);
  const secrets = account.imagePullSecrets ?? [];
  const current = specOf(pod);
  if (listOf(current, 'imagePullSecrets').length === 0 && secrets.length > 0)
    current['imagePullSecrets'] = secrets.map((secret) => ({ ...secret }));
}

function mountToken(random: Random, pod: JsonObject): void {
  const spec = specOf(pod);
  const volumes = listOf(spec, 'volumes');
  const present = volumes.find(
    (volume) => textOf(volume['name']).startsWith(volumePrefix) && volume['projected'] !== undefined,
  );
  const name = present === undefined ? freeName(random, volumes) : textOf(present['name']);
  let used = false;
  for (const container of [...listOf(spec, 'initContainers'), ...listOf(spec, 'containers')]) {
    const mounts = listOf(container, 'volumeMounts');
    if (mounts.some((mount) => mount['mountPath'] === tokenPath)) continue;
    container['volumeMounts'] = [...mounts, { name, readOnly: true, mountPath: tokenPath }];
    used = true;
  }
  if (!used || present !== undefined) return;
  // The volumes come first in the encoding of a pod's spec.
  const { volumes: _volumes, ...rest } = spec;
  pod['spec'] = { volumes: [...volumes, tokenVolume(name)], ...rest };
}

function freeName(random: Random, volumes: readonly JsonObject[]): string {
  for (;;) {
    const name = `${volumePrefix}${nameSuffix(random)}`;
    if (!volumes.some((volume) => volume['name'] === name)) return name;
  }
}

function tokenVolume(name: string): JsonObject {
  const sources = [
    { serviceAccountToken: { expirationSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
  return { name, projected: { sources, defaultMode } };
}
