/**
 * The built-in resources, a line each under the heading of their group version (`# group/version table`):
 * plural, singular, kind, scope, verbs (`*` is all eight), then short names, categories and `sub:name=kind=verbs;...`.
 */
export const resourceLines = `
# core/v1 core
bindings binding Binding namespaced create
componentstatuses componentstatus ComponentStatus cluster get,list short=cs
configmaps configmap ConfigMap namespaced * short=cm
endpoints endpoints Endpoints namespaced * short=ep
events event Event namespaced * short=ev
limitranges limitrange LimitRange namespaced * short=limits
namespaces namespace Namespace cluster create,delete,get,list,patch,update,watch short=ns sub:finalize=Namespace=update;status=Namespace=get,patch,update
nodes node Node cluster * short=no sub:proxy=NodeProxyOptions=create,delete,get,patch,update;status=Node=get,patch,update
persistentvolumeclaims persistentvolumeclaim PersistentVolumeClaim namespaced * short=pvc sub:status=PersistentVolumeClaim=get,patch,update
persistentvolumes persistentvolume PersistentVolume cluster * short=pv sub:status=PersistentVolume=get,patch,update
pods pod Pod namespaced * short=po categories=all sub:attach=PodAttachOptions=create,get;binding=Binding=create;ephemeralcontainers=Pod=get,patch,update;eviction=policy/v1.Eviction=create;exec=PodExecOptions=create,get;log=Pod=get;portforward=PodPortForwardOptions=create,get;proxy=PodProxyOptions=create,delete,get,patch,update;resize=Pod=get,patch,update;status=Pod=get,patch,update
podtemplates podtemplate PodTemplate namespaced *
replicationcontrollers replicationcontroller ReplicationController namespaced * short=rc categories=all sub:scale=autoscaling/v1.Scale=get,patch,update;status=ReplicationController=get,patch,update
resourcequotas resourcequota ResourceQuota namespaced * short=quota sub:status=ResourceQuota=get,patch,update
secrets secret Secret namespaced *
serviceaccounts serviceaccount ServiceAccount namespaced * short=sa sub:token=authentication.k8s.io/v1.TokenRequest=create
services service Service namespaced * short=svc categories=all sub:proxy=ServiceProxyOptions=create,delete,get,patch,update;status=Service=get,patch,update
# apiregistration.k8s.io/v1 apiregistration
apiservices apiservice APIService cluster * categories=api-extensions sub:status=APIService=get,patch,update
# apps/v1 apps
controllerrevisions controllerrevision ControllerRevision namespaced *
daemonsets daemonset DaemonSet namespaced * short=ds categories=all sub:status=DaemonSet=get,patch,update
deployments deployment Deployment namespaced * short=deploy categories=all sub:scale=autoscaling/v1.Scale=get,patch,update;status=Deployment=get,patch,update
replicasets replicaset ReplicaSet namespaced * short=rs categories=all sub:scale=autoscaling/v1.Scale=get,patch,update;status=ReplicaSet=get,patch,update
statefulsets statefulset StatefulSet namespaced * short=sts categories=all sub:scale=autoscaling/v1.Scale=get,patch,update;status=StatefulSet=get,patch,update
# events.k8s.io/v1 events
events event Event namespaced * short=ev
# authentication.k8s.io/v1 authentication
selfsubjectreviews selfsubjectreview SelfSubjectReview cluster create
tokenreviews tokenreview TokenReview cluster create
# authorization.k8s.io/v1 authorization
localsubjectaccessreviews localsubjectaccessreview LocalSubjectAccessReview namespaced create
selfsubjectaccessreviews selfsubjectaccessreview SelfSubjectAccessReview cluster create
selfsubjectrulesreviews selfsubjectrulesreview SelfSubjectRulesReview cluster create
subjectaccessreviews subjectaccessreview SubjectAccessReview cluster create
# autoscaling/v2 autoscaling
horizontalpodautoscalers horizontalpodautoscaler HorizontalPodAutoscaler namespaced * short=hpa categories=all sub:status=HorizontalPodAutoscaler=get,patch,update
# autoscaling/v1 autoscaling
horizontalpodautoscalers horizontalpodautoscaler HorizontalPodAutoscaler namespaced * short=hpa categories=all sub:status=HorizontalPodAutoscaler=get,patch,update
# batch/v1 batch
cronjobs cronjob CronJob namespaced * short=cj categories=all sub:status=CronJob=get,patch,update
jobs job Job namespaced * categories=all sub:status=Job=get,patch,update
# certificates.k8s.io/v1 certificates
certificatesigningrequests certificatesigningrequest CertificateSigningRequest cluster * short=csr sub:approval=CertificateSigningRequest=get,patch,update;status=CertificateSigningRequest=get,patch,update
# networking.k8s.io/v1 networking
ingressclasses ingressclass IngressClass cluster *
ingresses ingress Ingress namespaced * short=ing sub:status=Ingress=get,patch,update
ipaddresses ipaddress IPAddress cluster * short=ip
networkpolicies networkpolicy NetworkPolicy namespaced * short=netpol
servicecidrs servicecidr ServiceCIDR cluster * sub:status=ServiceCIDR=get,patch,update
# policy/v1 policy
poddisruptionbudgets poddisruptionbudget PodDisruptionBudget namespaced * short=pdb sub:status=PodDisruptionBudget=get,patch,update
# rbac.authorization.k8s.io/v1 rbac
clusterrolebindings clusterrolebinding ClusterRoleBinding cluster *
clusterroles clusterrole ClusterRole cluster *
rolebindings rolebinding RoleBinding namespaced *
roles role Role namespaced *
# storage.k8s.io/v1 storage
csidrivers csidriver CSIDriver cluster *
csinodes csinode CSINode cluster *
csistoragecapacities csistoragecapacity CSIStorageCapacity namespaced *
storageclasses storageclass StorageClass cluster * short=sc
volumeattachments volumeattachment VolumeAttachment cluster * sub:status=VolumeAttachment=get,patch,update
# admissionregistration.k8s.io/v1 admissionregistration
mutatingwebhookconfigurations mutatingwebhookconfiguration MutatingWebhookConfiguration cluster * categories=api-extensions
validatingadmissionpolicies validatingadmissionpolicy ValidatingAdmissionPolicy cluster * categories=api-extensions sub:status=ValidatingAdmissionPolicy=get,patch,update
validatingadmissionpolicybindings validatingadmissionpolicybinding ValidatingAdmissionPolicyBinding cluster * categories=api-extensions
validatingwebhookconfigurations validatingwebhookconfiguration ValidatingWebhookConfiguration cluster * categories=api-extensions
# apiextensions.k8s.io/v1 apiextensions
customresourcedefinitions customresourcedefinition CustomResourceDefinition cluster * short=crd,crds categories=api-extensions sub:status=CustomResourceDefinition=get,patch,update
# scheduling.k8s.io/v1 scheduling
priorityclasses priorityclass PriorityClass cluster * short=pc
# coordination.k8s.io/v1 coordination
leases lease Lease namespaced *
# node.k8s.io/v1 node
runtimeclasses runtimeclass RuntimeClass cluster *
# discovery.k8s.io/v1 discovery
endpointslices endpointslice EndpointSlice namespaced *
# flowcontrol.apiserver.k8s.io/v1 flowcontrol
flowschemas flowschema FlowSchema cluster * sub:status=FlowSchema=get,patch,update
prioritylevelconfigurations prioritylevelconfiguration PriorityLevelConfiguration cluster * sub:status=PriorityLevelConfiguration=get,patch,update
`;

/** Resources of group versions that are served only where the settings name them (`runtimeConfig`), or once nodes are measured, in the same form. */
export const optionalResourceLines = `
# admissionregistration.k8s.io/v1alpha1 admissionregistration
mutatingadmissionpolicies mutatingadmissionpolicy MutatingAdmissionPolicy cluster * categories=api-extensions
mutatingadmissionpolicybindings mutatingadmissionpolicybinding MutatingAdmissionPolicyBinding cluster * categories=api-extensions
# metrics.k8s.io/v1beta1 metrics
nodes  NodeMetrics cluster get,list
pods  PodMetrics namespaced get,list
`;
