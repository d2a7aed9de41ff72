/** Types and resources of apiextensions.k8s.io, version v1, in the form that type-entry.ts reads. */

export const apiextensionsV1 = `
ConversionRequest
  uid:1:s
  desiredAPIVersion:2:s
  objects:3:[]raw

ConversionResponse
  uid:1:s
  convertedObjects:2:[]raw
  result*:3:meta/v1.Status

ConversionReview@
  request*:1:ConversionRequest
  response*:2:ConversionResponse

CustomResourceColumnDefinition
  name!+:1:s
  type!+:2:s
  format:3:s
  description:4:s
  priority:5:i32
  jsonPath!+:6:s

CustomResourceConversion
  strategy!+:1:s
  webhook*:2:WebhookConversion

CustomResourceDefinition@
  # Defines a custom resource that the API server serves.
  resource customresourcedefinitions customresourcedefinition cluster * short=crd,crds categories=api-extensions
  subresource status CustomResourceDefinition get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CustomResourceDefinitionSpec
  status+:3:CustomResourceDefinitionStatus

CustomResourceDefinitionCondition
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

CustomResourceDefinitionList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CustomResourceDefinition

CustomResourceDefinitionNames
  plural!+:1:s
  singular:2:s
  shortNames:3:[]s(atomic)
  kind!+:4:s
  listKind:5:s
  categories:6:[]s(atomic)

CustomResourceDefinitionSpec
  group!+:1:s
    # API group of the custom resource.
  names!+:3:CustomResourceDefinitionNames
    # Resource and kind names of the custom resource.
  scope!+:4:s
    # Whether objects live in a namespace or in the cluster: Namespaced or Cluster.
  versions!+:7:[]CustomResourceDefinitionVersion(atomic)
    # Versions of the custom resource, each with a schema.
  conversion*:9:CustomResourceConversion
  preserveUnknownFields:10:b

CustomResourceDefinitionStatus
  conditions+:1:[]CustomResourceDefinitionCondition(map=type)
  acceptedNames+:2:CustomResourceDefinitionNames
  storedVersions+:3:[]s(atomic)

CustomResourceDefinitionVersion
  name!+:1:s
  served!+:2:b
  storage!+:3:b
  deprecated:7:b
  deprecationWarning*:8:s
  schema*:4:CustomResourceValidation
  subresources*:5:CustomResourceSubresources
  additionalPrinterColumns:6:[]CustomResourceColumnDefinition(atomic)
  selectableFields:9:[]SelectableField(atomic)

CustomResourceSubresourceScale
  specReplicasPath!+:1:s
  statusReplicasPath!+:2:s
  labelSelectorPath*:3:s

CustomResourceSubresourceStatus

CustomResourceSubresources
  status*:1:CustomResourceSubresourceStatus
  scale*:2:CustomResourceSubresourceScale

CustomResourceValidation
  openAPIV3Schema*:1:JSONSchemaProps

ExternalDocumentation
  description:1:s
  url:2:s

JSONSchemaProps
  id:1:s
  $schema:2:s
  $ref*:3:s
  description:4:s
  type:5:s
  format:6:s
  title:7:s
  default*:8:raw
  maximum*:9:f64
  exclusiveMaximum:10:b
  minimum*:11:f64
  exclusiveMinimum:12:b
  maxLength*:13:i64
  minLength*:14:i64
  pattern:15:s
  maxItems*:16:i64
  minItems*:17:i64
  uniqueItems:18:b
  multipleOf*:19:f64
  enum:20:[]raw(atomic)
  maxProperties*:21:i64
  minProperties*:22:i64
  required:23:[]s(atomic)
  items*:24:orarray
  allOf:25:[]JSONSchemaProps(atomic)
  oneOf:26:[]JSONSchemaProps(atomic)
  anyOf:27:[]JSONSchemaProps(atomic)
  not*:28:JSONSchemaProps
  properties:29:{}JSONSchemaProps
  additionalProperties*:30:orbool
  patternProperties:31:{}JSONSchemaProps
  dependencies:32:{}orstrings
  additionalItems*:33:orbool
  definitions:34:{}JSONSchemaProps
  externalDocs*:35:ExternalDocumentation
  example*:36:raw
  nullable:37:b
  x-kubernetes-preserve-unknown-fields*:38:b
  x-kubernetes-embedded-resource:39:b
  x-kubernetes-int-or-string:40:b
  x-kubernetes-list-map-keys:41:[]s(atomic)
  x-kubernetes-list-type*:42:s
  x-kubernetes-map-type*:43:s
  x-kubernetes-validations:44:[]ValidationRule(map=rule;patch=merge;key=rule)

SelectableField
  jsonPath!+:1:s

ServiceReference
  namespace!+:1:s
  name!+:2:s
  path*:3:s
  port*:4:i32

ValidationRule
  rule!+:1:s
  message:2:s
  messageExpression:3:s
  reason*:4:s(enum=FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired)
  fieldPath:5:s
  optionalOldSelf*:6:b

WebhookClientConfig
  url*:3:s
  service*:1:ServiceReference
  caBundle:2:bytes

WebhookConversion
  clientConfig*:2:WebhookClientConfig
  conversionReviewVersions!+:3:[]s(atomic)
`;
