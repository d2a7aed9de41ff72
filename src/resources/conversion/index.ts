/**
 * Custom objects whose definition names a webhook for conversion (apiextensions.k8s.io ConversionReview).
 *
 *   records of one version -> one review of many objects -> checked answers -> remembered beside the record
 *   (versions.ts)
 *
 * Reading and writing work with versions synchronously, so what they need is converted before: a reader prepares its
 * records here, a writer its object. A stored record never changes, so each is converted once a version while anybody
 * keeps it; two readers of the same record share one call. A webhook may change labels and annotations of an object, no
 * other metadata.
 */
export { convertObjects, converted, readConverted, storable, type ConversionPorts } from './conversion.ts';
