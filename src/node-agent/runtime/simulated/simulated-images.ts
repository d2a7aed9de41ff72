/** The images of a simulated engine. */
import { type ContainerRuntime, RuntimeError } from '../runtime.ts';
import { sandboxReference } from '../sandbox-image.ts';
import { addImage, after, type World } from './simulated-world.ts';

type ImageCall = 'image' | 'images' | 'pull' | 'removeImage' | 'sandboxImage' | 'forgetSandboxImage';

export function imageCalls(world: World): Pick<ContainerRuntime, ImageCall> {
  let sandboxKnown = false;
  return {
    image: (reference) => Promise.resolve(world.images.get(reference)),
    images: () => Promise.resolve([...world.images.values()]),
    pull: async (reference) => {
      await after(world, world.options.pullMs ?? 0);
      const { registry = 'all' } = world.options;
      if (registry === 'none') throw new RuntimeError('registry-unreachable', 'the registry cannot be reached');
      if (registry !== 'all' && !registry.includes(reference))
        throw new RuntimeError('image-not-found', `manifest for ${reference} not found: manifest unknown`);
      return addImage(world, reference);
    },
    removeImage: (id) => {
      for (const [reference, image] of world.images)
        if (image.id === id || reference === id) world.images.delete(reference);
      return Promise.resolve();
    },
    // As an engine's adapter, it looks once.
    sandboxImage: () => {
      if (!sandboxKnown && !world.images.has(sandboxReference)) addImage(world, sandboxReference);
      sandboxKnown = true;
      return Promise.resolve(sandboxReference);
    },
    forgetSandboxImage: () => {
      sandboxKnown = false;
    },
  };
}
