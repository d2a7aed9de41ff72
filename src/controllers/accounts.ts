/** The service accounts of kube-system by which the controllers act. */

/** Where the account has another name than the controller. */
const accounts: Readonly<Record<string, string>> = {
  'serviceaccount-controller': 'service-account-controller',
  'pod-resource-claims-controller': 'resource-claim-controller',
  'root-ca-certificate-publisher': 'root-ca-cert-publisher',
  'garbage-collector': 'generic-garbage-collector',
  'certificate-cleaner': 'certificate-controller',
  csrapproving: 'certificate-controller',
  'daemonset-controller': 'daemon-set-controller',
  'job-tracking-controller': 'job-controller',
  'stale-disruption-controller': 'disruption-controller',
  'endpoint-slice-controller': 'endpointslice-controller',
  'endpoint-slice-mirroring-controller': 'endpointslicemirroring-controller',
  'service-cidr-controller': 'service-cidrs-controller',
  'service-lb-controller': 'service-controller',
  'taint-eviction-controller': 'node-controller',
  'persistentvolume-binder': 'persistent-volume-binder',
  'volume-expansion-controller': 'expand-controller',
};

/** Of a controller; as Kubernetes has it, if it has the controller. Its role is bound to the account. */
export function accountOf(controller: string): string {
  return accounts[controller] ?? controller;
}
