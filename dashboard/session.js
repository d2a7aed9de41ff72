/**
 * Who is signed in, and every call to the API. The token lives in memory and in this tab's sessionStorage; there is no
 * cookie.
 */

let token = sessionStorage.getItem('token') ?? '';
let user = '';
const signedOut = new Set();

export const currentUser = () => user;
/** Called when the API no longer believes the token. */
export const onSignedOut = (listener) => {
  signedOut.add(listener);
  return () => {
    signedOut.delete(listener);
  };
};

const triesMax = 4;
const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Browsers break requests off when a network interface comes or goes: what changes nothing is asked again, a few times.
 */
async function fetchPatiently(path, options) {
  for (let tries = 1; ; tries++) {
    try {
      return await fetch(path, options);
    } catch (error) {
      if (tries === triesMax || options.signal?.aborted) throw error;
      await pause(300 * tries);
    }
  }
}

/**
 * Fetches a path with the viewer's own rights. Rejects with an Error that has `code` and the API's own message.
 * `changesNothing`: a POST that only asks.
 */
export async function call(path, { changesNothing = false, ...options } = {}) {
  const headers = {
    accept: 'application/json',
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...options.headers,
  };
  const response = await (options.method === undefined || changesNothing ? fetchPatiently : fetch)(path, {
    ...options,
    headers,
  });
  if (response.ok) return response;
  const status = await response.json().catch(() => ({}));
  const error = Object.assign(new Error(status.message ?? `${response.status} ${response.statusText}`), {
    code: response.status,
  });
  if (error.code === 401 && user !== '') signOut('Your session has ended; sign in again.');
  throw error;
}

export const getJson = async (path, options) => (await call(path, options)).json();

export async function send(method, path, body, contentType = 'application/json') {
  return (
    await call(path, {
      method,
      headers: { 'content-type': contentType },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  ).json();
}

/** A review answers a question about the viewer and is stored nowhere. */
const review = async (group, kind, spec) =>
  (
    await call(`/apis/${group}/v1/${kind.toLowerCase()}s`, {
      method: 'POST',
      changesNothing: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind, apiVersion: `${group}/v1`, spec }),
    })
  ).json();

async function whoAmI() {
  const { status } = await review('authentication.k8s.io', 'SelfSubjectReview');
  const name = status?.userInfo?.username ?? '';
  if (name === '' || name === 'system:anonymous')
    throw Object.assign(new Error('The API does not accept this token.'), { code: 401 });
  return name;
}

/** Signs in by a bearer token, or with '' by what the browser itself shows: a client certificate. */
export async function signIn(value) {
  token = value;
  try {
    user = await whoAmI();
  } catch (error) {
    token = '';
    throw error;
  }
  if (value !== '') sessionStorage.setItem('token', value);
}

export function signOut(message) {
  sessionStorage.removeItem('token');
  token = '';
  user = '';
  answers.clear();
  for (const listener of signedOut) listener(message);
}

/**
 * Tries what this tab or this browser already holds, until the API has said whether it knows it. `onWait` is told why
 * it takes longer.
 */
export async function resume(onWait) {
  const held = token;
  for (;;) {
    try {
      await signIn(held);
      return;
    } catch (error) {
      if (error.code < 500) throw error;
      onWait(error.message);
      await pause(1000);
    }
  }
}

const answers = new Map();
const answerMs = 30_000;

/** Whether the viewer may: resource attributes, or `{path, verb}`. Asked of the API, remembered for half a minute. */
export function may(attributes) {
  const key = JSON.stringify(attributes);
  const known = answers.get(key);
  if (known !== undefined && performance.now() - known.at < answerMs) return known.answer;
  const spec =
    attributes.path === undefined ? { resourceAttributes: attributes } : { nonResourceAttributes: attributes };
  const answer = review('authorization.k8s.io', 'SelfSubjectAccessReview', spec).then(
    ({ status }) => status.allowed === true,
    () => {
      answers.delete(key);
      return false;
    },
  );
  answers.set(key, { at: performance.now(), answer });
  return answer;
}

const base64url = (text) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/**
 * A WebSocket of the API. Browsers cannot set its headers, so the token travels as a protocol, as Kubernetes has it.
 */
export function openSocket(path, protocol) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return new WebSocket(url, [
    protocol,
    ...(token === '' ? [] : [`base64url.bearer.authorization.k8s.io.${base64url(token)}`]),
  ]);
}
