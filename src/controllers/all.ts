/** Every controller of a cluster, made from the settings of a member. */
import type { ResourceInfo } from '../api/index.ts';
import type { Controller } from './runtime/index.ts';
import { type AccountTokenOptions, accountTokenController } from './account-token/controller.ts';
import { admissionPolicyController } from './admission-policy/controller.ts';
import { type ApiProbe, apiServiceController } from './api-service/controller.ts';
import { certificateApprover } from './certificate-signing/approver.ts';
import { certificateCleaner } from './certificate-signing/cleaner.ts';
import { certificateSigningController, type CertificateSigner } from './certificate-signing/controller.ts';
import type { ApprovalCheck } from './certificate-signing/reconcile.ts';
import { clusterRoleController } from './cluster-role/controller.ts';
import { cronJobController } from './cron-job/controller.ts';
import { attachDetachController } from './attach-detach/controller.ts';
import { bootstrapSigner, tokenCleaner } from './bootstrap-token/controller.ts';
import { customResourceDefinitionController } from './custom-resource-definition/controller.ts';
import { daemonSetController } from './daemon-set/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { disruptionController } from './disruption/controller.ts';
import { staleDisruptionController } from './disruption/stale-disruption.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/controller.ts';
import { endpointSliceController } from './endpoint-slice/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { ephemeralVolumeController } from './ephemeral-volume/controller.ts';
import { flowSchemaController } from './flow-schema/controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { ipAddressController } from './ip-address/controller.ts';
import { jobController, ttlAfterFinishedController } from './job/controller.ts';
import { trackingFinalizerController } from './job/tracking-finalizer.ts';
import { loadBalancerController } from './load-balancer/controller.ts';
import {
  localPathClass,
  localPathProvisioner,
  localPathReclaimer,
  type LocalClassOptions,
} from './local-path/index.ts';
import { namespaceController } from './namespace/controller.ts';
import { networkPolicyController } from './network-policy/controller.ts';
import { nodeLifecycleController } from './node-lifecycle/controller.ts';
import { podAutoscalerController } from './pod-autoscaler/controller.ts';
import type { AdapterSource, PodMetricsSource } from './pod-autoscaler/metric.ts';
import { podCollector } from './pod-collector/controller.ts';
import { replicaSetController, replicationController } from './replica-set/controller.ts';
import { podClaimsController, resourceClaimController } from './resource-claim/controller.ts';
import { type QuotaUsage, resourceQuotaController } from './resource-quota/controller.ts';
import { rootCertificateController } from './root-certificate/controller.ts';
import { serviceAccountController } from './service-account/controller.ts';
import { serviceCidrController } from './service-cidr/controller.ts';
import { statefulSetController } from './stateful-set/controller.ts';
import { taintEvictionController } from './taint-eviction/controller.ts';
import { volumeBinder } from './volume-binder/controller.ts';
import { volumeExpansionController } from './volume-expansion/controller.ts';
import { claimProtectionController, volumeProtectionController } from './volume-protection/controller.ts';

/** The first sign of life of a node may take this long. */
const nodeStartMs = 60_000;

interface ControllerSettings {
  /** PEM of the certificates by which pods trust the API server, as they are now. */
  readonly rootCertificates: () => string;
  /** Whether another key signs now than the one that signed a token (in base64). */
  readonly isReplacedToken: AccountTokenOptions['isReplaced'];
  /** A node silent for this long is Unknown. */
  readonly nodeSilentMs: number;
  /** When this member last heard a node's agent, in monotonic ms; undefined: it did not. */
  readonly nodeHeardAt: (node: string) => number | undefined;
  /** All served resources, custom ones too. */
  readonly served: () => readonly ResourceInfo[];
  /** Signs tokens for Secrets of the type service-account-token. */
  readonly issueToken: AccountTokenOptions['issue'];
  /** Counts for ResourceQuotas. */
  readonly quotaUsage: QuotaUsage;
  /** Signs approved requests to the built-in signers. */
  readonly signCertificate: CertificateSigner;
  /** Decides whose certificates are approved automatically. */
  readonly mayHaveCertificate: ApprovalCheck;
  /** Asks aggregated APIs whether they answer. */
  readonly probeApi: ApiProbe;
  /** Asks the resource metrics API. */
  readonly podMetrics: PodMetricsSource;
  /** Asks adapters for custom and external metrics. */
  readonly adapterMetrics: AdapterSource;
  /** Pods get devices by claims; absent: they do not. */
  readonly devices?: boolean | undefined;
  /** Volumes on nodes' own disks; absent: none are made. */
  readonly localVolumes?: LocalClassOptions | undefined;
  /**
   * Services of type LoadBalancer get the nodes' addresses, but no port of these; absent: they wait for somebody else's
   * load balancer.
   */
  readonly loadBalancers?: { readonly reservedPorts: readonly number[] } | undefined;
}

/** Every controller of a cluster. */
export function allControllers(settings: ControllerSettings): readonly Controller[] {
  return [
    ...clusterControllers(settings),
    ...workloadControllers(settings),
    ...networkControllers(settings),
    ...nodeControllers(settings),
    ...volumeControllers(settings),
    ...(settings.devices === true ? [podClaimsController(), resourceClaimController()] : []),
  ];
}

function clusterControllers(settings: ControllerSettings): readonly Controller[] {
  const { rootCertificates, served } = settings;
  return [
    namespaceController(served),
    serviceAccountController(),
    rootCertificateController(rootCertificates),
    garbageCollector(served),
    clusterRoleController(),
    customResourceDefinitionController(),
    certificateCleaner(),
    certificateSigningController(settings.signCertificate),
    certificateApprover(settings.mayHaveCertificate),
    apiServiceController(settings.probeApi),
    flowSchemaController(),
    admissionPolicyController(served),
    accountTokenController({ issue: settings.issueToken, rootCertificates, isReplaced: settings.isReplacedToken }),
    bootstrapSigner(),
    tokenCleaner(),
    resourceQuotaController(settings.quotaUsage),
  ];
}

function workloadControllers({ served, podMetrics, adapterMetrics }: ControllerSettings): readonly Controller[] {
  return [
    deploymentController(),
    replicaSetController(),
    replicationController(),
    statefulSetController(),
    daemonSetController(),
    jobController(),
    trackingFinalizerController(),
    ttlAfterFinishedController(),
    cronJobController(),
    disruptionController(served),
    staleDisruptionController(),
    podAutoscalerController(served, podMetrics, adapterMetrics),
  ];
}

function networkControllers({ loadBalancers }: ControllerSettings): readonly Controller[] {
  return [
    endpointSliceController(),
    endpointsController(),
    endpointSliceMirroringController(),
    networkPolicyController(),
    serviceCidrController(),
    ipAddressController(),
    ...(loadBalancers === undefined ? [] : [loadBalancerController(loadBalancers)]),
  ];
}

function nodeControllers({ nodeSilentMs, nodeHeardAt }: ControllerSettings): readonly Controller[] {
  return [
    nodeLifecycleController({ silentMs: nodeSilentMs, startMs: nodeStartMs }, nodeHeardAt),
    taintEvictionController(),
    podCollector(),
  ];
}

function volumeControllers({ localVolumes }: ControllerSettings): readonly Controller[] {
  return [
    volumeBinder(),
    attachDetachController(),
    volumeExpansionController(),
    claimProtectionController(),
    volumeProtectionController(),
    ephemeralVolumeController(),
    ...(localVolumes === undefined ? [] : [localPathProvisioner(), localPathReclaimer(), localPathClass(localVolumes)]),
  ];
}
