/** Who is signed in, and every call to the API. The token lives in memory and in this tab's sessionStorage; there is no cookie. */

let token = sessionStorage.getItem('token') ?? '';
let user = '';
const signedOut = new Set();

export const currentUser = () => user;
/** Called when the API no longer believes the token. */
export const onSignedOut = (listener) => { signedOut.add(listener); return () => { signedOut.delete(listener); }; };

/** Fetches a path with the viewer's own rights. Rejects with an Error that has `code` and the API's own message. */
export async function call(path, options = {}) {
  const headers = { accept: 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...options.headers };
  const response = await fetch(path, { ...options, headers });
  if (response.ok) return response;
  const status = await response.json().catch(() => ({}));
  const error = Object.assign(new Error(status.message ?? `${response.status} ${response.statusText}`), { code: response.status });
  if (error.code === 401 && user !== '') signOut('The session is over; please sign in again.');
  throw error;
}

export const getJson = async (path, options) => (await call(path, options)).json();

export async function send(method, path, body, contentType = 'application/json') {
  return (await call(path, { method, headers: { 'content-type': contentType }, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) })).json();
}

async function whoAmI() {
  const review = await send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' });
  const name = review.status?.userInfo?.username ?? '';
  if (name === '' || name === 'system:anonymous') throw Object.assign(new Error('The API does not know this token.'), { code: 401 });
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

/** Tries what this tab or this browser already holds. */
export const resume = () => signIn(token);

const answers = new Map();
const answerMs = 30_000;

/** Whether the viewer may: resource attributes, or `{path, verb}`. Asked of the API, remembered for half a minute. */
export function may(attributes) {
  const key = JSON.stringify(attributes);
  const known = answers.get(key);
  if (known !== undefined && performance.now() - known.at < answerMs) return known.answer;
  const spec = attributes.path === undefined ? { resourceAttributes: attributes } : { nonResourceAttributes: attributes };
  const answer = send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec })
    .then((review) => review.status.allowed === true, () => false);
  answers.set(key, { at: performance.now(), answer });
  return answer;
}

const base64url = (text) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** A WebSocket of the API. Browsers cannot set its headers, so the token travels as a protocol, as Kubernetes has it. */
export function openSocket(path, protocol) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return new WebSocket(url, [protocol, ...(token === '' ? [] : [`base64url.bearer.authorization.k8s.io.${base64url(token)}`])]);
}
