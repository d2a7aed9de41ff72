/** The versions of Troupe and of the Kubernetes API that it serves. */

declare global {
  // Set by the bundler.
  var TROUPE_VERSION: string | undefined;
}

/** Troupe's own version. */
export function version(): string {
  return globalThis.TROUPE_VERSION ?? 'from-source';
}

/** The Kubernetes version whose API is served. */
export const kubernetesVersion = 'v1.33.5';
