/** Makes a container's image present, by its pull policy. */
import type { Clock } from '../../base/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { Container } from '../../api/index.ts';
import {
  type ContainerRuntime,
  type ImageFacts,
  parseImageReference,
  type RegistryCredentials,
  RuntimeError,
} from '../runtime/index.ts';
import { Gate } from './gate.ts';

/** Whether an image is present now. `reason` is the kubelet's; `failed` messages reach the user. */
type ImageOutcome =
  | { readonly type: 'ready'; readonly image: ImageFacts; readonly event?: string | undefined }
  | {
      readonly type: 'failed';
      readonly reason:
        | 'ErrImagePull'
        | 'ErrImageNeverPull'
        | 'InvalidImageName'
        | 'ImageInspectError'
        | 'RegistryUnavailable';
      readonly message: string;
    };

export interface ImagePuller {
  /**
   * Makes sure that the container's image is present by its pull policy. `pulling` is called before a pull begins.
   * Never rejects.
   */
  ensure(
    container: Pick<Container, 'image' | 'imagePullPolicy'>,
    options: {
      readonly credentials: (registry: string) => Promise<RegistryCredentials | undefined>;
      readonly pulling: () => void;
    },
  ): Promise<ImageOutcome>;
}

/** Callers of one name at one time share the job. */
function shared<T>(running: Map<string, Promise<T>>, name: string, begin: () => Promise<T>): Promise<T> {
  const known = running.get(name);
  if (known !== undefined) return known;
  const begun = begin().finally(() => running.delete(name));
  running.set(name, begun);
  return begun;
}

/** Pulls at most `pullsMax` images at once; wishes for one image at one time share the look for it, and the pull. */
export function imagePuller(
  ports: { readonly runtime: ContainerRuntime; readonly clock: Clock },
  options: { readonly pullsMax: number } = { pullsMax: 3 },
): ImagePuller {
  const gate = new Gate(options.pullsMax);
  const pulls = new Map<string, Promise<ImageFacts>>();
  const looks = new Map<string, Promise<ImageFacts | undefined>>();
  const pull = (reference: string, credentials: RegistryCredentials | undefined): Promise<ImageFacts> =>
    shared(pulls, reference, () => gate.run(() => ports.runtime.pull(reference, credentials)));
  return {
    ensure: async (container, request) => {
      const name = container.image ?? '';
      const policy = container.imagePullPolicy ?? 'IfNotPresent';
      const reference = parseImageReference(name);
      if (reference === undefined && !/^sha256:[0-9a-f]{64}$/.test(name))
        return failed(
          'InvalidImageName',
          `Failed to apply default image tag "${name}": ` +
            `couldn't parse image name "${name}": invalid reference format`,
        );
      try {
        const present = await shared(looks, name, () => ports.runtime.image(name));
        if (present !== undefined && policy !== 'Always')
          return { type: 'ready', image: present, event: `Container image "${name}" already present on machine` };
        if (policy === 'Never')
          return failed('ErrImageNeverPull', `Container image "${name}" is not present with pull policy of Never`);
        request.pulling();
        const from = ports.clock.monotonic();
        const image = await pull(name, await request.credentials(reference?.registry ?? ''));
        return { type: 'ready', image, event: pulledText(name, image, ports.clock.monotonic() - from) };
      } catch (error) {
        return failed('ErrImagePull', error instanceof RuntimeError ? error.message : errorMessage(error));
      }
    },
  };
}

type Failure = Extract<ImageOutcome, { readonly type: 'failed' }>;

const failed = (reason: Failure['reason'], message: string): ImageOutcome => ({ type: 'failed', reason, message });

/** In a kubelet's words. */
function pulledText(name: string, { sizeBytes }: ImageFacts, tookMs: number): string {
  const took = durationText(tookMs);
  return `Successfully pulled image "${name}" in ${took} (${took} including waiting). Image size: ${sizeBytes} bytes.`;
}

/** Go's text of a short duration. */
function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(3).replace(/\.?0+$/, '')}s`;
}
