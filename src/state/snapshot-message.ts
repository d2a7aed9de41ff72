import { delay, type Timers } from '../base/index.ts';
import type { SnapshotMark, SnapshotMessage } from '../raft/core/index.ts';
import { joinChunks, type StateMachine } from './state-machine.ts';

interface Moment {
  readonly mark: SnapshotMark;
  readonly source: ReturnType<StateMachine['snapshot']>;
  readonly stopped: () => boolean;
}

/** Puts the state of `moment` into a message, chunk by chunk between other work. Undefined when the store stopped meanwhile. */
export async function filledSnapshot(timers: Timers, message: SnapshotMessage, moment: Moment): Promise<SnapshotMessage | undefined> {
  const { mark, source, stopped } = moment;
  const chunks: Uint8Array[] = [];
  for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) {
    chunks.push(chunk);
    await delay(timers, 0);
    if (stopped()) {
      source.close();
      return undefined;
    }
  }
  return { ...message, snapshot: { ...mark, data: joinChunks(chunks) } };
}
