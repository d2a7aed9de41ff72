import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  ApiException,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type KubernetesObject,
  makeInformer,
  setHeaderOptions,
  PatchStrategy,
} from '@kubernetes/client-node';

/**
 * A small operator in the shape of controller-runtime's: one leader, an informer, a finalizer, a status, owned
 * children.
 */
export interface Curtain extends KubernetesObject {
  readonly spec: { readonly text: string };
}

const place = { group: 'operator.example.com', version: 'v1', plural: 'curtains', namespace: 'default' };
const finalizer = 'operator.example.com/fold';
const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
export const leaseName = 'curtain-operator';

export interface Operator {
  /** What it did, in order: `led`, `made web`, `folded web`. */
  readonly done: readonly string[];
  stop(): Promise<void>;
}

/** Waits for its turn, then reconciles every Curtain until stopped. */
export async function startOperator(config: KubeConfig, identity: string): Promise<Operator> {
  const done: string[] = [];
  const curtains = config.makeApiClient(CustomObjectsApi);
  const core = config.makeApiClient(CoreV1Api);
  const informer = makeInformer<Curtain>(
    config,
    `/apis/${place.group}/${place.version}/namespaces/default/curtains`,
    () => curtains.listNamespacedCustomObject(place) as never,
  );
  const patch = (name: string, body: object): Promise<unknown> =>
    curtains.patchNamespacedCustomObject({ ...place, name, body }, mergePatch);
  const reconcile = async (curtain: Curtain): Promise<void> => {
    const { name = '', uid = '', finalizers = [], deletionTimestamp } = curtain.metadata ?? {};
    if (deletionTimestamp !== undefined) {
      if (!finalizers.includes(finalizer)) return;
      done.push(`folded ${name}`);
      await patch(name, { metadata: { finalizers: [] } });
      return;
    }
    if (!finalizers.includes(finalizer)) {
      await patch(name, { metadata: { finalizers: [finalizer] } });
      const ownerReferences = [
        {
          apiVersion: `${place.group}/${place.version}`,
          kind: 'Curtain',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ];
      await core.createNamespacedConfigMap({
        namespace: 'default',
        body: { metadata: { name: `curtain-${name}`, ownerReferences }, data: { text: curtain.spec.text } },
      });
      await curtains.patchNamespacedCustomObjectStatus(
        { ...place, name, body: { status: { ready: true } } },
        mergePatch,
      );
      done.push(`made ${name}`);
    }
  };
  const failed = (error: unknown): void => {
    done.push(`failed: ${error instanceof Error ? error.message : String(error)}`);
  };
  for (const verb of ['add', 'update'] as const)
    informer.on(verb, (curtain) => {
      reconcile(curtain).catch(failed);
    });
  if (await lead(config.makeApiClient(CoordinationV1Api), identity)) done.push('led');
  await informer.start();
  return { done, stop: () => informer.stop() };
}

/** Creates the Lease, or takes it over when its holder let it expire (client-go's leaderelection). True when held. */
async function lead(leases: CoordinationV1Api, identity: string): Promise<boolean> {
  const metadata = { name: leaseName, namespace: 'default' };
  const spec = { holderIdentity: identity, leaseDurationSeconds: 15, leaseTransitions: 0 };
  try {
    await leases.createNamespacedLease({ namespace: 'default', body: { metadata, spec } });
    return true;
  } catch (error) {
    if (!(error instanceof ApiException) || error.code !== 409) throw error;
    const held = await leases.readNamespacedLease(metadata);
    return held.spec?.holderIdentity === identity;
  }
}

/** An admission webhook that adds a label to every Curtain and refuses those whose text is empty. */
export async function startWebhook(tls: {
  readonly key: string;
  readonly cert: string;
}): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(tls, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { request: review } = JSON.parse(body) as { request: { uid: string; object: Curtain } };
      const refused = review.object.spec.text === '';
      const change = Buffer.from(
        JSON.stringify([{ op: 'add', path: '/metadata/labels', value: { hung: 'yes' } }]),
      ).toString('base64');
      const answer = refused
        ? { allowed: false, status: { code: 422, message: 'a curtain needs a text' } }
        : { allowed: true, patchType: 'JSONPatch', patch: change };
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: review.uid, ...answer },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, server };
}
