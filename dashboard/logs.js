/** A container's log, followed. */
import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { call } from './session.js';
import { lines } from './streams.js';

const linesMax = 5000;

export function ContainerChoice({ pod, chosen, onChoose }) {
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => container.name);
  if (names.length < 2) return null;
  return html`<select aria-label="Container" value=${chosen} onChange=${(event) => {
    onChoose(event.target.value);
  }}>${names.map((name) => html`<option key=${name}>${name}</option>`)}</select>`;
}

/** A container's log, followed. It scrolls along while the reader is at its end. */
export function Logs({ path, pod }) {
  const [container, setContainer] = useState(pod.spec.containers[0].name);
  const [previous, setPrevious] = useState(false);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState();
  const place = useRef();
  const follows = useRef(true);
  useEffect(() => {
    const control = new AbortController();
    let kept = [];
    let waits = false;
    setText('');
    setProblem(undefined);
    const show = () => {
      waits = false;
      setText(kept.join('\n'));
    };
    call(`${path}/log?container=${container}&tailLines=500&${previous ? 'previous=true' : 'follow=true'}`, {
      signal: control.signal,
      headers: { accept: '*/*' },
    })
      .then((response) =>
        lines(response, (line) => {
          kept.push(line);
          if (kept.length > linesMax) kept = kept.slice(-linesMax);
          if (!waits) {
            waits = true;
            setTimeout(show, 100);
          }
        }),
      )
      .catch((error) => {
        if (!control.signal.aborted) setProblem(error.message);
      });
    return () => {
      control.abort();
    };
  }, [path, container, previous]);
  useEffect(() => {
    if (follows.current && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [text]);
  return html`<div class="row wrap"><${ContainerChoice} pod=${pod} chosen=${container} onChoose=${setContainer} />
    <label class="check"><input type="checkbox" checked=${previous} onChange=${(event) => {
      setPrevious(event.target.checked);
    }} /> before the last restart</label></div>
    ${problem && html`<p class="note bad">${problem}</p>`}
    <pre class="code log" tabindex="0" aria-label="Log" ref=${place} onScroll=${(event) => {
      const { scrollTop, clientHeight, scrollHeight } = event.target;
      follows.current = scrollHeight - scrollTop - clientHeight < 30;
    }}>${text || 'No lines yet.'}</pre>`;
}
