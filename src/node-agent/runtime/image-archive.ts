/** Makes images as archives in OCI's layout, which runtimes import without a registry. */
import { createHash } from 'node:crypto';
import { type Header, pack } from 'tar-stream';
import { labels } from './labels.ts';
import { RuntimeError } from './runtime.ts';
import { sandboxExecutable, sandboxProgram, sandboxReference } from './sandbox-image.ts';

interface ArchivedImage {
  /** In full, with its registry. */
  readonly reference: string;
  /** As Go names it. */
  readonly architecture: string;
  /** The one layer. */
  readonly files: readonly {
    readonly header: Partial<Header> & { readonly name: string };
    readonly data?: Uint8Array | undefined;
  }[];
  /** Entrypoint, Cmd, Env, Labels. */
  readonly config: object;
}

async function tarOf(files: ArchivedImage['files']): Promise<Buffer> {
  const archive = pack();
  for (const { header, data } of files) archive.entry({ ...header, mtime: new Date(0) }, Buffer.from(data ?? []));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

interface Blob {
  readonly digest: string;
  readonly data: Buffer;
}

function blobOf(data: Buffer): Blob {
  return { data, digest: createHash('sha256').update(data).digest('hex') };
}

const jsonBlob = (value: object): Blob => blobOf(Buffer.from(JSON.stringify(value)));

const descriptor = (mediaType: string, { digest, data }: Blob): object => ({
  mediaType: `application/vnd.oci.image.${mediaType}`,
  digest: `sha256:${digest}`,
  size: data.byteLength,
});

export async function imageArchive({ reference, architecture, files, config }: ArchivedImage): Promise<Buffer> {
  const layer = blobOf(await tarOf(files));
  const settings = jsonBlob({
    created: new Date(0).toISOString(),
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest}`] },
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('config.v1+json', settings),
    layers: [descriptor('layer.v1.tar', layer)],
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor('manifest.v1+json', manifest),
        annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': reference },
      },
    ],
  };
  return tarOf([
    { header: { name: 'oci-layout' }, data: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { header: { name: 'index.json' }, data: Buffer.from(JSON.stringify(index)) },
    ...[layer, settings, manifest].map(({ digest, data }) => ({ header: { name: `blobs/sha256/${digest}` }, data })),
  ]);
}

/** The sandbox's one program as an image. */
export function sandboxArchive(architecture: string): Promise<Buffer> {
  const executable = sandboxExecutable(architecture);
  if (executable === undefined)
    throw new RuntimeError('invalid', `there is no sandbox program for the architecture ${architecture}`);
  return imageArchive({
    reference: `docker.io/${sandboxReference}`,
    architecture,
    files: [{ header: { name: sandboxProgram.slice(1), mode: 0o755 }, data: executable }],
    config: { Entrypoint: [sandboxProgram], Labels: { [labels.role]: 'image' } },
  });
}
