export interface LocalObjectReference {
  name?: string;
}
export interface NodeSelector {
  nodeSelectorTerms?: NodeSelectorTerm[];
}
export interface NodeSelectorRequirement {
  key?: string;
  operator?: string;
  values?: string[];
}
export interface NodeSelectorTerm {
  matchExpressions?: NodeSelectorRequirement[];
  matchFields?: NodeSelectorRequirement[];
}
export interface ObjectFieldSelector {
  apiVersion?: string;
  fieldPath?: string;
}
export interface ObjectReference {
  apiVersion?: string;
  fieldPath?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  resourceVersion?: string;
  uid?: string;
}
export interface ResourceFieldSelector {
  containerName?: string;
  divisor?: string;
  resource?: string;
}
export interface SecretReference {
  name?: string;
  namespace?: string;
}
export interface TypedLocalObjectReference {
  apiGroup?: string;
  kind?: string;
  name?: string;
}
export interface TypedObjectReference {
  apiGroup?: string;
  kind?: string;
  name?: string;
  namespace?: string;
}
export interface VolumeNodeAffinity {
  required?: NodeSelector;
}
export interface VolumeResourceRequirements {
  limits?: Record<string, string>;
  requests?: Record<string, string>;
}
