/** Numbers and times as people read them. */

export const bytes = (value) => {
  if (value === undefined || value === null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest >= 100 || unit === 0 ? rest.toFixed(0) : rest.toFixed(1)} ${units[unit]}`;
};

export const count = (value) => (value === undefined || value === null ? '–' : value.toLocaleString('en'));

export const rate = (value) =>
  value === undefined || value === 0 ? '' : value >= 10 ? `${value.toFixed(0)}/s` : `${value.toFixed(1)}/s`;

export const duration = (ms) => {
  if (ms === undefined || !Number.isFinite(ms)) return '–';
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
};

export const since = (time) =>
  time === undefined ? '–' : duration(Date.now() - (typeof time === 'number' ? time : Date.parse(time)));

export const clock = (ms) => new Date(ms).toLocaleTimeString('en', { hour12: false });

/** Kubernetes quantities of memory in bytes; of CPU in cores. */
export function quantity(text) {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(text ?? '');
  if (match === null) return undefined;
  const factors = {
    '': 1,
    n: 1e-9,
    u: 1e-6,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    Ki: 1024,
    Mi: 1024 ** 2,
    Gi: 1024 ** 3,
    Ti: 1024 ** 4,
  };
  return Number(match[1]) * (factors[match[2]] ?? 1);
}
