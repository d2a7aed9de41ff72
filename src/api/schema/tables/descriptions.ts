/** What `kubectl explain` says of the types and fields that people look up most: a line each, `type text` or `type.field text`. */
export const descriptionLines = `
meta/v1.ObjectMeta What every stored object says of itself: its name, its labels, who owns it, when it was made.
meta/v1.ObjectMeta.name Unique among objects of the kind in the namespace. It cannot be changed.
meta/v1.ObjectMeta.generateName A prefix: when no name is given, the server makes one by adding five random letters.
meta/v1.ObjectMeta.namespace The space that the name is unique in. Empty for kinds that belong to the whole cluster. It cannot be changed.
meta/v1.ObjectMeta.uid Tells this object from all others that ever had its name. Set by the server.
meta/v1.ObjectMeta.resourceVersion Changes with every write. Given back with an update, it makes the update fail if somebody else wrote in between.
meta/v1.ObjectMeta.generation Counts the changes of what is wanted, the spec. Set by the server.
meta/v1.ObjectMeta.creationTimestamp When the object was made. Set by the server.
meta/v1.ObjectMeta.deletionTimestamp When the object goes or went on its way out. Set by the server when a deletion is asked for; it is then waited for the finalizers.
meta/v1.ObjectMeta.deletionGracePeriodSeconds How many seconds the object had to end, counted from the request to delete it.
meta/v1.ObjectMeta.labels Keys and values by which objects are selected and grouped.
meta/v1.ObjectMeta.annotations Keys and values that tools keep with the object; nothing is selected by them.
meta/v1.ObjectMeta.ownerReferences The objects that this one depends on. When all of them are gone, it is removed as well.
meta/v1.ObjectMeta.finalizers Who still has something to do before the object may go. It stays until the list is empty.
meta/v1.ObjectMeta.managedFields Which fields each writer set last; server-side apply goes by it.
meta/v1.OwnerReference.controller This owner is the one that manages the object.
meta/v1.OwnerReference.blockOwnerDeletion The owner is not removed in the foreground before this object is.
meta/v1.LabelSelector Picks objects by their labels: all conditions must hold. An empty one picks everything, an absent one nothing.
meta/v1.LabelSelector.matchLabels Labels that must be there with just these values.
meta/v1.LabelSelector.matchExpressions Further conditions on labels: In, NotIn, Exists and DoesNotExist.
meta/v1.ListMeta.continue Given back with the same list request, it brings the next page.
meta/v1.ListMeta.remainingItemCount How many items come after this page.
core/v1.Binding Puts a pod on a node.
core/v1.ComponentStatus The state of a part of the control plane. Nobody keeps these any more.
core/v1.ConfigMap Settings for programs, as texts and files, that are no secrets.
core/v1.ConfigMap.data Texts by their keys. A key is a file name when the map is mounted.
core/v1.ConfigMap.binaryData Bytes, in base64, by their keys. No key is in both maps.
core/v1.ConfigMap.immutable Once true, the data can never be changed; only the whole object can be deleted.
core/v1.Secret Passwords, keys and other things that few may read.
core/v1.Secret.data Values in base64 by their keys.
core/v1.Secret.stringData Values as plain texts, for writing only: they replace those of the same keys in data.
core/v1.Secret.type What the secret is for; some types must have certain keys. Opaque means anything.
core/v1.Secret.immutable Once true, the data can never be changed; only the whole object can be deleted.
core/v1.Endpoints The addresses behind a service. EndpointSlices have taken their place.
core/v1.Event Something that happened to an object, told by who saw it. Kept for a short time only.
core/v1.LimitRange Bounds and defaults for the resources of pods, containers and claims in a namespace.
core/v1.LimitRangeItem.type What is bounded: Pod, Container or PersistentVolumeClaim.
core/v1.LimitRangeItem.max The most of each resource.
core/v1.LimitRangeItem.min The least of each resource.
core/v1.LimitRangeItem.default Limits for containers that name none.
core/v1.LimitRangeItem.defaultRequest Requests for containers that name none.
core/v1.LimitRangeItem.maxLimitRequestRatio How many times its request a limit may be.
core/v1.Namespace A space of names. Deleting it deletes everything in it.
core/v1.Node A machine that pods run on.
core/v1.NodeSpec.podCIDR Where the addresses of the node's pods come from.
core/v1.NodeSpec.unschedulable No new pods come to this node.
core/v1.NodeSpec.taints Keep pods away that do not tolerate them.
core/v1.NodeStatus.capacity All that the node has of each resource.
core/v1.NodeStatus.allocatable What pods may have of it.
core/v1.NodeStatus.conditions Whether the node is ready, and what it lacks.
core/v1.NodeStatus.addresses Where the node is reached.
core/v1.NodeStatus.nodeInfo Versions of the node's system, kernel and agent.
core/v1.PersistentVolume Storage in the cluster that outlives pods.
core/v1.PersistentVolumeSpec.capacity How much the volume holds.
core/v1.PersistentVolumeSpec.accessModes How the volume can be mounted: by one node or many, to read or to write.
core/v1.PersistentVolumeSpec.claimRef The claim that has the volume.
core/v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy What becomes of the volume when its claim is gone: Retain, Delete or Recycle.
core/v1.PersistentVolumeSpec.storageClassName The class it belongs to; empty for none.
core/v1.PersistentVolumeSpec.nodeAffinity Which nodes can reach the volume.
core/v1.PersistentVolumeClaim A wish for storage; a volume that fits is bound to it.
core/v1.PersistentVolumeClaimSpec.accessModes How the volume must be mountable.
core/v1.PersistentVolumeClaimSpec.resources How much storage is wanted at least.
core/v1.PersistentVolumeClaimSpec.storageClassName The class to take a volume from. Empty: volumes without a class; absent: the default class.
core/v1.PersistentVolumeClaimSpec.volumeMode Filesystem or Block.
core/v1.PersistentVolumeClaimSpec.volumeName The volume that is bound.
core/v1.PersistentVolumeClaimSpec.selector Labels that the volume must have.
core/v1.PersistentVolumeClaimSpec.dataSource What the volume is filled from: another claim or a snapshot.
core/v1.Pod One or more containers that run together on one node and share its network and volumes.
core/v1.PodTemplate A pod's description kept by itself, to make pods of.
core/v1.PodTemplateSpec What pods are made of: their labels and their spec.
core/v1.PodSpec What runs in a pod, and how.
core/v1.PodSpec.volumes What containers can mount.
core/v1.PodSpec.initContainers Containers that run one after the other, each to its end, before the others start.
core/v1.PodSpec.containers The containers of the pod; at least one. None can be added or removed later.
core/v1.PodSpec.ephemeralContainers Containers put into a running pod to look into it. They are added by their own subresource.
core/v1.PodSpec.restartPolicy Whether containers are started again when they end: Always, OnFailure or Never. Always if nothing is said.
core/v1.PodSpec.terminationGracePeriodSeconds How long containers have to end by themselves before they are killed. 30 if nothing is said.
core/v1.PodSpec.activeDeadlineSeconds How long the pod may be active before it is ended and counts as failed.
core/v1.PodSpec.dnsPolicy Whom the pod asks for names: ClusterFirst, ClusterFirstWithHostNet, Default or None.
core/v1.PodSpec.nodeSelector Labels that the node must have.
core/v1.PodSpec.serviceAccountName Who the pod is towards the API.
core/v1.PodSpec.serviceAccount The old name of serviceAccountName.
core/v1.PodSpec.automountServiceAccountToken Whether the account's token is mounted.
core/v1.PodSpec.nodeName The node that the pod is on. Given at creation, it passes by the scheduler.
core/v1.PodSpec.hostNetwork Use the node's network instead of an own address.
core/v1.PodSpec.hostPID See the node's processes.
core/v1.PodSpec.hostIPC Share the node's shared memory and semaphores.
core/v1.PodSpec.shareProcessNamespace Containers of the pod see each other's processes.
core/v1.PodSpec.securityContext Users, groups and other rights for all containers of the pod.
core/v1.PodSpec.imagePullSecrets Secrets with credentials for the registries of the images.
core/v1.PodSpec.hostname The pod's host name; its own name if nothing is said.
core/v1.PodSpec.subdomain Makes the pod's full name hostname.subdomain.namespace.svc of the cluster's domain.
core/v1.PodSpec.affinity Which nodes and which company of other pods are wanted or avoided.
core/v1.PodSpec.schedulerName Who places the pod.
core/v1.PodSpec.tolerations Taints of nodes that the pod bears with.
core/v1.PodSpec.hostAliases Further lines of the pod's hosts file.
core/v1.PodSpec.priorityClassName How urgent the pod is, by the name of a class.
core/v1.PodSpec.priority How urgent the pod is. Comes from the class.
core/v1.PodSpec.dnsConfig Name servers and search paths besides those of the policy.
core/v1.PodSpec.readinessGates Conditions that others set and that must hold before the pod is ready.
core/v1.PodSpec.runtimeClassName How the node runs the containers, by the name of a class.
core/v1.PodSpec.enableServiceLinks Tell containers of the namespace's services by environment variables.
core/v1.PodSpec.topologySpreadConstraints How pods are spread over zones, nodes and the like.
core/v1.PodSpec.os The operating system that the pod is for.
core/v1.PodSpec.schedulingGates While there are any, the pod is not placed.
core/v1.PodStatus.phase Pending, Running, Succeeded, Failed or Unknown: where the pod is in its life.
core/v1.PodStatus.conditions Whether it is scheduled, initialised, ready.
core/v1.PodStatus.podIP The pod's address.
core/v1.PodStatus.hostIP The address of the pod's node.
core/v1.PodStatus.startTime When the node took the pod.
core/v1.PodStatus.containerStatuses How each container is.
core/v1.PodStatus.qosClass Guaranteed, Burstable or BestEffort, by the requests and limits of the containers.
core/v1.Container One container of a pod.
core/v1.Container.name Unique in the pod. It cannot be changed.
core/v1.Container.image The image that the container is made of.
core/v1.Container.command What is run instead of the image's entry point. $(NAME) stands for a variable.
core/v1.Container.args Arguments, instead of the image's own.
core/v1.Container.workingDir Where the program starts; what the image says if nothing is said.
core/v1.Container.ports Ports that the program listens on. Others are reachable as well.
core/v1.Container.envFrom Config maps and secrets whose keys become variables.
core/v1.Container.env Variables of the program.
core/v1.Container.resources What the container asks for and what it may use at most.
core/v1.Container.resizePolicy Whether a change of a resource restarts the container.
core/v1.Container.restartPolicy Always makes an init container run on beside the others.
core/v1.Container.volumeMounts Volumes in the container's file system.
core/v1.Container.volumeDevices Block devices of the container.
core/v1.Container.livenessProbe When it fails, the container is started again.
core/v1.Container.readinessProbe While it fails, services send nothing to the pod.
core/v1.Container.startupProbe Until it succeeds, the other probes wait.
core/v1.Container.lifecycle What is done right after the start and before the end.
core/v1.Container.terminationMessagePath The file whose text is kept when the container ends.
core/v1.Container.terminationMessagePolicy Where the last message comes from: File, or the logs when there is none.
core/v1.Container.imagePullPolicy Always, IfNotPresent or Never. Always for the tag latest, otherwise IfNotPresent.
core/v1.Container.securityContext Rights of this container; they go before those of the pod.
core/v1.Container.stdin Keep the standard input open.
core/v1.Container.tty Give the program a terminal.
core/v1.ContainerPort.containerPort The port's number in the pod.
core/v1.ContainerPort.hostPort The same program on a port of the node.
core/v1.ContainerPort.name What services call the port.
core/v1.ContainerPort.protocol TCP, UDP or SCTP.
core/v1.EnvVar.name The variable's name.
core/v1.EnvVar.value Its text. $(NAME) stands for an earlier variable, $$ for a dollar sign.
core/v1.EnvVar.valueFrom Where the text comes from instead.
core/v1.ResourceRequirements.limits The most that may be used.
core/v1.ResourceRequirements.requests What is set aside. The limits, if nothing is said.
core/v1.VolumeMount.name The volume's name.
core/v1.VolumeMount.mountPath Where it is in the container.
core/v1.VolumeMount.readOnly Not to be written to.
core/v1.VolumeMount.subPath The part of the volume that is mounted.
core/v1.Probe.initialDelaySeconds How long to wait after the start.
core/v1.Probe.timeoutSeconds How long an answer may take.
core/v1.Probe.periodSeconds How often to look.
core/v1.Probe.successThreshold How many successes in a row are a success.
core/v1.Probe.failureThreshold How many failures in a row are a failure.
core/v1.Probe.exec Runs a command; 0 is success.
core/v1.Probe.httpGet Sends a GET; 200 to 399 is success.
core/v1.Probe.tcpSocket Connects to a port.
core/v1.Probe.grpc Asks the gRPC health service.
core/v1.SecurityContext.privileged Rights of root on the node.
core/v1.SecurityContext.runAsUser The user's number.
core/v1.SecurityContext.runAsGroup The group's number.
core/v1.SecurityContext.runAsNonRoot Refuse to start as root.
core/v1.SecurityContext.readOnlyRootFilesystem Nothing but volumes can be written to.
core/v1.SecurityContext.allowPrivilegeEscalation Whether a program may get more rights than its parent.
core/v1.SecurityContext.capabilities Single rights of root to add or to drop.
core/v1.SecurityContext.seccompProfile Which system calls are let through.
core/v1.PodSecurityContext.fsGroup The group that owns the volumes.
core/v1.PodSecurityContext.runAsUser The user's number.
core/v1.PodSecurityContext.runAsNonRoot Refuse to start as root.
core/v1.PodSecurityContext.supplementalGroups Further groups of every program.
core/v1.PodSecurityContext.sysctls Kernel settings of the pod.
core/v1.Toleration.key The taint's key; empty with Exists for all of them.
core/v1.Toleration.operator Exists or Equal.
core/v1.Toleration.effect NoSchedule, PreferNoSchedule or NoExecute; empty for all.
core/v1.Toleration.tolerationSeconds How long a NoExecute taint is borne with.
core/v1.Volume.name What mounts call it.
core/v1.Volume.emptyDir An empty folder that goes with the pod.
core/v1.Volume.hostPath A folder or file of the node.
core/v1.Volume.configMap Keys of a config map as files.
core/v1.Volume.secret Keys of a secret as files.
core/v1.Volume.projected Several sources in one folder.
core/v1.Volume.downwardAPI Facts about the pod as files.
core/v1.Volume.persistentVolumeClaim The volume of a claim.
core/v1.ReplicationController Keeps a number of pods running. ReplicaSets have taken its place.
core/v1.ResourceQuota How much all of a namespace may use together.
core/v1.ResourceQuotaSpec.hard The most of each resource.
core/v1.ResourceQuotaSpec.scopes Only pods of all these scopes are counted.
core/v1.ServiceAccount Who a program in a pod is towards the API.
core/v1.Service One address and name for a changing set of pods.
core/v1.ServiceSpec.ports The ports that the service has.
core/v1.ServiceSpec.selector Labels of the pods behind it. Without one, somebody else keeps its endpoints.
core/v1.ServiceSpec.clusterIP Its address inside the cluster; None for a name that leads to the pods themselves.
core/v1.ServiceSpec.type ClusterIP, NodePort, LoadBalancer or ExternalName.
core/v1.ServiceSpec.externalName The name elsewhere that it stands for.
core/v1.ServiceSpec.externalIPs Further addresses whose traffic nodes take.
core/v1.ServiceSpec.sessionAffinity ClientIP sends one client to one pod; None does not.
core/v1.ServiceSpec.externalTrafficPolicy Local keeps outside traffic on the node it came to; Cluster spreads it.
core/v1.ServiceSpec.internalTrafficPolicy Local keeps traffic of pods on their node; Cluster spreads it.
core/v1.ServiceSpec.publishNotReadyAddresses Pods count that are not ready.
core/v1.ServicePort.port The service's port.
core/v1.ServicePort.targetPort The pods' port, by number or name; the same if nothing is said.
core/v1.ServicePort.nodePort The port of every node.
core/v1.ServicePort.name Tells ports apart where there are several.
apps/v1.ControllerRevision A state that a DaemonSet or StatefulSet can go back to.
apps/v1.DaemonSet One pod on every node that fits.
apps/v1.Deployment Keeps pods running and replaces them step by step when their template changes.
apps/v1.DeploymentSpec.replicas How many pods are wanted.
apps/v1.DeploymentSpec.selector Labels of the pods that are its own. It cannot be changed.
apps/v1.DeploymentSpec.template What the pods are made of.
apps/v1.DeploymentSpec.strategy How pods are replaced: RollingUpdate or Recreate.
apps/v1.DeploymentSpec.minReadySeconds How long a pod must be ready to count as available.
apps/v1.DeploymentSpec.revisionHistoryLimit How many old ReplicaSets are kept to go back to.
apps/v1.DeploymentSpec.paused Changes of the template wait.
apps/v1.DeploymentSpec.progressDeadlineSeconds How long without progress counts as failed.
apps/v1.ReplicaSet Keeps a number of like pods running.
apps/v1.StatefulSet Pods with lasting names and volumes, made and replaced in order.
apps/v1.StatefulSetSpec.serviceName The service that gives the pods their names.
apps/v1.StatefulSetSpec.podManagementPolicy OrderedReady: one after the other; Parallel: all at once.
apps/v1.StatefulSetSpec.volumeClaimTemplates Claims that every pod gets of its own.
apps/v1.StatefulSetSpec.replicas How many pods are wanted.
apps/v1.StatefulSetSpec.updateStrategy How pods are replaced: RollingUpdate or OnDelete.
batch/v1.Job Runs pods until enough of them have succeeded.
batch/v1.JobSpec.completions How many pods must succeed.
batch/v1.JobSpec.parallelism How many run at once.
batch/v1.JobSpec.backoffLimit How many failures are borne.
batch/v1.JobSpec.activeDeadlineSeconds How long the job may take.
batch/v1.JobSpec.ttlSecondsAfterFinished How long it is kept after its end.
batch/v1.JobSpec.completionMode NonIndexed, or Indexed: each pod has a number of its own.
batch/v1.JobSpec.suspend Whether it waits.
batch/v1.CronJob Makes jobs at set times.
batch/v1.CronJobSpec.schedule When, as cron writes it.
batch/v1.CronJobSpec.timeZone The time zone of the schedule.
batch/v1.CronJobSpec.concurrencyPolicy What happens when the last job still runs: Allow, Forbid or Replace.
batch/v1.CronJobSpec.suspend Whether it rests.
batch/v1.CronJobSpec.startingDeadlineSeconds How late a job may still be started.
autoscaling/v1.HorizontalPodAutoscaler Changes the number of pods with their load.
autoscaling/v2.HorizontalPodAutoscaler Changes the number of pods with their load, by several measures.
autoscaling/v2.HorizontalPodAutoscalerSpec.minReplicas The fewest pods.
autoscaling/v2.HorizontalPodAutoscalerSpec.maxReplicas The most pods.
autoscaling/v2.HorizontalPodAutoscalerSpec.metrics What the number follows.
autoscaling/v2.HorizontalPodAutoscalerSpec.scaleTargetRef What is scaled.
networking/v1.Ingress Leads HTTP from outside to services, by host and path.
networking/v1.IngressSpec.ingressClassName Which controller serves it.
networking/v1.IngressSpec.rules Hosts and paths, and where they lead.
networking/v1.IngressSpec.tls Certificates for hosts.
networking/v1.IngressSpec.defaultBackend Where everything else goes.
networking/v1.IngressClass A kind of controller of ingresses.
networking/v1.IPAddress An address of the cluster that something has.
networking/v1.NetworkPolicy Which traffic pods may have. Pods without one may have all.
networking/v1.NetworkPolicySpec.podSelector The pods that it is about.
networking/v1.NetworkPolicySpec.ingress What may come in.
networking/v1.NetworkPolicySpec.egress What may go out.
networking/v1.NetworkPolicySpec.policyTypes Which directions it is about.
networking/v1.ServiceCIDR A range that addresses of services come from.
policy/v1.PodDisruptionBudget How many pods must stay when others are evicted.
policy/v1.PodDisruptionBudgetSpec.minAvailable The fewest pods that stay.
policy/v1.PodDisruptionBudgetSpec.maxUnavailable The most pods that may be away.
rbac/v1.Role What may be done in a namespace.
rbac/v1.ClusterRole What may be done in the cluster, or in namespaces by bindings there.
rbac/v1.RoleBinding Gives a role to users, groups and accounts in a namespace.
rbac/v1.ClusterRoleBinding Gives a cluster role to users, groups and accounts everywhere.
rbac/v1.PolicyRule.verbs What may be done: get, list, create and so on; * for everything.
rbac/v1.PolicyRule.apiGroups The groups of the resources; empty for core.
rbac/v1.PolicyRule.resources The resources, with subresources after a slash.
rbac/v1.PolicyRule.resourceNames Only these objects.
rbac/v1.PolicyRule.nonResourceURLs Paths that are no resources.
storage/v1.CSIDriver A storage driver and what it can do.
storage/v1.CSINode The drivers of a node.
storage/v1.CSIStorageCapacity How much room a driver has for a class somewhere.
storage/v1.StorageClass A kind of storage that volumes are made of.
storage/v1.VolumeAttachment A volume that is or shall be attached to a node.
admissionregistration/v1.MutatingWebhookConfiguration Webhooks that may change what is written.
admissionregistration/v1.ValidatingWebhookConfiguration Webhooks that may refuse what is written.
admissionregistration/v1.ValidatingAdmissionPolicy Expressions that may refuse what is written.
admissionregistration/v1.ValidatingAdmissionPolicyBinding Puts a policy to work, with parameters and for some of the cluster.
metrics/v1beta1.NodeMetrics What a node's machine used of CPU and memory over the last window.
metrics/v1beta1.NodeMetrics.timestamp When the window ended.
metrics/v1beta1.NodeMetrics.window How long it was, as a duration of Go.
metrics/v1beta1.NodeMetrics.usage CPU on average over the window; memory that cannot be taken back without loss, at its end.
metrics/v1beta1.PodMetrics What a pod's running containers used of CPU and memory over the last window.
metrics/v1beta1.PodMetrics.timestamp When the window ended.
metrics/v1beta1.PodMetrics.window How long it was, as a duration of Go.
metrics/v1beta1.PodMetrics.containers Each container that was measured.
metrics/v1beta1.ContainerMetrics.usage CPU on average over the window; memory that cannot be taken back without loss, at its end.
admissionregistration/v1alpha1.MutatingAdmissionPolicy Expressions that change what is written.
admissionregistration/v1alpha1.MutatingAdmissionPolicySpec.mutations Changes to the object, one after the other.
admissionregistration/v1alpha1.MutatingAdmissionPolicySpec.reinvocationPolicy IfNeeded: once more when something changed the object after this policy. Never: once.
admissionregistration/v1alpha1.Mutation.patchType ApplyConfiguration (merged as server-side apply does) or JSONPatch.
admissionregistration/v1alpha1.MutatingAdmissionPolicyBinding Puts a policy to work, with parameters and for some of the cluster.
apiextensions/v1.CustomResourceDefinition A kind that the cluster learns.
apiextensions/v1.CustomResourceDefinitionSpec.group The group of the kind.
apiextensions/v1.CustomResourceDefinitionSpec.names What the kind is called.
apiextensions/v1.CustomResourceDefinitionSpec.scope Namespaced or Cluster.
apiextensions/v1.CustomResourceDefinitionSpec.versions Its versions, each with a schema.
apiregistration/v1.APIService A group version, and who serves it.
authentication/v1.SelfSubjectReview Asks who the server takes the asker for.
authentication/v1.TokenReview Asks whose a token is.
authorization/v1.LocalSubjectAccessReview Asks whether somebody may do something in a namespace.
authorization/v1.SelfSubjectAccessReview Asks whether the asker may do something.
authorization/v1.SelfSubjectRulesReview Asks what the asker may do in a namespace.
authorization/v1.SubjectAccessReview Asks whether somebody may do something.
certificates/v1.CertificateSigningRequest Asks for a certificate.
coordination/v1.Lease Who holds something, and until when.
discovery/v1.EndpointSlice A part of the addresses behind a service.
events/v1.Event Something that happened to an object, told by who saw it. Kept for a short time only.
flowcontrol/v1.FlowSchema Which requests belong together, and to which priority level.
flowcontrol/v1.PriorityLevelConfiguration How many requests of a level are served at once, and how others wait.
node/v1.RuntimeClass A way in which nodes run containers.
scheduling/v1.PriorityClass How urgent pods are.
scheduling/v1.PriorityClass.value The higher, the more urgent.
scheduling/v1.PriorityClass.globalDefault For pods that name no class.
`;

/** What is said of these fields wherever a kind has them. */
export const kindFieldDescriptions: Readonly<Record<string, string>> = {
  apiVersion: 'Group and version that the object is written in.',
  kind: 'What the object is.',
  metadata: 'What every object says of itself: name, labels and the like.',
  spec: 'What is wanted.',
  status: 'How it is. Written by controllers.',
  items: 'The objects of the list.',
};
