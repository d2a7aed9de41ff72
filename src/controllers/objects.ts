import type { GroupResource, KubeObject, ObjectMeta } from '../api/index.ts';

/**
 * What the controllers read of the kinds they handle: stored objects are complete, so what the API always sets is not
 * optional.
 */
export interface StoredMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
}

export interface Stored extends KubeObject {
  readonly metadata: StoredMeta;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export type IntOrString = number | string;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
  readonly lastUpdateTime?: string | null;
  readonly lastProbeTime?: string | null;
  readonly observedGeneration?: number;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
  readonly matchFields?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
    };
  };
  readonly [other: string]: unknown;
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly ports?: readonly ContainerPort[];
  readonly env?: readonly { readonly name: string; readonly [field: string]: unknown }[];
  readonly restartPolicy?: string;
  readonly [field: string]: unknown;
}

export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly ephemeral?: unknown;
  readonly [field: string]: unknown;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly hostNetwork?: boolean;
  readonly restartPolicy?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly tolerations?: readonly Toleration[];
  readonly affinity?: Affinity;
  readonly readinessGates?: readonly unknown[];
  readonly [field: string]: unknown;
}

export interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly terminated?: { readonly exitCode: number; readonly finishedAt?: string | null; readonly reason?: string };
    readonly [state: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly Condition[];
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly startTime?: string;
}

export interface Pod extends Stored {
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

export interface PodTemplate {
  readonly metadata?: ObjectMeta;
  readonly spec: PodSpec;
}

/** A ReplicaSet or a ReplicationController (whose selector is a plain map). */
export interface ReplicaSet extends Stored {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly selector?: LabelSelector;
    readonly template: PodTemplate;
  };
  readonly status?: ReplicaSetStatus;
}

export interface ReplicaSetStatus {
  readonly replicas?: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

export interface Node extends Stored {
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    readonly unschedulable?: boolean;
    readonly taints?: readonly Taint[];
    readonly providerID?: string;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly [field: string]: unknown;
  };
}

export interface Namespace extends Stored {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

const core = (resource: string): GroupResource => ({ group: '', resource });
const apps = (resource: string): GroupResource => ({ group: 'apps', resource });

/** The collections that controllers read or write. */
export const resources = {
  pods: core('pods'),
  nodes: core('nodes'),
  namespaces: core('namespaces'),
  services: core('services'),
  endpoints: core('endpoints'),
  configMaps: core('configmaps'),
  secrets: core('secrets'),
  serviceAccounts: core('serviceaccounts'),
  events: core('events'),
  persistentVolumes: core('persistentvolumes'),
  persistentVolumeClaims: core('persistentvolumeclaims'),
  replicationControllers: core('replicationcontrollers'),
  resourceQuotas: core('resourcequotas'),
  replicaSets: apps('replicasets'),
  deployments: apps('deployments'),
  statefulSets: apps('statefulsets'),
  daemonSets: apps('daemonsets'),
  controllerRevisions: apps('controllerrevisions'),
  jobs: { group: 'batch', resource: 'jobs' },
  cronJobs: { group: 'batch', resource: 'cronjobs' },
  endpointSlices: { group: 'discovery.k8s.io', resource: 'endpointslices' },
  leases: { group: 'coordination.k8s.io', resource: 'leases' },
  clusterRoles: { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  podDisruptionBudgets: { group: 'policy', resource: 'poddisruptionbudgets' },
  storageClasses: { group: 'storage.k8s.io', resource: 'storageclasses' },
  apiServices: { group: 'apiregistration.k8s.io', resource: 'apiservices' },
  admissionPolicies: { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicies' },
  flowSchemas: { group: 'flowcontrol.apiserver.k8s.io', resource: 'flowschemas' },
  priorityLevels: { group: 'flowcontrol.apiserver.k8s.io', resource: 'prioritylevelconfigurations' },
  networkPolicies: { group: 'networking.k8s.io', resource: 'networkpolicies' },
  ingresses: { group: 'networking.k8s.io', resource: 'ingresses' },
  ingressClasses: { group: 'networking.k8s.io', resource: 'ingressclasses' },
  serviceCidrs: { group: 'networking.k8s.io', resource: 'servicecidrs' },
  ipAddresses: { group: 'networking.k8s.io', resource: 'ipaddresses' },
  signingRequests: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' },
  horizontalPodAutoscalers: { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
} as const satisfies Record<string, GroupResource>;
