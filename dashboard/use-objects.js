/** The objects of one list, kept current by a watch. */
import { useEffect, useState } from './vendor/preact.js';
import { objects, table } from './streams.js';

function useStream(open, path) {
  const [value, setValue] = useState();
  useEffect(() => {
    setValue(undefined);
    if (path === undefined) return undefined;
    const control = new AbortController();
    open(path, {
      signal: control.signal,
      onChange: setValue,
      onProblem: (error) => {
        if (error.code === 403) setValue(Object.assign(new Map(), { denied: error.message }));
      },
    });
    return () => {
      control.abort();
    };
  }, [path]);
  return value;
}

/**
 * A kind's objects, live: a Map, undefined before the first answer; its `denied` says that the viewer may not list
 * them.
 */
export const useObjects = (path) => useStream(objects, path);

/** The API's own table of a kind, live. */
export const useTable = (path) => useStream(table, path);
