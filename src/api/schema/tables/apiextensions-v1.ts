/** Types and resources of apiextensions.k8s.io, version v1, in the form that type-entry.ts reads. */

export const apiextensionsV1 = `
ConversionRequest
  # Objects that a webhook is asked to convert.
  uid:1:s
    # ID of this question, which the answer repeats.
  desiredAPIVersion:2:s
    # Group and version that is wanted.
  objects:3:[]raw
    # The objects.

ConversionResponse
  # The answer of a conversion webhook.
  uid:1:s
    # ID of the question.
  convertedObjects:2:[]raw
    # The objects in the wanted version, in the same order.
  result*:3:meta/v1.Status
    # Success, or why it failed.

ConversionReview@
  # A question to a conversion webhook, or its answer.
  request*:1:ConversionRequest
    # The question.
  response*:2:ConversionResponse
    # The answer.

CustomResourceColumnDefinition
  # A column that kubectl get shows.
  name!+:1:s
    # Head of the column.
  type!+:2:s
    # OpenAPI type of its values.
  format:3:s
    # OpenAPI format of its values.
  description:4:s
    # What the column shows.
  priority:5:i32
    # 0 for columns that are always shown; others appear in wide output.
  jsonPath!+:6:s
    # Path of the value in the object.

CustomResourceConversion
  # How objects are converted between versions.
  strategy!+:1:s
    # None changes the apiVersion alone; Webhook asks a service.
  webhook*:2:WebhookConversion
    # The service to ask.

CustomResourceDefinition@
  # Defines a custom resource that the API server serves.
  resource customresourcedefinitions customresourcedefinition cluster * short=crd,crds categories=api-extensions
  subresource status CustomResourceDefinition get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CustomResourceDefinitionSpec
  status+:3:CustomResourceDefinitionStatus

CustomResourceDefinitionCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastTransitionTime+:3:t
    # When the status last changed.
  reason:4:s
    # Cause of the status, as one word for programs.
  message:5:s
    # Cause of the status, as text for people.

CustomResourceDefinitionList@
  # A list of objects of the kind CustomResourceDefinition.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CustomResourceDefinition

CustomResourceDefinitionNames
  # Names of a custom kind.
  plural!+:1:s
    # Name in URLs, in lower case.
  singular:2:s
    # Name of one object, in lower case. Default: the kind.
  shortNames:3:[]s(atomic)
    # Abbreviations for kubectl.
  kind!+:4:s
    # Name of the kind.
  listKind:5:s
    # Name of the kind of lists. Default: the kind with List.
  categories:6:[]s(atomic)
    # Groups that it belongs to, such as all.

CustomResourceDefinitionSpec
  # A custom kind.
  group!+:1:s
    # API group of the custom resource.
  names!+:3:CustomResourceDefinitionNames
    # Resource and kind names of the custom resource.
  scope!+:4:s
    # Whether objects live in a namespace or in the cluster: Namespaced or Cluster.
  versions!+:7:[]CustomResourceDefinitionVersion(atomic)
    # Versions of the custom resource, each with a schema.
  conversion*:9:CustomResourceConversion
    # How objects are converted between versions.
  preserveUnknownFields:10:b
    # Must be false. Use x-kubernetes-preserve-unknown-fields.

CustomResourceDefinitionStatus
  # Observed state of a custom kind.
  conditions+:1:[]CustomResourceDefinitionCondition(map=type)
    # Whether it is served, and what stands against it.
  acceptedNames+:2:CustomResourceDefinitionNames
    # Names that it is served under.
  storedVersions+:3:[]s(atomic)
    # Versions in which objects may be stored.

CustomResourceDefinitionVersion
  # A version of a custom kind.
  name!+:1:s
    # Name of the version, such as v1.
  served!+:2:b
    # Whether it is served.
  storage!+:3:b
    # Whether objects are stored in it. One version must be.
  deprecated:7:b
    # Whether clients are warned not to use it.
  deprecationWarning*:8:s
    # Text of that warning.
  schema*:4:CustomResourceValidation
    # What objects look like.
  subresources*:5:CustomResourceSubresources
    # Which of status and scale it has.
  additionalPrinterColumns:6:[]CustomResourceColumnDefinition(atomic)
    # Columns that kubectl get shows. Default: the age.
  selectableFields:9:[]SelectableField(atomic)
    # Fields that can be used in field selectors.

CustomResourceSubresourceScale
  # How a custom kind is scaled.
  specReplicasPath!+:1:s
    # Path of the wanted number, below .spec.
  statusReplicasPath!+:2:s
    # Path of the observed number, below .status.
  labelSelectorPath*:3:s
    # Path of the selector as text. Autoscalers need it.

CustomResourceSubresourceStatus
  # The subresource status. It has no settings.

CustomResourceSubresources
  # Subresources of a custom kind.
  status*:1:CustomResourceSubresourceStatus
    # Whether status is written by itself.
  scale*:2:CustomResourceSubresourceScale
    # How it is scaled.

CustomResourceValidation
  # What objects of a custom kind look like.
  openAPIV3Schema*:1:JSONSchemaProps
    # The schema.

ExternalDocumentation
  # Documentation elsewhere.
  description:1:s
    # What is described there.
  url:2:s
    # Where it is.

JSONSchemaProps
  # A schema of JSON values.
  id:1:s
    # ID of the schema.
  $schema:2:s
    # URL of the kind of schema.
  $ref*:3:s
    # Another schema. Not allowed in definitions of custom kinds.
  description:4:s
    # What the value means.
  type:5:s
    # Type of the value: object, array, string, integer, number or boolean.
  format:6:s
    # Format of a text or number, such as date-time.
  title:7:s
    # Short name.
  default*:8:raw
    # Value where none is given.
  maximum*:9:f64
    # Largest number.
  exclusiveMaximum:10:b
    # Whether the maximum itself is not allowed.
  minimum*:11:f64
    # Smallest number.
  exclusiveMinimum:12:b
    # Whether the minimum itself is not allowed.
  maxLength*:13:i64
    # Largest length of a text.
  minLength*:14:i64
    # Smallest length of a text.
  pattern:15:s
    # Regular expression that a text matches.
  maxItems*:16:i64
    # Largest number of items.
  minItems*:17:i64
    # Smallest number of items.
  uniqueItems:18:b
    # Whether items must differ. Not allowed in definitions of custom kinds.
  multipleOf*:19:f64
    # Number of which the value is a multiple.
  enum:20:[]raw(atomic)
    # Values that are allowed.
  maxProperties*:21:i64
    # Largest number of properties.
  minProperties*:22:i64
    # Smallest number of properties.
  required:23:[]s(atomic)
    # Properties that must be there.
  items*:24:orarray
    # Schema of the items.
  allOf:25:[]JSONSchemaProps(atomic)
    # Schemas that must all match.
  oneOf:26:[]JSONSchemaProps(atomic)
    # Schemas of which exactly one must match.
  anyOf:27:[]JSONSchemaProps(atomic)
    # Schemas of which one or more must match.
  not*:28:JSONSchemaProps
    # Schema that must not match.
  properties:29:{}JSONSchemaProps
    # Schemas of properties by their names.
  additionalProperties*:30:orbool
    # Schema of all other properties, or whether there may be any.
  patternProperties:31:{}JSONSchemaProps
    # Schemas of properties by patterns. Not allowed in definitions of custom kinds.
  dependencies:32:{}orstrings
    # What follows from a property. Not allowed in definitions of custom kinds.
  additionalItems*:33:orbool
    # Schema of further items. Not allowed in definitions of custom kinds.
  definitions:34:{}JSONSchemaProps
    # Named schemas. Not allowed in definitions of custom kinds.
  externalDocs*:35:ExternalDocumentation
    # Documentation elsewhere.
  example*:36:raw
    # An example of a value.
  nullable:37:b
    # Whether null is allowed.
  x-kubernetes-preserve-unknown-fields*:38:b
    # Whether fields that no schema names are kept.
  x-kubernetes-embedded-resource:39:b
    # Whether the value is a whole object with apiVersion, kind and metadata.
  x-kubernetes-int-or-string:40:b
    # Whether the value is an integer or a text.
  x-kubernetes-list-map-keys:41:[]s(atomic)
    # Fields by which items of a list of type map are told apart.
  x-kubernetes-list-type*:42:s
    # How a list is merged: atomic, set or map.
  x-kubernetes-map-type*:43:s
    # How an object is merged: granular or atomic.
  x-kubernetes-validations:44:[]ValidationRule(map=rule;patch=merge;key=rule)
    # Expressions that must be true.

SelectableField
  # A field that can be used in field selectors.
  jsonPath!+:1:s
    # Path of the field.

ServiceReference
  # A Service of the cluster.
  namespace!+:1:s
    # Namespace of the Service.
  name!+:2:s
    # Name of the Service.
  path*:3:s
    # Path to ask for.
  port*:4:i32
    # Port of the Service. Default: 443.

ValidationRule
  # An expression that values must meet.
  rule!+:1:s
    # The expression. self is the value, oldSelf the one before.
  message:2:s
    # What the client is told when it is not true.
  messageExpression:3:s
    # Expression of the message. It goes before message.
  reason*:4:s(enum=FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired)
    # Reason of the refusal, such as FieldValueInvalid.
  fieldPath:5:s
    # Field that the refusal names, relative to the value.
  optionalOldSelf*:6:b
    # Whether the rule also holds for new values, with an optional oldSelf.

WebhookClientConfig
  # Where a webhook is; by URL or Service.
  url*:3:s
    # URL of the webhook. It begins with https.
  service*:1:ServiceReference
    # Service of the webhook.
  caBundle:2:bytes
    # Authority of its certificate, in PEM. Default: those of the system.

WebhookConversion
  # A service that converts objects.
  clientConfig*:2:WebhookClientConfig
    # Where it is.
  conversionReviewVersions!+:3:[]s(atomic)
    # Versions of ConversionReview that it understands.
`;
