/** The limits of the proxy. */

/** How long things may take, in ms. */
export interface ProxyTimes {
  /** Until a pod has taken a connection. */
  readonly connectMs: number;
  /** A silence within a request, from the client or from the pod; also how long a pod may think. */
  readonly silenceMs: number;
  /** A silence of an upgraded connection. */
  readonly upgradedSilenceMs: number;
  /** An unused connection to a pod. */
  readonly idleConnectionMs: number;
  /** An unused connection of a client. */
  readonly keepAliveMs: number;
  /** Until a request's head, and a TLS handshake, is complete. */
  readonly headMs: number;
  /** A pod that refused a connection is passed over for so long. */
  readonly avoidMs: number;
  /** Open requests may take so long when the proxy ends. */
  readonly drainMs: number;
}

/**
 * What nginx and its kin have by default; unused connections to pods end before the 5 s after which many servers end
 * them, so that no request meets the end.
 */
export const defaultTimes: ProxyTimes = {
  connectMs: 2_000,
  silenceMs: 60_000,
  upgradedSilenceMs: 60 * 60_000,
  idleConnectionMs: 4_000,
  keepAliveMs: 75_000,
  headMs: 15_000,
  avoidMs: 1_000,
  drainMs: 5_000,
};

/** A client's connection is given up so much later than the pod's, so that the client hears of the pod's silence. */
export const clientSilenceExtraMs = 5_000;
export const connectionsMax = 20_000;
export const requestsPerEndpointMax = 1_024;
export const headBytesMax = 32 * 1024;
export const headersMax = 200;
/** Pods that one request is tried at. */
export const attemptsMax = 3;
