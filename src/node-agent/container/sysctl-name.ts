/** The name of a sysctl as the kernel's tools and engines take it. */

/**
 * With dots between its parts. One that has a slash first is written with slashes (`net/ipv4/conf/eth0.100/rp_filter`):
 * there a dot is a part of a name, and stands as a slash among dots (sysctl.d(5), as the kubelet reads it).
 */
export function sysctlName(given: string): string {
  if (/[./]/.exec(given)?.[0] !== '/') return given;
  return given.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}
