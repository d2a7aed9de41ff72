/** How each request wants its answer: negotiated once for the same Accept header and rules. */
import { notAcceptable, type ResourceInfo } from '../api/index.ts';
import { type Clock, Memo } from '../base/index.ts';
import type { Presentation } from './answers/encode.ts';
import { includeObjectOf } from './answers/table.ts';
import { type Negotiated, negotiate, type NegotiationRules } from './negotiation.ts';
import { headerOf } from './request.ts';
import { type RequestContext, wantsPretty } from './request-context.ts';

/** Clients send few different Accept headers. */
const rememberedBytesMax = 512 * 1024;

/** Custom objects have no protobuf form, only their metadata has, and no router stands before them. */
const customRules = (rules: NegotiationRules): NegotiationRules => ({ ...rules, router: false, protobuf: false });

export class Presentations {
  readonly #clock: Clock;
  readonly #negotiated = new Memo<string, Negotiated>({ bytesMax: rememberedBytesMax });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws the 406 of Kubernetes when nothing fits. */
  of(context: RequestContext, info: ResourceInfo, rules: NegotiationRules): Presentation {
    const negotiated = this.#negotiate(headerOf(context.http.headers, 'accept'), info, rules);
    if (negotiated.shape === 'discovery') throw notAcceptable([]);
    return {
      negotiated,
      pretty: wantsPretty(context),
      include: negotiated.shape === 'Table' ? includeObjectOf(context.query) : 'Metadata',
      now: this.#clock.now(),
    };
  }

  #negotiate(accept: string | undefined, { custom }: ResourceInfo, rules: NegotiationRules): Negotiated {
    if (accept === undefined || accept === 'application/json') return negotiate(accept, rules);
    const key = `${custom !== undefined}${rules.table}${rules.partial}${rules.stream}${rules.router} ${accept}`;
    return this.#negotiated.of(key, () => negotiate(accept, custom === undefined ? rules : customRules(rules)));
  }
}
