/** The ports by which further authenticators and authorizers are plugged in. */
import type { Requester } from '../../resources/index.ts';
import type { ClientCertificate, Headers } from '../request.ts';
import type { Authorizer } from './attributes.ts';

/** Whose token it is, and for which of the audiences asked it is good (absent: the token names none). */
export interface RecognisedToken {
  readonly user: Requester;
  readonly audiences?: readonly string[] | undefined;
}

/**
 * The token is one of this plug-in's own kind and does not hold. The text is logged nowhere and told to TokenReview
 * alone.
 */
export interface RefusedToken {
  readonly error: string;
}

/** What a request shows of its sender. */
interface SenderFacts {
  /** Names in lower case. */
  readonly headers: Headers;
  readonly certificate?: ClientCertificate | undefined;
  readonly remoteAddress?: string | undefined;
}

type Answer<T> = T | undefined | Promise<T | undefined>;

/**
 * Port: one more way to authenticate a request. Either part may be left out; undefined means "not one of mine" and lets
 * the next one be asked. What a plug-in throws or rejects with counts as a refusal. Users get the group
 * system:authenticated added.
 */
export interface AuthenticationPlugIn {
  readonly name: string;
  /** A bearer token that none before knew. What held is remembered for ten seconds. */
  readonly token?:
    | ((token: string, audiences: readonly string[]) => Answer<RecognisedToken | RefusedToken>)
    | undefined;
  /**
   * A request without a client certificate of the cluster and without a bearer token. Asked each time, so it must be
   * quick.
   */
  readonly request?: ((facts: SenderFacts) => Answer<Requester>) | undefined;
  readonly close?: (() => void) | undefined;
}

/** Port: one more voice in who may do what. */
export interface AuthorizationPlugIn {
  readonly name: string;
  readonly authorize: Authorizer;
  readonly close?: (() => void) | undefined;
}
