/** The order of API versions. */

interface VersionParts {
  readonly stability: number;
  readonly major: number;
  readonly minor: number;
}

function partsOf(version: string): VersionParts | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  return {
    stability: match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0,
    major: Number(match[1]),
    minor: Number(match[3] ?? 0),
  };
}

/**
 * Orders versions by Kubernetes' preference, the most preferred first: v2, v1, v1beta2, v1alpha1, then others by name.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  if (a === undefined || b === undefined) {
    if (a !== undefined || b !== undefined) return a === undefined ? 1 : -1;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return b.stability - a.stability || b.major - a.major || b.minor - a.minor;
}
