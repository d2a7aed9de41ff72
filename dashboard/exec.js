/** A shell in a container, line by line. */
import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { openSocket } from './session.js';
import { ContainerChoice } from './logs.js';

const protocol = 'v5.channel.k8s.io';
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3 };
const charactersMax = 200_000;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

function frame(channel, text) {
  const bytes = encoder.encode(text);
  const framed = new Uint8Array(bytes.length + 1);
  framed[0] = channel;
  framed.set(bytes, 1);
  return framed;
}

/** A shell in a container, line by line, over the API's own exec. */
export function Exec({ path, pod }) {
  const [container, setContainer] = useState(pod.spec.containers[0].name);
  const [command, setCommand] = useState('sh');
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const socket = useRef();
  const place = useRef();
  const history = useRef({ lines: [], at: 0 });
  const write = (more) => {
    setText((before) => (before + more).slice(-charactersMax));
  };
  useEffect(
    () => () => {
      socket.current?.close();
    },
    [],
  );
  useEffect(() => {
    if (place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [text]);

  const connect = (event) => {
    event.preventDefault();
    const words = command
      .trim()
      .split(/\s+/)
      .map((word) => `command=${encodeURIComponent(word)}`)
      .join('&');
    const made = openSocket(
      `${path}/exec?container=${container}&stdin=true&stdout=true&stderr=true&${words}`,
      protocol,
    );
    made.binaryType = 'arraybuffer';
    made.onopen = () => {
      setOpen(true);
    };
    made.onmessage = ({ data }) => {
      const bytes = new Uint8Array(data);
      const said = decoder.decode(bytes.subarray(1));
      if (bytes[0] !== channels.error) write(said);
      else if (JSON.parse(said).status !== 'Success') write(`\n${JSON.parse(said).message}\n`);
    };
    made.onclose = () => {
      setOpen(false);
      write('\n[ended]\n');
    };
    socket.current = made;
  };
  const submit = (event) => {
    event.preventDefault();
    const input = event.target.elements.line;
    write(`$ ${input.value}\n`);
    socket.current.send(frame(channels.stdin, `${input.value}\n`));
    history.current.lines.push(input.value);
    history.current.at = history.current.lines.length;
    input.value = '';
  };
  const recall = (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { lines } = history.current;
    history.current.at = Math.min(lines.length, Math.max(0, history.current.at + step));
    event.target.value = lines[history.current.at] ?? '';
  };
  return html`
    ${
      !open &&
      html`<form class="row wrap" onSubmit=${connect}>
        <${ContainerChoice} pod=${pod} chosen=${container} onChoose=${setContainer} />
        <label class="inline">Command <input value=${command} onInput=${(event) => {
          setCommand(event.target.value);
        }} /></label><button class="primary">Run</button></form>`
    }
    <pre class="code log" tabindex="0" aria-label="Output" ref=${place}>
      ${text || 'Run a shell or any other command in the container.'}</pre>
    ${
      open &&
      html`<form class="row" onSubmit=${submit}><label class="grow inline"><span aria-hidden="true">$</span>
        <input name="line" class="grow" aria-label="Input" autocomplete="off" spellcheck="false" autofocus
        onKeyDown=${recall} /></label><button type="button" onClick=${() => {
          socket.current.close();
        }}>End</button></form>`
    }`;
}
