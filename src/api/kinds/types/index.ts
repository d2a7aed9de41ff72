/**
 * Shapes of the built-in kinds as TypeScript types, for code that works on objects which decoding has already checked.
 *
 * Every field is optional, because an object that lacks a required one must be refused in words and not by a crash;
 * quantities and times are texts. A file a group; the core group is split by concern. The tables in schema remain what
 * decides.
 */
export type { Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, Secret, Service } from './core.ts';
export type { ObjectMeta } from './meta.ts';
export type { Container, PodSpec, PodTemplateSpec } from './pod-spec.ts';
export type { ContainerStatus, PodCondition, PodStatus } from './pod-status.ts';
