/**
 * The Docker Engine as a container runtime (API 1.41 and later), by dockerode's connection.
 *
 * docker-runtime.ts answers the port; docker-spec, docker-facts and docker-streams translate without deciding anything;
 * docker-driver.ts is its line of the registry.
 */
export { dockerDriver, engineFinding } from './docker-driver.ts';
export { dockerRuntime } from './docker-runtime.ts';
