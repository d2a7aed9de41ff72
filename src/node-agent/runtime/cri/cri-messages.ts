/** The messages of CRI that the adapter reads, as src/grpc decodes them. */

type Texts = Readonly<Record<string, string>>;

/** `NODE`: the machine's own. */
type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET';

/** Ids from `containerId` on are, on the machine, those from `hostId` on. */
export interface IdMapping {
  readonly hostId: number;
  readonly containerId: number;
  readonly length: number;
}

/** `NODE`, or none: the users are the machine's. */
export interface UserNamespace {
  readonly mode: NamespaceMode;
  readonly uids: readonly IdMapping[];
  readonly gids: readonly IdMapping[];
}

export interface NamespaceOptions {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly targetId?: string | undefined;
  readonly usernsOptions?: UserNamespace | undefined;
}

export interface SandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

export interface ListedSandbox {
  readonly id: string;
  readonly state: string;
  /** Ns. */
  readonly createdAt: number;
  readonly labels: Texts;
  readonly annotations: Texts;
}

export interface SandboxStatus extends ListedSandbox {
  readonly metadata?: SandboxMetadata | undefined;
  readonly linux?:
    | { readonly namespaces?: { readonly options?: NamespaceOptions | undefined } | undefined }
    | undefined;
  readonly runtimeHandler: string;
}

export interface ListedContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly state: string;
  /** A runtime of CRI before 1.31 leaves it out. */
  readonly imageId: string;
  /** An id, or a digest with its repository. */
  readonly imageRef: string;
  readonly image?: { readonly image: string } | undefined;
  readonly labels: Texts;
  readonly annotations: Texts;
}

export interface CriContainer extends ListedContainer {
  /** Ns; 0: not yet. */
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly logPath: string;
}

export interface RuntimeVersion {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
}

/** What a verbose status adds, as JSON; what it holds is the runtime's own affair. */
export interface Verbose<Status> {
  readonly status?: Status | undefined;
  readonly info: Texts;
}

export interface CriImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: number;
  readonly uid?: number | undefined;
  readonly username: string;
}

export interface CriStats {
  readonly cpu?: { readonly usageCoreNanoSeconds?: number | undefined } | undefined;
  readonly memory?:
    | { readonly workingSetBytes?: number | undefined; readonly usageBytes?: number | undefined }
    | undefined;
  readonly writableLayer?: { readonly usedBytes?: number | undefined } | undefined;
}

export interface RuntimeStatus {
  readonly status?:
    | {
        readonly conditions: readonly {
          readonly type: string;
          readonly status: boolean;
          readonly reason: string;
          readonly message: string;
        }[];
      }
    | undefined;
  readonly info: Texts;
  readonly runtimeHandlers: readonly {
    readonly name: string;
    readonly features?: { readonly userNamespaces: boolean; readonly recursiveReadOnlyMounts: boolean } | undefined;
  }[];
}

/** A text of JSON as an object; what is none has no fields. */
export function jsonFields(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text ?? '{}') as unknown;
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
