/** The cluster's settings that the write path needs, and their defaults. */
import { type AdmissionConfiguration, defaultAdmissionConfiguration } from './admission/configuration.ts';

/** The cluster's facts that the write path needs. */
export interface ResourceSettings {
  /** Addresses of Services in CIDR notation, one range for each family; the first is that of the default family. */
  readonly serviceCidrs: readonly string[];
  /** Addresses of pods, one range for each family; empty: not known here. */
  readonly podCidrs: readonly string[];
  /** Ports of NodePort Services, both ends included. */
  readonly nodePortRange: { readonly first: number; readonly last: number };
  /** Tolerations that pods get for a node that is not ready or unreachable, in seconds. */
  readonly notReadyTolerationSeconds: number;
  /** The life of an Event, in ms. */
  readonly eventMs: number;
  /** Group versions that are served beside those that always are: `admissionregistration.k8s.io/v1alpha1`. */
  readonly optionalVersions: readonly string[];
  /** Features of Kubernetes that are off unless they are named: `MutatingAdmissionPolicy`. */
  readonly features: readonly string[];
  /** Admission plug-ins that are off unless they are named: `DenyServiceExternalIPs`. */
  readonly admissionPlugins: readonly string[];
  readonly admission: AdmissionConfiguration;
}

export const defaultResourceSettings: ResourceSettings = {
  serviceCidrs: ['10.96.0.0/16'],
  podCidrs: [],
  nodePortRange: { first: 30_000, last: 32_767 },
  notReadyTolerationSeconds: 300,
  eventMs: 60 * 60_000,
  optionalVersions: [],
  features: [],
  admissionPlugins: [],
  admission: defaultAdmissionConfiguration,
};
