/**
 * Streams from the API: watches, logs and the supervision feed. Each ends when its signal aborts, and comes back after
 * a pause.
 */
import { call, getJson, openSocket } from './session.js';

const pauseMs = 1000;

/** Calls `onLine` for each line of a streamed body. */
export async function lines(response, onLine) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop();
    for (const part of parts) if (part !== '') onLine(part);
  }
}

async function forever(signal, work, onProblem) {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      onProblem(error);
      if (error.code === 401 || error.code === 403) return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
  }
}

/**
 * Server-sent events whose data is one line of JSON. At each new connection `headers` is asked for more of them, and
 * `onStart` runs.
 */
export function events(path, { signal, headers, onStart, onEvent, onProblem }) {
  void forever(
    signal,
    async () => {
      const response = await call(path, { signal, headers: { accept: 'text/event-stream', ...headers() } });
      onStart();
      await lines(response, (line) => {
        if (line.startsWith('data:')) onEvent(JSON.parse(line.slice(5)));
      });
      throw new Error('The connection ended.');
    },
    onProblem,
  );
}

const atNextFrame = (work) => {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    // A hidden tab has no frames; a timer keeps its state fresh.
    setTimeout(() => {
      waits = false;
      work();
    }, 60);
  };
};

/**
 * Objects of one path, kept up to date by list and watch; `onChange` gets a fresh Map (uid -> object) after each batch.
 */
export function objects(path, { signal, onChange, onProblem }) {
  void forever(
    signal,
    async () => {
      const list = await getJson(path, { signal });
      const known = new Map(list.items.map((item) => [item.metadata.uid, item]));
      const changed = atNextFrame(() => {
        onChange(new Map(known));
      });
      onChange(new Map(known));
      await watch(path, list.metadata.resourceVersion, signal, ({ type, object }) => {
        if (type === 'DELETED') known.delete(object.metadata.uid);
        else known.set(object.metadata.uid, object);
        changed();
      });
    },
    onProblem,
  );
}

const tableAccept = 'application/json;as=Table;g=meta.k8s.io;v=v1';

/** The same as the API's own table, with the columns that kubectl prints. `onChange` gets {columns, rows}. */
export function table(path, { signal, onChange, onProblem }) {
  void forever(
    signal,
    async () => {
      const first = await getJson(path, { signal, headers: { accept: tableAccept } });
      const rows = new Map((first.rows ?? []).map((row) => [row.object.metadata.uid, row]));
      const publish = () => {
        onChange({ columns: first.columnDefinitions, rows: [...rows.values()] });
      };
      const changed = atNextFrame(publish);
      publish();
      await watchTable(path, first.metadata.resourceVersion, signal, ({ type, object }) => {
        for (const row of object.rows ?? []) {
          if (type === 'DELETED') rows.delete(row.object.metadata.uid);
          else rows.set(row.object.metadata.uid, row);
        }
        changed();
      });
    },
    onProblem,
  );
}

const taken = (onEvent) => (line) => {
  const event = JSON.parse(line);
  if (event.type === 'ERROR') throw new Error(event.object.message);
  if (event.type !== 'BOOKMARK') onEvent(event);
};

const watchPath = (path, resourceVersion) =>
  `${path}${path.includes('?') ? '&' : '?'}watch=1&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;

/** A watch of whole objects goes over a WebSocket: browsers open only six HTTP/1.1 connections to one server. */
function watch(path, resourceVersion, signal, onEvent) {
  return new Promise((resolve, reject) => {
    const take = taken(onEvent);
    const socket = openSocket(watchPath(path, resourceVersion), 'watch.k8s.io');
    const stop = () => {
      socket.close();
    };
    signal.addEventListener('abort', stop);
    socket.onmessage = ({ data }) => {
      try {
        take(data);
      } catch (error) {
        reject(error);
        socket.close();
      }
    };
    socket.onclose = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
  });
}

/** A watch as tables: its format is a header, which a WebSocket cannot have. */
async function watchTable(path, resourceVersion, signal, onEvent) {
  await lines(
    await call(watchPath(path, resourceVersion), { signal, headers: { accept: tableAccept } }),
    taken(onEvent),
  );
}
