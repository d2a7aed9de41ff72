/** Volume files in memory. */
import type { ProjectedFile, VolumeFiles } from './volume-files.ts';

/** The simulated twin: remembers texts and projections, so that a scenario can look at them. */
export interface SimulatedVolumeFiles extends VolumeFiles {
  readonly texts: ReadonlyMap<string, string>;
  readonly projections: ReadonlyMap<string, ReadonlyMap<string, ProjectedFile>>;
}

export function simulatedVolumeFiles(): SimulatedVolumeFiles {
  const texts = new Map<string, string>();
  const projections = new Map<string, ReadonlyMap<string, ProjectedFile>>();
  const folders = new Set<string>();
  const done = Promise.resolve();
  const makeFolder = (path: string): Promise<void> => {
    folders.add(path);
    return done;
  };
  return {
    texts,
    projections,
    makeFolder,
    project: (folder, files) => {
      folders.add(folder);
      projections.set(folder, files);
      return done;
    },
    write: (path, text) => {
      texts.set(path, text);
      return done;
    },
    readTail: (path, bytesMax) => Promise.resolve(texts.get(path)?.slice(-bytesMax)),
    hostPath: () => done,
    localFolder: (path) => Promise.resolve(path),
    pinSubPath: (_place, at) => makeFolder(at),
    giveToGroup: () => done,
    mountMemory: makeFolder,
    mount: (_source, folder) => makeFolder(folder),
    remove: (folder) => {
      for (const kept of [texts, projections])
        for (const path of kept.keys()) if (path.startsWith(folder)) kept.delete(path);
      for (const path of folders) if (path.startsWith(folder)) folders.delete(path);
      return done;
    },
    list: (folder) =>
      Promise.resolve([
        ...new Set(
          [...folders, ...texts.keys()]
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''),
        ),
      ]),
  };
}
