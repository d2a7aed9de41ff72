/** The built-in kinds as TypeScript types; made by scripts/client-kinds.ts from the schema tables. */

export interface AdmissionregistrationV1AuditAnnotation {
  key: string;
  valueExpression: string;
}

export interface AdmissionregistrationV1ExpressionWarning {
  fieldRef: string;
  warning: string;
}

export interface AdmissionregistrationV1MatchCondition {
  name: string;
  expression: string;
}

export interface AdmissionregistrationV1MatchResources {
  namespaceSelector?: MetaV1LabelSelector;
  objectSelector?: MetaV1LabelSelector;
  resourceRules?: AdmissionregistrationV1NamedRuleWithOperations[];
  excludeResourceRules?: AdmissionregistrationV1NamedRuleWithOperations[];
  matchPolicy?: string;
}

export interface AdmissionregistrationV1MutatingWebhook {
  name: string;
  clientConfig: AdmissionregistrationV1WebhookClientConfig;
  rules?: AdmissionregistrationV1RuleWithOperations[];
  failurePolicy?: string;
  matchPolicy?: string;
  namespaceSelector?: MetaV1LabelSelector;
  objectSelector?: MetaV1LabelSelector;
  sideEffects: string;
  timeoutSeconds?: number;
  admissionReviewVersions: string[];
  reinvocationPolicy?: string;
  matchConditions?: AdmissionregistrationV1MatchCondition[];
}

export interface AdmissionregistrationV1MutatingWebhookConfiguration {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  webhooks?: AdmissionregistrationV1MutatingWebhook[];
}

export interface AdmissionregistrationV1NamedRuleWithOperations {
  resourceNames?: string[];
  operations?: string[];
  apiGroups?: string[];
  apiVersions?: string[];
  resources?: string[];
  scope?: string;
}

export interface AdmissionregistrationV1ParamKind {
  apiVersion?: string;
  kind?: string;
}

export interface AdmissionregistrationV1ParamRef {
  name?: string;
  namespace?: string;
  selector?: MetaV1LabelSelector;
  parameterNotFoundAction?: string;
}

export interface AdmissionregistrationV1RuleWithOperations {
  operations?: string[];
  apiGroups?: string[];
  apiVersions?: string[];
  resources?: string[];
  scope?: string;
}

export interface AdmissionregistrationV1ServiceReference {
  namespace: string;
  name: string;
  path?: string;
  port?: number;
}

export interface AdmissionregistrationV1TypeChecking {
  expressionWarnings?: AdmissionregistrationV1ExpressionWarning[];
}

export interface AdmissionregistrationV1ValidatingAdmissionPolicy {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AdmissionregistrationV1ValidatingAdmissionPolicySpec;
  status?: AdmissionregistrationV1ValidatingAdmissionPolicyStatus;
}

export interface AdmissionregistrationV1ValidatingAdmissionPolicyBinding {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AdmissionregistrationV1ValidatingAdmissionPolicyBindingSpec;
}

export interface AdmissionregistrationV1ValidatingAdmissionPolicyBindingSpec {
  policyName?: string;
  paramRef?: AdmissionregistrationV1ParamRef;
  matchResources?: AdmissionregistrationV1MatchResources;
  validationActions?: string[];
}

export interface AdmissionregistrationV1ValidatingAdmissionPolicySpec {
  paramKind?: AdmissionregistrationV1ParamKind;
  matchConstraints?: AdmissionregistrationV1MatchResources;
  validations?: AdmissionregistrationV1Validation[];
  failurePolicy?: string;
  auditAnnotations?: AdmissionregistrationV1AuditAnnotation[];
  matchConditions?: AdmissionregistrationV1MatchCondition[];
  variables?: AdmissionregistrationV1Variable[];
}

export interface AdmissionregistrationV1ValidatingAdmissionPolicyStatus {
  observedGeneration?: number;
  typeChecking?: AdmissionregistrationV1TypeChecking;
  conditions?: MetaV1Condition[];
}

export interface AdmissionregistrationV1ValidatingWebhook {
  name: string;
  clientConfig: AdmissionregistrationV1WebhookClientConfig;
  rules?: AdmissionregistrationV1RuleWithOperations[];
  failurePolicy?: string;
  matchPolicy?: string;
  namespaceSelector?: MetaV1LabelSelector;
  objectSelector?: MetaV1LabelSelector;
  sideEffects: string;
  timeoutSeconds?: number;
  admissionReviewVersions: string[];
  matchConditions?: AdmissionregistrationV1MatchCondition[];
}

export interface AdmissionregistrationV1ValidatingWebhookConfiguration {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  webhooks?: AdmissionregistrationV1ValidatingWebhook[];
}

export interface AdmissionregistrationV1Validation {
  expression: string;
  message?: string;
  reason?: string;
  messageExpression?: string;
}

export interface AdmissionregistrationV1Variable {
  name: string;
  expression: string;
}

export interface AdmissionregistrationV1WebhookClientConfig {
  url?: string;
  service?: AdmissionregistrationV1ServiceReference;
  caBundle?: string;
}

export interface ApiextensionsV1CustomResourceColumnDefinition {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface ApiextensionsV1CustomResourceConversion {
  strategy: string;
  webhook?: ApiextensionsV1WebhookConversion;
}

export interface ApiextensionsV1CustomResourceDefinition {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec: ApiextensionsV1CustomResourceDefinitionSpec;
  status?: ApiextensionsV1CustomResourceDefinitionStatus;
}

export interface ApiextensionsV1CustomResourceDefinitionCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface ApiextensionsV1CustomResourceDefinitionNames {
  plural: string;
  singular?: string;
  shortNames?: string[];
  kind: string;
  listKind?: string;
  categories?: string[];
}

export interface ApiextensionsV1CustomResourceDefinitionSpec {
  group: string;
  names: ApiextensionsV1CustomResourceDefinitionNames;
  scope: string;
  versions: ApiextensionsV1CustomResourceDefinitionVersion[];
  conversion?: ApiextensionsV1CustomResourceConversion;
  preserveUnknownFields?: boolean;
}

export interface ApiextensionsV1CustomResourceDefinitionStatus {
  conditions?: ApiextensionsV1CustomResourceDefinitionCondition[];
  acceptedNames?: ApiextensionsV1CustomResourceDefinitionNames;
  storedVersions?: string[];
}

export interface ApiextensionsV1CustomResourceDefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: ApiextensionsV1CustomResourceValidation;
  subresources?: ApiextensionsV1CustomResourceSubresources;
  additionalPrinterColumns?: ApiextensionsV1CustomResourceColumnDefinition[];
  selectableFields?: ApiextensionsV1SelectableField[];
}

export interface ApiextensionsV1CustomResourceSubresourceScale {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

export interface ApiextensionsV1CustomResourceSubresourceStatus {
}

export interface ApiextensionsV1CustomResourceSubresources {
  status?: ApiextensionsV1CustomResourceSubresourceStatus;
  scale?: ApiextensionsV1CustomResourceSubresourceScale;
}

export interface ApiextensionsV1CustomResourceValidation {
  openAPIV3Schema?: ApiextensionsV1JSONSchemaProps;
}

export interface ApiextensionsV1ExternalDocumentation {
  description?: string;
  url?: string;
}

export interface ApiextensionsV1JSONSchemaProps {
  id?: string;
  "$schema"?: string;
  "$ref"?: string;
  description?: string;
  type?: string;
  format?: string;
  title?: string;
  default?: unknown;
  maximum?: number;
  exclusiveMaximum?: boolean;
  minimum?: number;
  exclusiveMinimum?: boolean;
  maxLength?: number;
  minLength?: number;
  pattern?: string;
  maxItems?: number;
  minItems?: number;
  uniqueItems?: boolean;
  multipleOf?: number;
  enum?: unknown[];
  maxProperties?: number;
  minProperties?: number;
  required?: string[];
  items?: unknown;
  allOf?: ApiextensionsV1JSONSchemaProps[];
  oneOf?: ApiextensionsV1JSONSchemaProps[];
  anyOf?: ApiextensionsV1JSONSchemaProps[];
  not?: ApiextensionsV1JSONSchemaProps;
  properties?: { [name: string]: ApiextensionsV1JSONSchemaProps };
  additionalProperties?: unknown;
  patternProperties?: { [name: string]: ApiextensionsV1JSONSchemaProps };
  dependencies?: { [name: string]: unknown };
  additionalItems?: unknown;
  definitions?: { [name: string]: ApiextensionsV1JSONSchemaProps };
  externalDocs?: ApiextensionsV1ExternalDocumentation;
  example?: unknown;
  nullable?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-embedded-resource"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-map-type"?: string;
  "x-kubernetes-validations"?: ApiextensionsV1ValidationRule[];
}

export interface ApiextensionsV1SelectableField {
  jsonPath: string;
}

export interface ApiextensionsV1ServiceReference {
  namespace: string;
  name: string;
  path?: string;
  port?: number;
}

export interface ApiextensionsV1ValidationRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

export interface ApiextensionsV1WebhookClientConfig {
  url?: string;
  service?: ApiextensionsV1ServiceReference;
  caBundle?: string;
}

export interface ApiextensionsV1WebhookConversion {
  clientConfig?: ApiextensionsV1WebhookClientConfig;
  conversionReviewVersions: string[];
}

export interface ApiregistrationV1APIService {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: ApiregistrationV1APIServiceSpec;
  status?: ApiregistrationV1APIServiceStatus;
}

export interface ApiregistrationV1APIServiceCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface ApiregistrationV1APIServiceSpec {
  service?: ApiregistrationV1ServiceReference;
  group?: string;
  version?: string;
  insecureSkipTLSVerify?: boolean;
  caBundle?: string;
  groupPriorityMinimum: number;
  versionPriority: number;
}

export interface ApiregistrationV1APIServiceStatus {
  conditions?: ApiregistrationV1APIServiceCondition[];
}

export interface ApiregistrationV1ServiceReference {
  namespace?: string;
  name?: string;
  port?: number;
}

export interface AppsV1ControllerRevision {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  data?: unknown;
  revision: number;
}

export interface AppsV1DaemonSet {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AppsV1DaemonSetSpec;
  status?: AppsV1DaemonSetStatus;
}

export interface AppsV1DaemonSetCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface AppsV1DaemonSetSpec {
  selector: MetaV1LabelSelector;
  template: CoreV1PodTemplateSpec;
  updateStrategy?: AppsV1DaemonSetUpdateStrategy;
  minReadySeconds?: number;
  revisionHistoryLimit?: number;
}

export interface AppsV1DaemonSetStatus {
  currentNumberScheduled: number;
  numberMisscheduled: number;
  desiredNumberScheduled: number;
  numberReady: number;
  observedGeneration?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  numberUnavailable?: number;
  collisionCount?: number;
  conditions?: AppsV1DaemonSetCondition[];
}

export interface AppsV1DaemonSetUpdateStrategy {
  type?: string;
  rollingUpdate?: AppsV1RollingUpdateDaemonSet;
}

export interface AppsV1Deployment {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AppsV1DeploymentSpec;
  status?: AppsV1DeploymentStatus;
}

export interface AppsV1DeploymentCondition {
  type: string;
  status: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface AppsV1DeploymentSpec {
  replicas?: number;
  selector: MetaV1LabelSelector;
  template: CoreV1PodTemplateSpec;
  strategy?: AppsV1DeploymentStrategy;
  minReadySeconds?: number;
  revisionHistoryLimit?: number;
  paused?: boolean;
  progressDeadlineSeconds?: number;
}

export interface AppsV1DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  conditions?: AppsV1DeploymentCondition[];
  collisionCount?: number;
}

export interface AppsV1DeploymentStrategy {
  type?: string;
  rollingUpdate?: AppsV1RollingUpdateDeployment;
}

export interface AppsV1ReplicaSet {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AppsV1ReplicaSetSpec;
  status?: AppsV1ReplicaSetStatus;
}

export interface AppsV1ReplicaSetCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface AppsV1ReplicaSetSpec {
  replicas?: number;
  minReadySeconds?: number;
  selector: MetaV1LabelSelector;
  template?: CoreV1PodTemplateSpec;
}

export interface AppsV1ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: AppsV1ReplicaSetCondition[];
}

export interface AppsV1RollingUpdateDaemonSet {
  maxUnavailable?: string | number;
  maxSurge?: string | number;
}

export interface AppsV1RollingUpdateDeployment {
  maxUnavailable?: string | number;
  maxSurge?: string | number;
}

export interface AppsV1RollingUpdateStatefulSetStrategy {
  partition?: number;
  maxUnavailable?: string | number;
}

export interface AppsV1StatefulSet {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AppsV1StatefulSetSpec;
  status?: AppsV1StatefulSetStatus;
}

export interface AppsV1StatefulSetCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface AppsV1StatefulSetOrdinals {
  start?: number;
}

export interface AppsV1StatefulSetPersistentVolumeClaimRetentionPolicy {
  whenDeleted?: string;
  whenScaled?: string;
}

export interface AppsV1StatefulSetSpec {
  replicas?: number;
  selector: MetaV1LabelSelector;
  template: CoreV1PodTemplateSpec;
  volumeClaimTemplates?: CoreV1PersistentVolumeClaim[];
  serviceName?: string;
  podManagementPolicy?: string;
  updateStrategy?: AppsV1StatefulSetUpdateStrategy;
  revisionHistoryLimit?: number;
  minReadySeconds?: number;
  persistentVolumeClaimRetentionPolicy?: AppsV1StatefulSetPersistentVolumeClaimRetentionPolicy;
  ordinals?: AppsV1StatefulSetOrdinals;
}

export interface AppsV1StatefulSetStatus {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
  conditions?: AppsV1StatefulSetCondition[];
  availableReplicas?: number;
}

export interface AppsV1StatefulSetUpdateStrategy {
  type?: string;
  rollingUpdate?: AppsV1RollingUpdateStatefulSetStrategy;
}

export interface AutoscalingV1CrossVersionObjectReference {
  kind: string;
  name: string;
  apiVersion?: string;
}

export interface AutoscalingV1HorizontalPodAutoscaler {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: AutoscalingV1HorizontalPodAutoscalerSpec;
  status?: AutoscalingV1HorizontalPodAutoscalerStatus;
}

export interface AutoscalingV1HorizontalPodAutoscalerSpec {
  scaleTargetRef: AutoscalingV1CrossVersionObjectReference;
  minReplicas?: number;
  maxReplicas: number;
  targetCPUUtilizationPercentage?: number;
}

export interface AutoscalingV1HorizontalPodAutoscalerStatus {
  observedGeneration?: number;
  lastScaleTime?: string;
  currentReplicas: number;
  desiredReplicas: number;
  currentCPUUtilizationPercentage?: number;
}

export interface BatchV1CronJob {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: BatchV1CronJobSpec;
  status?: BatchV1CronJobStatus;
}

export interface BatchV1CronJobSpec {
  schedule: string;
  timeZone?: string;
  startingDeadlineSeconds?: number;
  concurrencyPolicy?: string;
  suspend?: boolean;
  jobTemplate: BatchV1JobTemplateSpec;
  successfulJobsHistoryLimit?: number;
  failedJobsHistoryLimit?: number;
}

export interface BatchV1CronJobStatus {
  active?: CoreV1ObjectReference[];
  lastScheduleTime?: string;
  lastSuccessfulTime?: string;
}

export interface BatchV1Job {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: BatchV1JobSpec;
  status?: BatchV1JobStatus;
}

export interface BatchV1JobCondition {
  type: string;
  status: string;
  lastProbeTime?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface BatchV1JobSpec {
  parallelism?: number;
  completions?: number;
  activeDeadlineSeconds?: number;
  podFailurePolicy?: BatchV1PodFailurePolicy;
  successPolicy?: BatchV1SuccessPolicy;
  backoffLimit?: number;
  backoffLimitPerIndex?: number;
  maxFailedIndexes?: number;
  selector?: MetaV1LabelSelector;
  manualSelector?: boolean;
  template: CoreV1PodTemplateSpec;
  ttlSecondsAfterFinished?: number;
  completionMode?: string;
  suspend?: boolean;
  podReplacementPolicy?: string;
  managedBy?: string;
}

export interface BatchV1JobStatus {
  conditions?: BatchV1JobCondition[];
  startTime?: string;
  completionTime?: string;
  active?: number;
  succeeded?: number;
  failed?: number;
  terminating?: number;
  completedIndexes?: string;
  failedIndexes?: string;
  uncountedTerminatedPods?: BatchV1UncountedTerminatedPods;
  ready?: number;
}

export interface BatchV1JobTemplateSpec {
  metadata?: MetaV1ObjectMeta;
  spec?: BatchV1JobSpec;
}

export interface BatchV1PodFailurePolicy {
  rules: BatchV1PodFailurePolicyRule[];
}

export interface BatchV1PodFailurePolicyOnExitCodesRequirement {
  containerName?: string;
  operator: string;
  values: number[];
}

export interface BatchV1PodFailurePolicyOnPodConditionsPattern {
  type: string;
  status: string;
}

export interface BatchV1PodFailurePolicyRule {
  action: string;
  onExitCodes?: BatchV1PodFailurePolicyOnExitCodesRequirement;
  onPodConditions?: BatchV1PodFailurePolicyOnPodConditionsPattern[];
}

export interface BatchV1SuccessPolicy {
  rules: BatchV1SuccessPolicyRule[];
}

export interface BatchV1SuccessPolicyRule {
  succeededIndexes?: string;
  succeededCount?: number;
}

export interface BatchV1UncountedTerminatedPods {
  succeeded?: string[];
  failed?: string[];
}

export interface CertificatesV1CertificateSigningRequest {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec: CertificatesV1CertificateSigningRequestSpec;
  status?: CertificatesV1CertificateSigningRequestStatus;
}

export interface CertificatesV1CertificateSigningRequestCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
}

export interface CertificatesV1CertificateSigningRequestSpec {
  request: string;
  signerName: string;
  expirationSeconds?: number;
  usages?: string[];
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: { [name: string]: string[] };
}

export interface CertificatesV1CertificateSigningRequestStatus {
  conditions?: CertificatesV1CertificateSigningRequestCondition[];
  certificate?: string;
}

export interface CoordinationV1Lease {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoordinationV1LeaseSpec;
}

export interface CoordinationV1LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
  strategy?: string;
  preferredHolder?: string;
}

export interface CoreV1AWSElasticBlockStoreVolumeSource {
  volumeID: string;
  fsType?: string;
  partition?: number;
  readOnly?: boolean;
}

export interface CoreV1Affinity {
  nodeAffinity?: CoreV1NodeAffinity;
  podAffinity?: CoreV1PodAffinity;
  podAntiAffinity?: CoreV1PodAntiAffinity;
}

export interface CoreV1AppArmorProfile {
  type: string;
  localhostProfile?: string;
}

export interface CoreV1AttachedVolume {
  name: string;
  devicePath: string;
}

export interface CoreV1AzureDiskVolumeSource {
  diskName: string;
  diskURI: string;
  cachingMode?: string;
  fsType?: string;
  readOnly?: boolean;
  kind?: string;
}

export interface CoreV1AzureFilePersistentVolumeSource {
  secretName: string;
  shareName: string;
  readOnly?: boolean;
  secretNamespace?: string;
}

export interface CoreV1AzureFileVolumeSource {
  secretName: string;
  shareName: string;
  readOnly?: boolean;
}

export interface CoreV1CSIPersistentVolumeSource {
  driver: string;
  volumeHandle: string;
  readOnly?: boolean;
  fsType?: string;
  volumeAttributes?: { [name: string]: string };
  controllerPublishSecretRef?: CoreV1SecretReference;
  nodeStageSecretRef?: CoreV1SecretReference;
  nodePublishSecretRef?: CoreV1SecretReference;
  controllerExpandSecretRef?: CoreV1SecretReference;
  nodeExpandSecretRef?: CoreV1SecretReference;
}

export interface CoreV1CSIVolumeSource {
  driver: string;
  readOnly?: boolean;
  fsType?: string;
  volumeAttributes?: { [name: string]: string };
  nodePublishSecretRef?: CoreV1LocalObjectReference;
}

export interface CoreV1Capabilities {
  add?: string[];
  drop?: string[];
}

export interface CoreV1CephFSPersistentVolumeSource {
  monitors: string[];
  path?: string;
  user?: string;
  secretFile?: string;
  secretRef?: CoreV1SecretReference;
  readOnly?: boolean;
}

export interface CoreV1CephFSVolumeSource {
  monitors: string[];
  path?: string;
  user?: string;
  secretFile?: string;
  secretRef?: CoreV1LocalObjectReference;
  readOnly?: boolean;
}

export interface CoreV1CinderPersistentVolumeSource {
  volumeID: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: CoreV1SecretReference;
}

export interface CoreV1CinderVolumeSource {
  volumeID: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: CoreV1LocalObjectReference;
}

export interface CoreV1ClientIPConfig {
  timeoutSeconds?: number;
}

export interface CoreV1ClusterTrustBundleProjection {
  name?: string;
  signerName?: string;
  labelSelector?: MetaV1LabelSelector;
  optional?: boolean;
  path: string;
}

export interface CoreV1ComponentCondition {
  type: string;
  status: string;
  message?: string;
  error?: string;
}

export interface CoreV1ComponentStatus {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  conditions?: CoreV1ComponentCondition[];
}

export interface CoreV1ConfigMap {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  immutable?: boolean;
  data?: { [name: string]: string };
  binaryData?: { [name: string]: string };
}

export interface CoreV1ConfigMapEnvSource {
  name?: string;
  optional?: boolean;
}

export interface CoreV1ConfigMapKeySelector {
  name?: string;
  key: string;
  optional?: boolean;
}

export interface CoreV1ConfigMapNodeConfigSource {
  namespace: string;
  name: string;
  uid?: string;
  resourceVersion?: string;
  kubeletConfigKey: string;
}

export interface CoreV1ConfigMapProjection {
  name?: string;
  items?: CoreV1KeyToPath[];
  optional?: boolean;
}

export interface CoreV1ConfigMapVolumeSource {
  name?: string;
  items?: CoreV1KeyToPath[];
  defaultMode?: number;
  optional?: boolean;
}

export interface CoreV1Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  ports?: CoreV1ContainerPort[];
  envFrom?: CoreV1EnvFromSource[];
  env?: CoreV1EnvVar[];
  resources?: CoreV1ResourceRequirements;
  resizePolicy?: CoreV1ContainerResizePolicy[];
  restartPolicy?: string;
  volumeMounts?: CoreV1VolumeMount[];
  volumeDevices?: CoreV1VolumeDevice[];
  livenessProbe?: CoreV1Probe;
  readinessProbe?: CoreV1Probe;
  startupProbe?: CoreV1Probe;
  lifecycle?: CoreV1Lifecycle;
  terminationMessagePath?: string;
  terminationMessagePolicy?: string;
  imagePullPolicy?: string;
  securityContext?: CoreV1SecurityContext;
  stdin?: boolean;
  stdinOnce?: boolean;
  tty?: boolean;
}

export interface CoreV1ContainerImage {
  names?: string[];
  sizeBytes?: number;
}

export interface CoreV1ContainerPort {
  name?: string;
  hostPort?: number;
  containerPort: number;
  protocol?: string;
  hostIP?: string;
}

export interface CoreV1ContainerResizePolicy {
  resourceName: string;
  restartPolicy: string;
}

export interface CoreV1ContainerState {
  waiting?: CoreV1ContainerStateWaiting;
  running?: CoreV1ContainerStateRunning;
  terminated?: CoreV1ContainerStateTerminated;
}

export interface CoreV1ContainerStateRunning {
  startedAt?: string;
}

export interface CoreV1ContainerStateTerminated {
  exitCode: number;
  signal?: number;
  reason?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
  containerID?: string;
}

export interface CoreV1ContainerStateWaiting {
  reason?: string;
  message?: string;
}

export interface CoreV1ContainerStatus {
  name: string;
  state?: CoreV1ContainerState;
  lastState?: CoreV1ContainerState;
  ready: boolean;
  restartCount: number;
  image: string;
  imageID: string;
  containerID?: string;
  started?: boolean;
  allocatedResources?: { [name: string]: string | number };
  resources?: CoreV1ResourceRequirements;
  volumeMounts?: CoreV1VolumeMountStatus[];
  user?: CoreV1ContainerUser;
  allocatedResourcesStatus?: CoreV1ResourceStatus[];
  stopSignal?: string;
}

export interface CoreV1ContainerUser {
  linux?: CoreV1LinuxContainerUser;
}

export interface CoreV1DaemonEndpoint {
  Port: number;
}

export interface CoreV1DownwardAPIProjection {
  items?: CoreV1DownwardAPIVolumeFile[];
}

export interface CoreV1DownwardAPIVolumeFile {
  path: string;
  fieldRef?: CoreV1ObjectFieldSelector;
  resourceFieldRef?: CoreV1ResourceFieldSelector;
  mode?: number;
}

export interface CoreV1DownwardAPIVolumeSource {
  items?: CoreV1DownwardAPIVolumeFile[];
  defaultMode?: number;
}

export interface CoreV1EmptyDirVolumeSource {
  medium?: string;
  sizeLimit?: string | number;
}

export interface CoreV1EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: CoreV1ObjectReference;
}

export interface CoreV1EndpointPort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string;
}

export interface CoreV1EndpointSubset {
  addresses?: CoreV1EndpointAddress[];
  notReadyAddresses?: CoreV1EndpointAddress[];
  ports?: CoreV1EndpointPort[];
}

export interface CoreV1Endpoints {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  subsets?: CoreV1EndpointSubset[];
}

export interface CoreV1EnvFromSource {
  prefix?: string;
  configMapRef?: CoreV1ConfigMapEnvSource;
  secretRef?: CoreV1SecretEnvSource;
}

export interface CoreV1EnvVar {
  name: string;
  value?: string;
  valueFrom?: CoreV1EnvVarSource;
}

export interface CoreV1EnvVarSource {
  fieldRef?: CoreV1ObjectFieldSelector;
  resourceFieldRef?: CoreV1ResourceFieldSelector;
  configMapKeyRef?: CoreV1ConfigMapKeySelector;
  secretKeyRef?: CoreV1SecretKeySelector;
}

export interface CoreV1EphemeralContainer {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  ports?: CoreV1ContainerPort[];
  envFrom?: CoreV1EnvFromSource[];
  env?: CoreV1EnvVar[];
  resources?: CoreV1ResourceRequirements;
  resizePolicy?: CoreV1ContainerResizePolicy[];
  restartPolicy?: string;
  volumeMounts?: CoreV1VolumeMount[];
  volumeDevices?: CoreV1VolumeDevice[];
  livenessProbe?: CoreV1Probe;
  readinessProbe?: CoreV1Probe;
  startupProbe?: CoreV1Probe;
  lifecycle?: CoreV1Lifecycle;
  terminationMessagePath?: string;
  terminationMessagePolicy?: string;
  imagePullPolicy?: string;
  securityContext?: CoreV1SecurityContext;
  stdin?: boolean;
  stdinOnce?: boolean;
  tty?: boolean;
  targetContainerName?: string;
}

export interface CoreV1EphemeralVolumeSource {
  volumeClaimTemplate?: CoreV1PersistentVolumeClaimTemplate;
}

export interface CoreV1Event {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  involvedObject: CoreV1ObjectReference;
  reason?: string;
  message?: string;
  source?: CoreV1EventSource;
  firstTimestamp?: string;
  lastTimestamp?: string;
  count?: number;
  type?: string;
  eventTime?: string;
  series?: CoreV1EventSeries;
  action?: string;
  related?: CoreV1ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

export interface CoreV1EventSeries {
  count?: number;
  lastObservedTime?: string;
}

export interface CoreV1EventSource {
  component?: string;
  host?: string;
}

export interface CoreV1ExecAction {
  command?: string[];
}

export interface CoreV1FCVolumeSource {
  targetWWNs?: string[];
  lun?: number;
  fsType?: string;
  readOnly?: boolean;
  wwids?: string[];
}

export interface CoreV1FlexPersistentVolumeSource {
  driver: string;
  fsType?: string;
  secretRef?: CoreV1SecretReference;
  readOnly?: boolean;
  options?: { [name: string]: string };
}

export interface CoreV1FlexVolumeSource {
  driver: string;
  fsType?: string;
  secretRef?: CoreV1LocalObjectReference;
  readOnly?: boolean;
  options?: { [name: string]: string };
}

export interface CoreV1FlockerVolumeSource {
  datasetName?: string;
  datasetUUID?: string;
}

export interface CoreV1GCEPersistentDiskVolumeSource {
  pdName: string;
  fsType?: string;
  partition?: number;
  readOnly?: boolean;
}

export interface CoreV1GRPCAction {
  port: number;
  service?: string;
}

export interface CoreV1GitRepoVolumeSource {
  repository: string;
  revision?: string;
  directory?: string;
}

export interface CoreV1GlusterfsPersistentVolumeSource {
  endpoints: string;
  path: string;
  readOnly?: boolean;
  endpointsNamespace?: string;
}

export interface CoreV1GlusterfsVolumeSource {
  endpoints: string;
  path: string;
  readOnly?: boolean;
}

export interface CoreV1HTTPGetAction {
  path?: string;
  port: string | number;
  host?: string;
  scheme?: string;
  httpHeaders?: CoreV1HTTPHeader[];
}

export interface CoreV1HTTPHeader {
  name: string;
  value: string;
}

export interface CoreV1HostAlias {
  ip: string;
  hostnames?: string[];
}

export interface CoreV1HostIP {
  ip: string;
}

export interface CoreV1HostPathVolumeSource {
  path: string;
  type?: string;
}

export interface CoreV1ISCSIPersistentVolumeSource {
  targetPortal: string;
  iqn: string;
  lun: number;
  iscsiInterface?: string;
  fsType?: string;
  readOnly?: boolean;
  portals?: string[];
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  secretRef?: CoreV1SecretReference;
  initiatorName?: string;
}

export interface CoreV1ISCSIVolumeSource {
  targetPortal: string;
  iqn: string;
  lun: number;
  iscsiInterface?: string;
  fsType?: string;
  readOnly?: boolean;
  portals?: string[];
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  secretRef?: CoreV1LocalObjectReference;
  initiatorName?: string;
}

export interface CoreV1ImageVolumeSource {
  reference?: string;
  pullPolicy?: string;
}

export interface CoreV1KeyToPath {
  key: string;
  path: string;
  mode?: number;
}

export interface CoreV1Lifecycle {
  postStart?: CoreV1LifecycleHandler;
  preStop?: CoreV1LifecycleHandler;
  stopSignal?: string;
}

export interface CoreV1LifecycleHandler {
  exec?: CoreV1ExecAction;
  httpGet?: CoreV1HTTPGetAction;
  tcpSocket?: CoreV1TCPSocketAction;
  sleep?: CoreV1SleepAction;
}

export interface CoreV1LimitRange {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1LimitRangeSpec;
}

export interface CoreV1LimitRangeItem {
  type: string;
  max?: { [name: string]: string | number };
  min?: { [name: string]: string | number };
  default?: { [name: string]: string | number };
  defaultRequest?: { [name: string]: string | number };
  maxLimitRequestRatio?: { [name: string]: string | number };
}

export interface CoreV1LimitRangeSpec {
  limits: CoreV1LimitRangeItem[];
}

export interface CoreV1LinuxContainerUser {
  uid: number;
  gid: number;
  supplementalGroups?: number[];
}

export interface CoreV1LoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ipMode?: string;
  ports?: CoreV1PortStatus[];
}

export interface CoreV1LoadBalancerStatus {
  ingress?: CoreV1LoadBalancerIngress[];
}

export interface CoreV1LocalObjectReference {
  name?: string;
}

export interface CoreV1LocalVolumeSource {
  path: string;
  fsType?: string;
}

export interface CoreV1ModifyVolumeStatus {
  targetVolumeAttributesClassName?: string;
  status: string;
}

export interface CoreV1NFSVolumeSource {
  server: string;
  path: string;
  readOnly?: boolean;
}

export interface CoreV1Namespace {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1NamespaceSpec;
  status?: CoreV1NamespaceStatus;
}

export interface CoreV1NamespaceCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface CoreV1NamespaceSpec {
  finalizers?: string[];
}

export interface CoreV1NamespaceStatus {
  phase?: string;
  conditions?: CoreV1NamespaceCondition[];
}

export interface CoreV1Node {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1NodeSpec;
  status?: CoreV1NodeStatus;
}

export interface CoreV1NodeAddress {
  type: string;
  address: string;
}

export interface CoreV1NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: CoreV1NodeSelector;
  preferredDuringSchedulingIgnoredDuringExecution?: CoreV1PreferredSchedulingTerm[];
}

export interface CoreV1NodeCondition {
  type: string;
  status: string;
  lastHeartbeatTime?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface CoreV1NodeConfigSource {
  configMap?: CoreV1ConfigMapNodeConfigSource;
}

export interface CoreV1NodeConfigStatus {
  assigned?: CoreV1NodeConfigSource;
  active?: CoreV1NodeConfigSource;
  lastKnownGood?: CoreV1NodeConfigSource;
  error?: string;
}

export interface CoreV1NodeDaemonEndpoints {
  kubeletEndpoint?: CoreV1DaemonEndpoint;
}

export interface CoreV1NodeFeatures {
  supplementalGroupsPolicy?: boolean;
}

export interface CoreV1NodeRuntimeHandler {
  name?: string;
  features?: CoreV1NodeRuntimeHandlerFeatures;
}

export interface CoreV1NodeRuntimeHandlerFeatures {
  recursiveReadOnlyMounts?: boolean;
  userNamespaces?: boolean;
}

export interface CoreV1NodeSelector {
  nodeSelectorTerms: CoreV1NodeSelectorTerm[];
}

export interface CoreV1NodeSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface CoreV1NodeSelectorTerm {
  matchExpressions?: CoreV1NodeSelectorRequirement[];
  matchFields?: CoreV1NodeSelectorRequirement[];
}

export interface CoreV1NodeSpec {
  podCIDR?: string;
  podCIDRs?: string[];
  providerID?: string;
  unschedulable?: boolean;
  taints?: CoreV1Taint[];
  configSource?: CoreV1NodeConfigSource;
  externalID?: string;
}

export interface CoreV1NodeStatus {
  capacity?: { [name: string]: string | number };
  allocatable?: { [name: string]: string | number };
  phase?: string;
  conditions?: CoreV1NodeCondition[];
  addresses?: CoreV1NodeAddress[];
  daemonEndpoints?: CoreV1NodeDaemonEndpoints;
  nodeInfo?: CoreV1NodeSystemInfo;
  images?: CoreV1ContainerImage[];
  volumesInUse?: string[];
  volumesAttached?: CoreV1AttachedVolume[];
  config?: CoreV1NodeConfigStatus;
  runtimeHandlers?: CoreV1NodeRuntimeHandler[];
  features?: CoreV1NodeFeatures;
}

export interface CoreV1NodeSwapStatus {
  capacity?: number;
}

export interface CoreV1NodeSystemInfo {
  machineID: string;
  systemUUID: string;
  bootID: string;
  kernelVersion: string;
  osImage: string;
  containerRuntimeVersion: string;
  kubeletVersion: string;
  kubeProxyVersion: string;
  operatingSystem: string;
  architecture: string;
  swap?: CoreV1NodeSwapStatus;
}

export interface CoreV1ObjectFieldSelector {
  apiVersion?: string;
  fieldPath: string;
}

export interface CoreV1ObjectReference {
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiVersion?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

export interface CoreV1PersistentVolume {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1PersistentVolumeSpec;
  status?: CoreV1PersistentVolumeStatus;
}

export interface CoreV1PersistentVolumeClaim {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1PersistentVolumeClaimSpec;
  status?: CoreV1PersistentVolumeClaimStatus;
}

export interface CoreV1PersistentVolumeClaimCondition {
  type: string;
  status: string;
  lastProbeTime?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface CoreV1PersistentVolumeClaimSpec {
  accessModes?: string[];
  selector?: MetaV1LabelSelector;
  resources?: CoreV1VolumeResourceRequirements;
  volumeName?: string;
  storageClassName?: string;
  volumeMode?: string;
  dataSource?: CoreV1TypedLocalObjectReference;
  dataSourceRef?: CoreV1TypedObjectReference;
  volumeAttributesClassName?: string;
}

export interface CoreV1PersistentVolumeClaimStatus {
  phase?: string;
  accessModes?: string[];
  capacity?: { [name: string]: string | number };
  conditions?: CoreV1PersistentVolumeClaimCondition[];
  allocatedResources?: { [name: string]: string | number };
  allocatedResourceStatuses?: { [name: string]: string };
  currentVolumeAttributesClassName?: string;
  modifyVolumeStatus?: CoreV1ModifyVolumeStatus;
}

export interface CoreV1PersistentVolumeClaimTemplate {
  metadata?: MetaV1ObjectMeta;
  spec: CoreV1PersistentVolumeClaimSpec;
}

export interface CoreV1PersistentVolumeClaimVolumeSource {
  claimName: string;
  readOnly?: boolean;
}

export interface CoreV1PersistentVolumeSpec {
  capacity?: { [name: string]: string | number };
  gcePersistentDisk?: CoreV1GCEPersistentDiskVolumeSource;
  awsElasticBlockStore?: CoreV1AWSElasticBlockStoreVolumeSource;
  hostPath?: CoreV1HostPathVolumeSource;
  glusterfs?: CoreV1GlusterfsPersistentVolumeSource;
  nfs?: CoreV1NFSVolumeSource;
  rbd?: CoreV1RBDPersistentVolumeSource;
  iscsi?: CoreV1ISCSIPersistentVolumeSource;
  cinder?: CoreV1CinderPersistentVolumeSource;
  cephfs?: CoreV1CephFSPersistentVolumeSource;
  fc?: CoreV1FCVolumeSource;
  flocker?: CoreV1FlockerVolumeSource;
  flexVolume?: CoreV1FlexPersistentVolumeSource;
  azureFile?: CoreV1AzureFilePersistentVolumeSource;
  vsphereVolume?: CoreV1VsphereVirtualDiskVolumeSource;
  quobyte?: CoreV1QuobyteVolumeSource;
  azureDisk?: CoreV1AzureDiskVolumeSource;
  photonPersistentDisk?: CoreV1PhotonPersistentDiskVolumeSource;
  portworxVolume?: CoreV1PortworxVolumeSource;
  scaleIO?: CoreV1ScaleIOPersistentVolumeSource;
  local?: CoreV1LocalVolumeSource;
  storageos?: CoreV1StorageOSPersistentVolumeSource;
  csi?: CoreV1CSIPersistentVolumeSource;
  accessModes?: string[];
  claimRef?: CoreV1ObjectReference;
  persistentVolumeReclaimPolicy?: string;
  storageClassName?: string;
  mountOptions?: string[];
  volumeMode?: string;
  nodeAffinity?: CoreV1VolumeNodeAffinity;
  volumeAttributesClassName?: string;
}

export interface CoreV1PersistentVolumeStatus {
  phase?: string;
  message?: string;
  reason?: string;
  lastPhaseTransitionTime?: string;
}

export interface CoreV1PhotonPersistentDiskVolumeSource {
  pdID: string;
  fsType?: string;
}

export interface CoreV1Pod {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1PodSpec;
  status?: CoreV1PodStatus;
}

export interface CoreV1PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: CoreV1PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: CoreV1WeightedPodAffinityTerm[];
}

export interface CoreV1PodAffinityTerm {
  labelSelector?: MetaV1LabelSelector;
  namespaces?: string[];
  topologyKey: string;
  namespaceSelector?: MetaV1LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

export interface CoreV1PodAntiAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: CoreV1PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: CoreV1WeightedPodAffinityTerm[];
}

export interface CoreV1PodCondition {
  type: string;
  observedGeneration?: number;
  status: string;
  lastProbeTime?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface CoreV1PodDNSConfig {
  nameservers?: string[];
  searches?: string[];
  options?: CoreV1PodDNSConfigOption[];
}

export interface CoreV1PodDNSConfigOption {
  name?: string;
  value?: string;
}

export interface CoreV1PodIP {
  ip: string;
}

export interface CoreV1PodOS {
  name: string;
}

export interface CoreV1PodReadinessGate {
  conditionType: string;
}

export interface CoreV1PodResourceClaim {
  name: string;
  resourceClaimName?: string;
  resourceClaimTemplateName?: string;
}

export interface CoreV1PodResourceClaimStatus {
  name: string;
  resourceClaimName?: string;
}

export interface CoreV1PodSchedulingGate {
  name: string;
}

export interface CoreV1PodSecurityContext {
  seLinuxOptions?: CoreV1SELinuxOptions;
  windowsOptions?: CoreV1WindowsSecurityContextOptions;
  runAsUser?: number;
  runAsGroup?: number;
  runAsNonRoot?: boolean;
  supplementalGroups?: number[];
  supplementalGroupsPolicy?: string;
  fsGroup?: number;
  sysctls?: CoreV1Sysctl[];
  fsGroupChangePolicy?: string;
  seccompProfile?: CoreV1SeccompProfile;
  appArmorProfile?: CoreV1AppArmorProfile;
  seLinuxChangePolicy?: string;
}

export interface CoreV1PodSpec {
  volumes?: CoreV1Volume[];
  initContainers?: CoreV1Container[];
  containers: CoreV1Container[];
  ephemeralContainers?: CoreV1EphemeralContainer[];
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  dnsPolicy?: string;
  nodeSelector?: { [name: string]: string };
  serviceAccountName?: string;
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  nodeName?: string;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  shareProcessNamespace?: boolean;
  securityContext?: CoreV1PodSecurityContext;
  imagePullSecrets?: CoreV1LocalObjectReference[];
  hostname?: string;
  subdomain?: string;
  affinity?: CoreV1Affinity;
  schedulerName?: string;
  tolerations?: CoreV1Toleration[];
  hostAliases?: CoreV1HostAlias[];
  priorityClassName?: string;
  priority?: number;
  dnsConfig?: CoreV1PodDNSConfig;
  readinessGates?: CoreV1PodReadinessGate[];
  runtimeClassName?: string;
  enableServiceLinks?: boolean;
  preemptionPolicy?: string;
  overhead?: { [name: string]: string | number };
  topologySpreadConstraints?: CoreV1TopologySpreadConstraint[];
  setHostnameAsFQDN?: boolean;
  os?: CoreV1PodOS;
  hostUsers?: boolean;
  schedulingGates?: CoreV1PodSchedulingGate[];
  resourceClaims?: CoreV1PodResourceClaim[];
  resources?: CoreV1ResourceRequirements;
}

export interface CoreV1PodStatus {
  observedGeneration?: number;
  phase?: string;
  conditions?: CoreV1PodCondition[];
  message?: string;
  reason?: string;
  nominatedNodeName?: string;
  hostIP?: string;
  hostIPs?: CoreV1HostIP[];
  podIP?: string;
  podIPs?: CoreV1PodIP[];
  startTime?: string;
  initContainerStatuses?: CoreV1ContainerStatus[];
  containerStatuses?: CoreV1ContainerStatus[];
  qosClass?: string;
  ephemeralContainerStatuses?: CoreV1ContainerStatus[];
  resize?: string;
  resourceClaimStatuses?: CoreV1PodResourceClaimStatus[];
}

export interface CoreV1PodTemplate {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  template?: CoreV1PodTemplateSpec;
}

export interface CoreV1PodTemplateSpec {
  metadata?: MetaV1ObjectMeta;
  spec?: CoreV1PodSpec;
}

export interface CoreV1PortStatus {
  port: number;
  protocol: string;
  error?: string;
}

export interface CoreV1PortworxVolumeSource {
  volumeID: string;
  fsType?: string;
  readOnly?: boolean;
}

export interface CoreV1PreferredSchedulingTerm {
  weight: number;
  preference: CoreV1NodeSelectorTerm;
}

export interface CoreV1Probe {
  exec?: CoreV1ExecAction;
  httpGet?: CoreV1HTTPGetAction;
  tcpSocket?: CoreV1TCPSocketAction;
  grpc?: CoreV1GRPCAction;
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
  terminationGracePeriodSeconds?: number;
}

export interface CoreV1ProjectedVolumeSource {
  sources?: CoreV1VolumeProjection[];
  defaultMode?: number;
}

export interface CoreV1QuobyteVolumeSource {
  registry: string;
  volume: string;
  readOnly?: boolean;
  user?: string;
  group?: string;
  tenant?: string;
}

export interface CoreV1RBDPersistentVolumeSource {
  monitors: string[];
  image: string;
  fsType?: string;
  pool?: string;
  user?: string;
  keyring?: string;
  secretRef?: CoreV1SecretReference;
  readOnly?: boolean;
}

export interface CoreV1RBDVolumeSource {
  monitors: string[];
  image: string;
  fsType?: string;
  pool?: string;
  user?: string;
  keyring?: string;
  secretRef?: CoreV1LocalObjectReference;
  readOnly?: boolean;
}

export interface CoreV1ReplicationController {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1ReplicationControllerSpec;
  status?: CoreV1ReplicationControllerStatus;
}

export interface CoreV1ReplicationControllerCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface CoreV1ReplicationControllerSpec {
  replicas?: number;
  minReadySeconds?: number;
  selector?: { [name: string]: string };
  template?: CoreV1PodTemplateSpec;
}

export interface CoreV1ReplicationControllerStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
  conditions?: CoreV1ReplicationControllerCondition[];
}

export interface CoreV1ResourceClaim {
  name: string;
  request?: string;
}

export interface CoreV1ResourceFieldSelector {
  containerName?: string;
  resource: string;
  divisor?: string | number;
}

export interface CoreV1ResourceHealth {
  resourceID: string;
  health?: string;
}

export interface CoreV1ResourceQuota {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1ResourceQuotaSpec;
  status?: CoreV1ResourceQuotaStatus;
}

export interface CoreV1ResourceQuotaSpec {
  hard?: { [name: string]: string | number };
  scopes?: string[];
  scopeSelector?: CoreV1ScopeSelector;
}

export interface CoreV1ResourceQuotaStatus {
  hard?: { [name: string]: string | number };
  used?: { [name: string]: string | number };
}

export interface CoreV1ResourceRequirements {
  limits?: { [name: string]: string | number };
  requests?: { [name: string]: string | number };
  claims?: CoreV1ResourceClaim[];
}

export interface CoreV1ResourceStatus {
  name: string;
  resources?: CoreV1ResourceHealth[];
}

export interface CoreV1SELinuxOptions {
  user?: string;
  role?: string;
  type?: string;
  level?: string;
}

export interface CoreV1ScaleIOPersistentVolumeSource {
  gateway: string;
  system: string;
  secretRef: CoreV1SecretReference;
  sslEnabled?: boolean;
  protectionDomain?: string;
  storagePool?: string;
  storageMode?: string;
  volumeName?: string;
  fsType?: string;
  readOnly?: boolean;
}

export interface CoreV1ScaleIOVolumeSource {
  gateway: string;
  system: string;
  secretRef: CoreV1LocalObjectReference;
  sslEnabled?: boolean;
  protectionDomain?: string;
  storagePool?: string;
  storageMode?: string;
  volumeName?: string;
  fsType?: string;
  readOnly?: boolean;
}

export interface CoreV1ScopeSelector {
  matchExpressions?: CoreV1ScopedResourceSelectorRequirement[];
}

export interface CoreV1ScopedResourceSelectorRequirement {
  scopeName: string;
  operator: string;
  values?: string[];
}

export interface CoreV1SeccompProfile {
  type: string;
  localhostProfile?: string;
}

export interface CoreV1Secret {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  immutable?: boolean;
  data?: { [name: string]: string };
  stringData?: { [name: string]: string };
  type?: string;
}

export interface CoreV1SecretEnvSource {
  name?: string;
  optional?: boolean;
}

export interface CoreV1SecretKeySelector {
  name?: string;
  key: string;
  optional?: boolean;
}

export interface CoreV1SecretProjection {
  name?: string;
  items?: CoreV1KeyToPath[];
  optional?: boolean;
}

export interface CoreV1SecretReference {
  name?: string;
  namespace?: string;
}

export interface CoreV1SecretVolumeSource {
  secretName?: string;
  items?: CoreV1KeyToPath[];
  defaultMode?: number;
  optional?: boolean;
}

export interface CoreV1SecurityContext {
  capabilities?: CoreV1Capabilities;
  privileged?: boolean;
  seLinuxOptions?: CoreV1SELinuxOptions;
  windowsOptions?: CoreV1WindowsSecurityContextOptions;
  runAsUser?: number;
  runAsGroup?: number;
  runAsNonRoot?: boolean;
  readOnlyRootFilesystem?: boolean;
  allowPrivilegeEscalation?: boolean;
  procMount?: string;
  seccompProfile?: CoreV1SeccompProfile;
  appArmorProfile?: CoreV1AppArmorProfile;
}

export interface CoreV1Service {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: CoreV1ServiceSpec;
  status?: CoreV1ServiceStatus;
}

export interface CoreV1ServiceAccount {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  secrets?: CoreV1ObjectReference[];
  imagePullSecrets?: CoreV1LocalObjectReference[];
  automountServiceAccountToken?: boolean;
}

export interface CoreV1ServiceAccountTokenProjection {
  audience?: string;
  expirationSeconds?: number;
  path: string;
}

export interface CoreV1ServicePort {
  name?: string;
  protocol?: string;
  appProtocol?: string;
  port: number;
  targetPort?: string | number;
  nodePort?: number;
}

export interface CoreV1ServiceSpec {
  ports?: CoreV1ServicePort[];
  selector?: { [name: string]: string };
  clusterIP?: string;
  clusterIPs?: string[];
  type?: string;
  externalIPs?: string[];
  sessionAffinity?: string;
  loadBalancerIP?: string;
  loadBalancerSourceRanges?: string[];
  externalName?: string;
  externalTrafficPolicy?: string;
  healthCheckNodePort?: number;
  publishNotReadyAddresses?: boolean;
  sessionAffinityConfig?: CoreV1SessionAffinityConfig;
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  allocateLoadBalancerNodePorts?: boolean;
  loadBalancerClass?: string;
  internalTrafficPolicy?: string;
  trafficDistribution?: string;
}

export interface CoreV1ServiceStatus {
  loadBalancer?: CoreV1LoadBalancerStatus;
  conditions?: MetaV1Condition[];
}

export interface CoreV1SessionAffinityConfig {
  clientIP?: CoreV1ClientIPConfig;
}

export interface CoreV1SleepAction {
  seconds: number;
}

export interface CoreV1StorageOSPersistentVolumeSource {
  volumeName?: string;
  volumeNamespace?: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: CoreV1ObjectReference;
}

export interface CoreV1StorageOSVolumeSource {
  volumeName?: string;
  volumeNamespace?: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: CoreV1LocalObjectReference;
}

export interface CoreV1Sysctl {
  name: string;
  value: string;
}

export interface CoreV1TCPSocketAction {
  port: string | number;
  host?: string;
}

export interface CoreV1Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export interface CoreV1Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export interface CoreV1TopologySelectorLabelRequirement {
  key: string;
  values: string[];
}

export interface CoreV1TopologySelectorTerm {
  matchLabelExpressions?: CoreV1TopologySelectorLabelRequirement[];
}

export interface CoreV1TopologySpreadConstraint {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: string;
  labelSelector?: MetaV1LabelSelector;
  minDomains?: number;
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
  matchLabelKeys?: string[];
}

export interface CoreV1TypedLocalObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
}

export interface CoreV1TypedObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface CoreV1Volume {
  name: string;
  hostPath?: CoreV1HostPathVolumeSource;
  emptyDir?: CoreV1EmptyDirVolumeSource;
  gcePersistentDisk?: CoreV1GCEPersistentDiskVolumeSource;
  awsElasticBlockStore?: CoreV1AWSElasticBlockStoreVolumeSource;
  gitRepo?: CoreV1GitRepoVolumeSource;
  secret?: CoreV1SecretVolumeSource;
  nfs?: CoreV1NFSVolumeSource;
  iscsi?: CoreV1ISCSIVolumeSource;
  glusterfs?: CoreV1GlusterfsVolumeSource;
  persistentVolumeClaim?: CoreV1PersistentVolumeClaimVolumeSource;
  rbd?: CoreV1RBDVolumeSource;
  flexVolume?: CoreV1FlexVolumeSource;
  cinder?: CoreV1CinderVolumeSource;
  cephfs?: CoreV1CephFSVolumeSource;
  flocker?: CoreV1FlockerVolumeSource;
  downwardAPI?: CoreV1DownwardAPIVolumeSource;
  fc?: CoreV1FCVolumeSource;
  azureFile?: CoreV1AzureFileVolumeSource;
  configMap?: CoreV1ConfigMapVolumeSource;
  vsphereVolume?: CoreV1VsphereVirtualDiskVolumeSource;
  quobyte?: CoreV1QuobyteVolumeSource;
  azureDisk?: CoreV1AzureDiskVolumeSource;
  photonPersistentDisk?: CoreV1PhotonPersistentDiskVolumeSource;
  projected?: CoreV1ProjectedVolumeSource;
  portworxVolume?: CoreV1PortworxVolumeSource;
  scaleIO?: CoreV1ScaleIOVolumeSource;
  storageos?: CoreV1StorageOSVolumeSource;
  csi?: CoreV1CSIVolumeSource;
  ephemeral?: CoreV1EphemeralVolumeSource;
  image?: CoreV1ImageVolumeSource;
}

export interface CoreV1VolumeDevice {
  name: string;
  devicePath: string;
}

export interface CoreV1VolumeMount {
  name: string;
  readOnly?: boolean;
  recursiveReadOnly?: string;
  mountPath: string;
  subPath?: string;
  mountPropagation?: string;
  subPathExpr?: string;
}

export interface CoreV1VolumeMountStatus {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  recursiveReadOnly?: string;
}

export interface CoreV1VolumeNodeAffinity {
  required?: CoreV1NodeSelector;
}

export interface CoreV1VolumeProjection {
  secret?: CoreV1SecretProjection;
  downwardAPI?: CoreV1DownwardAPIProjection;
  configMap?: CoreV1ConfigMapProjection;
  serviceAccountToken?: CoreV1ServiceAccountTokenProjection;
  clusterTrustBundle?: CoreV1ClusterTrustBundleProjection;
}

export interface CoreV1VolumeResourceRequirements {
  limits?: { [name: string]: string | number };
  requests?: { [name: string]: string | number };
}

export interface CoreV1VsphereVirtualDiskVolumeSource {
  volumePath: string;
  fsType?: string;
  storagePolicyName?: string;
  storagePolicyID?: string;
}

export interface CoreV1WeightedPodAffinityTerm {
  weight: number;
  podAffinityTerm: CoreV1PodAffinityTerm;
}

export interface CoreV1WindowsSecurityContextOptions {
  gmsaCredentialSpecName?: string;
  gmsaCredentialSpec?: string;
  runAsUserName?: string;
  hostProcess?: boolean;
}

export interface DiscoveryV1Endpoint {
  addresses: string[];
  conditions?: DiscoveryV1EndpointConditions;
  hostname?: string;
  targetRef?: CoreV1ObjectReference;
  deprecatedTopology?: { [name: string]: string };
  nodeName?: string;
  zone?: string;
  hints?: DiscoveryV1EndpointHints;
}

export interface DiscoveryV1EndpointConditions {
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
}

export interface DiscoveryV1EndpointHints {
  forZones?: DiscoveryV1ForZone[];
  forNodes?: DiscoveryV1ForNode[];
}

export interface DiscoveryV1EndpointPort {
  name?: string;
  protocol?: string;
  port?: number;
  appProtocol?: string;
}

export interface DiscoveryV1EndpointSlice {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  addressType: string;
  endpoints: DiscoveryV1Endpoint[];
  ports?: DiscoveryV1EndpointPort[];
}

export interface DiscoveryV1ForNode {
  name: string;
}

export interface DiscoveryV1ForZone {
  name: string;
}

export interface EventsV1Event {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  eventTime: string;
  series?: EventsV1EventSeries;
  reportingController?: string;
  reportingInstance?: string;
  action?: string;
  reason?: string;
  regarding?: CoreV1ObjectReference;
  related?: CoreV1ObjectReference;
  note?: string;
  type?: string;
  deprecatedSource?: CoreV1EventSource;
  deprecatedFirstTimestamp?: string;
  deprecatedLastTimestamp?: string;
  deprecatedCount?: number;
}

export interface EventsV1EventSeries {
  count: number;
  lastObservedTime: string;
}

export interface FlowcontrolV1ExemptPriorityLevelConfiguration {
  nominalConcurrencyShares?: number;
  lendablePercent?: number;
}

export interface FlowcontrolV1FlowDistinguisherMethod {
  type: string;
}

export interface FlowcontrolV1FlowSchema {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: FlowcontrolV1FlowSchemaSpec;
  status?: FlowcontrolV1FlowSchemaStatus;
}

export interface FlowcontrolV1FlowSchemaCondition {
  type?: string;
  status?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface FlowcontrolV1FlowSchemaSpec {
  priorityLevelConfiguration: FlowcontrolV1PriorityLevelConfigurationReference;
  matchingPrecedence?: number;
  distinguisherMethod?: FlowcontrolV1FlowDistinguisherMethod;
  rules?: FlowcontrolV1PolicyRulesWithSubjects[];
}

export interface FlowcontrolV1FlowSchemaStatus {
  conditions?: FlowcontrolV1FlowSchemaCondition[];
}

export interface FlowcontrolV1GroupSubject {
  name: string;
}

export interface FlowcontrolV1LimitResponse {
  type: string;
  queuing?: FlowcontrolV1QueuingConfiguration;
}

export interface FlowcontrolV1LimitedPriorityLevelConfiguration {
  nominalConcurrencyShares?: number;
  limitResponse?: FlowcontrolV1LimitResponse;
  lendablePercent?: number;
  borrowingLimitPercent?: number;
}

export interface FlowcontrolV1NonResourcePolicyRule {
  verbs: string[];
  nonResourceURLs: string[];
}

export interface FlowcontrolV1PolicyRulesWithSubjects {
  subjects: FlowcontrolV1Subject[];
  resourceRules?: FlowcontrolV1ResourcePolicyRule[];
  nonResourceRules?: FlowcontrolV1NonResourcePolicyRule[];
}

export interface FlowcontrolV1PriorityLevelConfiguration {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: FlowcontrolV1PriorityLevelConfigurationSpec;
  status?: FlowcontrolV1PriorityLevelConfigurationStatus;
}

export interface FlowcontrolV1PriorityLevelConfigurationCondition {
  type?: string;
  status?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface FlowcontrolV1PriorityLevelConfigurationReference {
  name: string;
}

export interface FlowcontrolV1PriorityLevelConfigurationSpec {
  type: string;
  limited?: FlowcontrolV1LimitedPriorityLevelConfiguration;
  exempt?: FlowcontrolV1ExemptPriorityLevelConfiguration;
}

export interface FlowcontrolV1PriorityLevelConfigurationStatus {
  conditions?: FlowcontrolV1PriorityLevelConfigurationCondition[];
}

export interface FlowcontrolV1QueuingConfiguration {
  queues?: number;
  handSize?: number;
  queueLengthLimit?: number;
}

export interface FlowcontrolV1ResourcePolicyRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  clusterScope?: boolean;
  namespaces?: string[];
}

export interface FlowcontrolV1ServiceAccountSubject {
  namespace: string;
  name: string;
}

export interface FlowcontrolV1Subject {
  kind: string;
  user?: FlowcontrolV1UserSubject;
  group?: FlowcontrolV1GroupSubject;
  serviceAccount?: FlowcontrolV1ServiceAccountSubject;
}

export interface FlowcontrolV1UserSubject {
  name: string;
}

export interface MetaV1Condition {
  type: string;
  status: string;
  observedGeneration?: number;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface MetaV1LabelSelector {
  matchLabels?: { [name: string]: string };
  matchExpressions?: MetaV1LabelSelectorRequirement[];
}

export interface MetaV1LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface MetaV1ListMeta {
  selfLink?: string;
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

export interface MetaV1ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: { [name: string]: unknown };
  subresource?: string;
}

export interface MetaV1ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  selfLink?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [name: string]: string };
  annotations?: { [name: string]: string };
  ownerReferences?: MetaV1OwnerReference[];
  finalizers?: string[];
  managedFields?: MetaV1ManagedFieldsEntry[];
}

export interface MetaV1OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface NetworkingV1HTTPIngressPath {
  path?: string;
  pathType: string;
  backend: NetworkingV1IngressBackend;
}

export interface NetworkingV1HTTPIngressRuleValue {
  paths: NetworkingV1HTTPIngressPath[];
}

export interface NetworkingV1IPAddress {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: NetworkingV1IPAddressSpec;
}

export interface NetworkingV1IPAddressSpec {
  parentRef: NetworkingV1ParentReference;
}

export interface NetworkingV1IPBlock {
  cidr: string;
  except?: string[];
}

export interface NetworkingV1Ingress {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: NetworkingV1IngressSpec;
  status?: NetworkingV1IngressStatus;
}

export interface NetworkingV1IngressBackend {
  service?: NetworkingV1IngressServiceBackend;
  resource?: CoreV1TypedLocalObjectReference;
}

export interface NetworkingV1IngressClass {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: NetworkingV1IngressClassSpec;
}

export interface NetworkingV1IngressClassParametersReference {
  apiGroup?: string;
  kind: string;
  name: string;
  scope?: string;
  namespace?: string;
}

export interface NetworkingV1IngressClassSpec {
  controller?: string;
  parameters?: NetworkingV1IngressClassParametersReference;
}

export interface NetworkingV1IngressLoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ports?: NetworkingV1IngressPortStatus[];
}

export interface NetworkingV1IngressLoadBalancerStatus {
  ingress?: NetworkingV1IngressLoadBalancerIngress[];
}

export interface NetworkingV1IngressPortStatus {
  port: number;
  protocol: string;
  error?: string;
}

export interface NetworkingV1IngressRule {
  host?: string;
  http?: NetworkingV1HTTPIngressRuleValue;
}

export interface NetworkingV1IngressServiceBackend {
  name: string;
  port?: NetworkingV1ServiceBackendPort;
}

export interface NetworkingV1IngressSpec {
  ingressClassName?: string;
  defaultBackend?: NetworkingV1IngressBackend;
  tls?: NetworkingV1IngressTLS[];
  rules?: NetworkingV1IngressRule[];
}

export interface NetworkingV1IngressStatus {
  loadBalancer?: NetworkingV1IngressLoadBalancerStatus;
}

export interface NetworkingV1IngressTLS {
  hosts?: string[];
  secretName?: string;
}

export interface NetworkingV1NetworkPolicy {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: NetworkingV1NetworkPolicySpec;
}

export interface NetworkingV1NetworkPolicyEgressRule {
  ports?: NetworkingV1NetworkPolicyPort[];
  to?: NetworkingV1NetworkPolicyPeer[];
}

export interface NetworkingV1NetworkPolicyIngressRule {
  ports?: NetworkingV1NetworkPolicyPort[];
  from?: NetworkingV1NetworkPolicyPeer[];
}

export interface NetworkingV1NetworkPolicyPeer {
  podSelector?: MetaV1LabelSelector;
  namespaceSelector?: MetaV1LabelSelector;
  ipBlock?: NetworkingV1IPBlock;
}

export interface NetworkingV1NetworkPolicyPort {
  protocol?: string;
  port?: string | number;
  endPort?: number;
}

export interface NetworkingV1NetworkPolicySpec {
  podSelector: MetaV1LabelSelector;
  ingress?: NetworkingV1NetworkPolicyIngressRule[];
  egress?: NetworkingV1NetworkPolicyEgressRule[];
  policyTypes?: string[];
}

export interface NetworkingV1ParentReference {
  group?: string;
  resource: string;
  namespace?: string;
  name: string;
}

export interface NetworkingV1ServiceBackendPort {
  name?: string;
  number?: number;
}

export interface NetworkingV1ServiceCIDR {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: NetworkingV1ServiceCIDRSpec;
  status?: NetworkingV1ServiceCIDRStatus;
}

export interface NetworkingV1ServiceCIDRSpec {
  cidrs?: string[];
}

export interface NetworkingV1ServiceCIDRStatus {
  conditions?: MetaV1Condition[];
}

export interface NodeV1Overhead {
  podFixed?: { [name: string]: string | number };
}

export interface NodeV1RuntimeClass {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  handler: string;
  overhead?: NodeV1Overhead;
  scheduling?: NodeV1Scheduling;
}

export interface NodeV1Scheduling {
  nodeSelector?: { [name: string]: string };
  tolerations?: CoreV1Toleration[];
}

export interface PolicyV1PodDisruptionBudget {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec?: PolicyV1PodDisruptionBudgetSpec;
  status?: PolicyV1PodDisruptionBudgetStatus;
}

export interface PolicyV1PodDisruptionBudgetSpec {
  minAvailable?: string | number;
  selector?: MetaV1LabelSelector;
  maxUnavailable?: string | number;
  unhealthyPodEvictionPolicy?: string;
}

export interface PolicyV1PodDisruptionBudgetStatus {
  observedGeneration?: number;
  disruptedPods?: { [name: string]: string };
  disruptionsAllowed: number;
  currentHealthy: number;
  desiredHealthy: number;
  expectedPods: number;
  conditions?: MetaV1Condition[];
}

export interface RbacV1AggregationRule {
  clusterRoleSelectors?: MetaV1LabelSelector[];
}

export interface RbacV1ClusterRole {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  rules?: RbacV1PolicyRule[];
  aggregationRule?: RbacV1AggregationRule;
}

export interface RbacV1ClusterRoleBinding {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  subjects?: RbacV1Subject[];
  roleRef: RbacV1RoleRef;
}

export interface RbacV1PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export interface RbacV1Role {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  rules?: RbacV1PolicyRule[];
}

export interface RbacV1RoleBinding {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  subjects?: RbacV1Subject[];
  roleRef: RbacV1RoleRef;
}

export interface RbacV1RoleRef {
  apiGroup: string;
  kind: string;
  name: string;
}

export interface RbacV1Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

export interface SchedulingV1PriorityClass {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  value: number;
  globalDefault?: boolean;
  description?: string;
  preemptionPolicy?: string;
}

export interface StorageV1CSIDriver {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec: StorageV1CSIDriverSpec;
}

export interface StorageV1CSIDriverSpec {
  attachRequired?: boolean;
  podInfoOnMount?: boolean;
  volumeLifecycleModes?: string[];
  storageCapacity?: boolean;
  fsGroupPolicy?: string;
  tokenRequests?: StorageV1TokenRequest[];
  requiresRepublish?: boolean;
  seLinuxMount?: boolean;
  nodeAllocatableUpdatePeriodSeconds?: number;
}

export interface StorageV1CSINode {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec: StorageV1CSINodeSpec;
}

export interface StorageV1CSINodeDriver {
  name: string;
  nodeID: string;
  topologyKeys?: string[];
  allocatable?: StorageV1VolumeNodeResources;
}

export interface StorageV1CSINodeSpec {
  drivers: StorageV1CSINodeDriver[];
}

export interface StorageV1CSIStorageCapacity {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  nodeTopology?: MetaV1LabelSelector;
  storageClassName: string;
  capacity?: string | number;
  maximumVolumeSize?: string | number;
}

export interface StorageV1StorageClass {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  provisioner: string;
  parameters?: { [name: string]: string };
  reclaimPolicy?: string;
  mountOptions?: string[];
  allowVolumeExpansion?: boolean;
  volumeBindingMode?: string;
  allowedTopologies?: CoreV1TopologySelectorTerm[];
}

export interface StorageV1TokenRequest {
  audience: string;
  expirationSeconds?: number;
}

export interface StorageV1VolumeAttachment {
  kind?: string;
  apiVersion?: string;
  metadata: MetaV1ObjectMeta;
  spec: StorageV1VolumeAttachmentSpec;
  status?: StorageV1VolumeAttachmentStatus;
}

export interface StorageV1VolumeAttachmentSource {
  persistentVolumeName?: string;
  inlineVolumeSpec?: CoreV1PersistentVolumeSpec;
}

export interface StorageV1VolumeAttachmentSpec {
  attacher: string;
  source: StorageV1VolumeAttachmentSource;
  nodeName: string;
}

export interface StorageV1VolumeAttachmentStatus {
  attached: boolean;
  attachmentMetadata?: { [name: string]: string };
  attachError?: StorageV1VolumeError;
  detachError?: StorageV1VolumeError;
}

export interface StorageV1VolumeError {
  time?: string;
  message?: string;
  errorCode?: number;
}

export interface StorageV1VolumeNodeResources {
  count?: number;
}
