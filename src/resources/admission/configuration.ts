/** What configures admission plug-ins: Kubernetes' AdmissionConfiguration, read and checked. */
import { type PodSecurityPolicy, privilegedPolicy } from '../../api/index.ts';

/** What one limit of EventRateLimit counts by. */
export const eventLimitTypes = ['Server', 'Namespace', 'User', 'SourceAndObject'] as const;

/** A limit of EventRateLimit (eventratelimit.admission.k8s.io/v1alpha1 Limit). */
export interface EventLimit {
  readonly type: (typeof eventLimitTypes)[number];
  /** Events per second in the long run, and at once. */
  readonly qps: number;
  readonly burst: number;
  /** Keys (namespaces, users …) that are remembered. */
  readonly cacheSize: number;
}

/** PodSecurityConfiguration (pod-security.admission.config.k8s.io/v1). */
export interface PodSecurityDefaults {
  /** What holds for namespaces without labels. */
  readonly policy: PodSecurityPolicy;
  readonly exemptions: {
    readonly usernames: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
  };
}

/** The service that ImagePolicyWebhook asks (imagepolicy.k8s.io/v1alpha1). */
export interface ImagePolicy {
  /** POST of an ImageReview. Rejects when there is no answer in time. */
  post(body: Uint8Array): Promise<{ readonly status: number; readonly body: Uint8Array }>;
  /** How long an answer is remembered, in ms; 0: not at all. */
  readonly allowMs: number;
  readonly denyMs: number;
  /** The pause before the second try, in ms. */
  readonly retryMs: number;
  /** What it means that the service cannot be asked. */
  readonly defaultAllow: boolean;
}

export interface AdmissionConfiguration {
  readonly eventLimits: readonly EventLimit[];
  readonly podSecurity: PodSecurityDefaults;
  /** Absent: ImagePolicyWebhook asks nobody. */
  readonly imagePolicy?: ImagePolicy | undefined;
}

/** As Kubernetes has it without a configuration. */
export const defaultAdmissionConfiguration: AdmissionConfiguration = {
  eventLimits: [],
  podSecurity: {
    policy: privilegedPolicy,
    exemptions: { usernames: new Set(), runtimeClasses: new Set(), namespaces: new Set() },
  },
};
