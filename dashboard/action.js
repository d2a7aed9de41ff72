/**
 * Buttons that change something: shown only to those who may (the server asks again), confirmed, their outcome told.
 */
import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { may } from './session.js';

let show = () => undefined;

export const ask = (question) =>
  new Promise((resolve) => {
    show({ ...question, resolve });
  });
export const toast = (text, look = 'good') => {
  show({ toast: text, look });
};

/**
 * The one dialog and the one line of news of the page. What an input begins with is its `defaultValue`: a `value` would
 * be set again whenever the news change, over what was typed.
 */
export function Dialogs() {
  const [question, setQuestion] = useState();
  const [news, setNews] = useState();
  const dialog = useRef();
  show = (next) => {
    if (next.toast === undefined) setQuestion(next);
    else setNews(next);
  };
  useEffect(() => {
    if (question !== undefined) dialog.current?.showModal();
  }, [question]);
  useEffect(() => {
    if (news === undefined) return undefined;
    const timer = setTimeout(() => {
      setNews(undefined);
    }, 6000);
    return () => {
      clearTimeout(timer);
    };
  }, [news]);
  const answer = (value) => {
    question?.resolve(value);
    dialog.current?.close();
    setQuestion(undefined);
  };
  return html`
    <div class="toasts" role="status" aria-live="polite">${
      news &&
      html`<p class=${`toast ${news.look}`}>
      ${news.toast}</p>`
    }</div>
    ${
      question &&
      html`<dialog ref=${dialog} aria-labelledby="question" onClose=${() => {
        answer(undefined);
      }}>
      <form onSubmit=${(event) => {
        event.preventDefault();
        answer(question.input === undefined ? true : new FormData(event.target).get('value'));
      }}>
        <h2 id="question">${question.title}</h2>
        <p>${question.text}</p>
        ${
          question.input &&
          html`<label>${question.input.label}
          <input name="value" autofocus required ...${question.input.attributes} /></label>`
        }
        <div class="row end"><button type="button" class="quiet" onClick=${() => {
          answer(undefined);
        }}>Cancel</button><button class=${question.danger ? 'danger' : 'primary'} autofocus=${!question.input}>
          ${question.action}</button></div>
      </form>
    </dialog>`
    }`;
}

/** Whether the viewer may do all of these; undefined while it is asked. */
export function useMay(...rights) {
  const [answer, setAnswer] = useState();
  const key = JSON.stringify(rights);
  useEffect(() => {
    let current = true;
    void Promise.all(rights.map(may)).then((answers) => {
      if (current) setAnswer(answers.every(Boolean));
    });
    return () => {
      current = false;
    };
  }, [key]);
  return answer;
}

/**
 * `right`: what it takes; `question`: what is asked first (its answer goes to `run`); `run` resolves with the text to
 * tell.
 */
export function Action({ label, right, question, run, danger, small }) {
  const allowed = useMay(right);
  const [busy, setBusy] = useState(false);
  if (allowed !== true) return null;
  const press = async (event) => {
    event.stopPropagation();
    const answer = await ask({ action: label, danger, ...question });
    if (answer === undefined) return;
    setBusy(true);
    try {
      toast(await run(answer));
    } catch (error) {
      toast(error.message, 'bad');
    }
    setBusy(false);
  };
  return html`<button class=${`${danger ? 'danger' : ''} ${small ? 'small' : ''}`} disabled=${busy} onClick=${press}>
    ${label}</button>`;
}
