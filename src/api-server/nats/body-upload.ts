import { badRequest, timeoutError, tooLarge, tooManyRequests } from '../../api/index.ts';
import { limits, type Timers } from '../../base/index.ts';
import { type Bus, encode } from '../../bus/index.ts';
import { doorHeaders } from '../../protocol/index.ts';
import { utf8 } from '../request.ts';
import { joinedChunks } from './api-reply.ts';
import type { BusEncoding } from './api-request-parsing.ts';

export interface UploadPorts {
  readonly bus: Bus;
  readonly timers: Timers;
}

export interface UploadOptions {
  readonly reply: string;
  readonly encoding: BusEncoding;
  readonly bytes: number;
}

/** How long the next piece may take. */
const pieceMs = 10_000;

/** Takes bodies that do not fit into one message: so many at a time, each up to the limit of every request. */
export class BodyUploads {
  #underWay = 0;

  /** Answers 100 with the subject for the pieces as reply, and gathers them in order. Rejects with a StatusError. */
  async take(ports: UploadPorts, options: UploadOptions): Promise<Uint8Array> {
    if (options.bytes > limits.requestBytesMax) throw tooLarge(`limit is ${limits.requestBytesMax}`);
    if (this.#underWay >= limits.uploadsMax)
      throw tooManyRequests('too many bodies are being sent in pieces; please try again later', 1);
    this.#underWay += 1;
    try {
      return await gather(ports, options);
    } finally {
      this.#underWay -= 1;
    }
  }
}

function gather({ bus, timers }: UploadPorts, { reply, encoding, bytes }: UploadOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const inbox = bus.inbox();
    const pieces: Uint8Array[] = [];
    let size = 0;
    const settle = (then: () => void): void => {
      timer.cancel();
      subscription.close();
      then();
    };
    const late = (): void => {
      settle(() => {
        reject(timeoutError(`the body did not come: ${size} of ${bytes} bytes are here`));
      });
    };
    let timer = timers.after(pieceMs, late);
    const subscription = bus.subscribe(inbox, ({ payload, headers }) => {
      if (payload.byteLength === 0) {
        settle(() => {
          reject(badRequest('the client went away'));
        });
        return;
      }
      const number = Number(headers?.[doorHeaders.chunk] ?? pieces.length);
      if (number < pieces.length) return;
      pieces.push(payload);
      size += payload.byteLength;
      if (number >= pieces.length || size > bytes)
        settle(() => {
          reject(
            badRequest(
              number >= pieces.length
                ? `piece ${pieces.length - 1} of the body was lost`
                : `the body has more than the ${bytes} bytes that it was to have`,
            ),
          );
        });
      else if (size === bytes)
        settle(() => {
          resolve(joinedChunks(pieces));
        });
      else {
        timer.cancel();
        timer = timers.after(pieceMs, late);
      }
    });
    if (bytes === 0) {
      settle(() => {
        resolve(new Uint8Array(0));
      });
      return;
    }
    const go = { status: 100, headers: {}, body: null };
    bus.publish(reply, encoding === 'json' ? utf8(JSON.stringify(go)) : encode(go), { reply: inbox });
  });
}
