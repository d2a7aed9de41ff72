import { allResources, type ResourceInfo } from '../api/index.ts';
import type { Controller } from './controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/controller.ts';
import { endpointSliceController } from './endpoint-slice/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { namespaceController } from './namespace/controller.ts';
import { nodeLifecycleController } from './node-lifecycle/controller.ts';
import { replicaSetController, replicationController } from './replica-set/controller.ts';
import { rootCertificateController } from './root-certificate/controller.ts';
import { serviceAccountController } from './service-account/controller.ts';
import { taintEvictionController } from './taint-eviction/controller.ts';

export interface ControllerSettings {
  /** PEM of the certificates by which pods trust the API server. */
  readonly rootCertificates: string;
  /** A node silent for this long is Unknown; default 5 s. */
  readonly nodeSilentMs?: number;
  /** The first sign of life of a node may take this long; default 60 s. */
  readonly nodeStartMs?: number;
  /** All served resources, custom ones too; default: the built-in ones. */
  readonly served?: () => readonly ResourceInfo[];
}

/** Every controller of a cluster. */
export function allControllers(settings: ControllerSettings): readonly Controller[] {
  const served = settings.served ?? allResources;
  return [
    namespaceController(served),
    serviceAccountController(),
    rootCertificateController(settings.rootCertificates),
    garbageCollector(served),
    deploymentController(),
    replicaSetController(),
    replicationController(),
    endpointSliceController(),
    endpointsController(),
    endpointSliceMirroringController(),
    nodeLifecycleController({ silentMs: settings.nodeSilentMs ?? 5_000, startMs: settings.nodeStartMs ?? 60_000 }),
    taintEvictionController(),
  ];
}
