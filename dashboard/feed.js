/** Streams from the API. Every call carries the token; every stream ends when `signal` aborts and comes back after a pause. */

const pauseMs = 1000;

export async function call(path, token, options = {}) {
  const response = await fetch(path, { ...options, headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), accept: 'application/json', ...options.headers } });
  if (!response.ok) {
    const status = await response.json().catch(() => ({}));
    throw Object.assign(new Error(status.message ?? `${response.status} ${response.statusText}`), { code: response.status });
  }
  return response;
}

/** Calls `onLine` for each line of a streamed body. */
async function lines(response, onLine) {
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
      onProblem(undefined);
    } catch (error) {
      if (signal.aborted) return;
      onProblem(error);
      if (error.code === 401 || error.code === 403) return;
    }
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
}

/** Server-sent events (WHATWG), each with one line of JSON data; `onEvent` gets the event's name and value. */
export function events(path, { token, signal, onEvent, onProblem }) {
  void forever(signal, async () => {
    const response = await call(path, token, { signal, headers: { accept: 'text/event-stream' } });
    let name = 'message';
    await lines(response, (line) => {
      if (line.startsWith('event:')) name = line.slice(6).trim();
      if (!line.startsWith('data:')) return;
      onProblem(undefined);
      onEvent(name, JSON.parse(line.slice(5)));
    });
  }, onProblem);
}

/** A kind's objects, kept up to date by list and watch; `onChange` gets the whole map after each batch. */
export function objects(path, { token, signal, onChange, onProblem }) {
  void forever(signal, async () => {
    const list = await (await call(path, token, { signal })).json();
    const known = new Map(list.items.map((item) => [item.metadata.uid, item]));
    onChange(new Map(known));
    const stream = await call(`${path}?watch=1&allowWatchBookmarks=true&resourceVersion=${list.metadata.resourceVersion}`, token, { signal });
    let scheduled = false;
    await lines(stream, (line) => {
      const { type, object } = JSON.parse(line);
      if (type === 'ERROR') throw new Error(object.message);
      if (type === 'BOOKMARK') return;
      if (type === 'DELETED') known.delete(object.metadata.uid);
      else known.set(object.metadata.uid, object);
      if (scheduled) return;
      scheduled = true;
      requestAnimationFrame(() => { scheduled = false; onChange(new Map(known)); });
    });
  }, onProblem);
}
