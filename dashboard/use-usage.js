/** What pods or nodes use now, asked again every few seconds. */
import { useEffect, useState } from './vendor/preact.js';
import { quantity } from './format.js';
import { getJson, may } from './session.js';

const api = '/apis/metrics.k8s.io/v1beta1';
const periodMs = 10_000;
const nothing = new Map();

const sumOf = (usages) =>
  usages.reduce(
    (sum, { cpu, memory }) => ({ cpu: sum.cpu + (quantity(cpu) ?? 0), memory: sum.memory + (quantity(memory) ?? 0) }),
    { cpu: 0, memory: 0 },
  );

/** Whether anything serves the API, and the viewer may look. */
async function isOffered(resource, namespace) {
  const { groups = [] } = await getJson('/apis');
  return (
    groups.some(({ name }) => name === 'metrics.k8s.io') &&
    may({ verb: 'list', group: 'metrics.k8s.io', resource, ...(namespace === undefined ? {} : { namespace }) })
  );
}

/**
 * What nodes, or the pods of a namespace, use: cores and bytes by name, asked again as long as it is shown. Empty where
 * nobody tells.
 */
export function useUsage(resource, namespace) {
  const [usage, setUsage] = useState(nothing);
  useEffect(() => {
    let shown = true;
    let timer;
    const ask = async () => {
      try {
        const list = (await isOffered(resource, namespace))
          ? await getJson(`${api}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`)
          : { items: [] };
        if (shown)
          setUsage(
            new Map(
              list.items.map(({ metadata, usage: own, containers = [] }) => [
                metadata.name,
                sumOf(own === undefined ? containers.map((container) => container.usage) : [own]),
              ]),
            ),
          );
      } catch {
        if (shown) setUsage(nothing); // Asked again below; the page does without.
      }
      if (shown) timer = setTimeout(ask, periodMs);
    };
    void ask();
    return () => {
      shown = false;
      clearTimeout(timer);
    };
  }, [resource, namespace]);
  return usage;
}
