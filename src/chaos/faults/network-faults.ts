/** Networks that break: both ways, one way, or packet by packet. */
import { Impossible } from '../targets/target.ts';
import type { Cut, MemberGroups } from '../targets/member-groups.ts';
import { type BeginFault, chosen, type Effect, type FaultContext, homeOf } from './fault.ts';

const cut =
  (cutOf: (context: FaultContext) => Cut): BeginFault =>
  async (context): Promise<Effect> => {
    const groups = groupsOf(context);
    const { name } = chosen(await homeOf(context).victims('member', context.api), context);
    const { direction, percent } = cutOf(context);
    groups.cut(name, { direction, percent });
    const way = { both: 'to and from', in: 'to', out: 'from' }[direction];
    const share = percent < 100 ? `${percent} % of the packets` : 'all packets';
    return {
      victim: name,
      proof: `nftables drops ${share} ${way} ${name}`,
      end: () => {
        const dropped = groups.dropped(name);
        groups.heal(name);
        if (dropped === 0) return Promise.reject(new Error('not one packet was dropped'));
        return Promise.resolve(`${dropped} packets were dropped`);
      },
    };
  };

function groupsOf({ target }: FaultContext): MemberGroups {
  if (target.facts.members < 2) throw new Impossible('a single member has nobody to be cut off from');
  if (target.groups === undefined)
    throw new Impossible('members of this cluster were not started in groups of their own');
  return target.groups;
}

export const cutBothWays = cut(() => ({ direction: 'both', percent: 100 }));
export const cutIn = cut(() => ({ direction: 'in', percent: 100 }));
export const cutOut = cut(() => ({ direction: 'out', percent: 100 }));
export const losePackets = cut(({ spec }) => ({ direction: 'both', percent: spec.amount }));

export const delayPackets: BeginFault = () =>
  Promise.reject(
    new Impossible('members of one machine share its loopback, whose packets nobody else may find delayed'),
  );
