/** Flows that go on while something happens to them, and how they fared. */
import { eventually } from '../cluster.ts';
import type { Lane } from './lane.ts';
import type { FlowKind, FlowState } from './probe.ts';

/** A flow of the lane, from one of its places. */
export interface LaneFlow {
  /** Where it begins, how, and where it goes. */
  readonly title: string;
  /** How it fared since the last call. */
  state(): Promise<FlowState>;
  end(): Promise<FlowState>;
}

let number = 0;

export async function beginFlow(
  lane: Lane,
  place: string,
  to: { readonly over: FlowKind; readonly address: string; readonly port: number },
): Promise<LaneFlow> {
  const prober = lane.prober(place);
  const flow = `flow ${++number}`;
  await prober.flow({ id: flow, protocol: 'flow', ...to });
  const ask = (protocol: 'state' | 'end'): Promise<FlowState> =>
    prober.flow({ id: `${flow} ${protocol} ${++number}`, protocol, flow });
  const title = `${place} ${to.over} ${to.address}:${to.port}`;
  return { title, state: () => ask('state'), end: () => ask('end') };
}

/** Both kinds of flow to an address. */
export const beginFlows = (
  lane: Lane,
  place: string,
  to: { readonly address: string; readonly port: number },
): Promise<readonly LaneFlow[]> =>
  Promise.all((['tcp', 'udp'] as const).map((over) => beginFlow(lane, place, { over, ...to })));

/** Ends flows, and tells how they fared since they were last asked. */
export const endAll = (flows: readonly LaneFlow[]): Promise<readonly FlowState[]> =>
  Promise.all(flows.map((flow) => flow.end()));

/** Until every flow hears answers again. Milliseconds. */
export async function untilHeard(flows: readonly LaneFlow[], withinMs: number): Promise<number> {
  const from = performance.now();
  let silent: readonly string[] = [];
  const heard = async (): Promise<boolean> => {
    const states = await Promise.all(flows.map(async ({ title, state }) => ({ title, ...(await state()) })));
    silent = states
      .filter((state) => state.heard === 0 || state.silentMs >= 200)
      .map(({ title, silentMs }) => `${title} (for ${silentMs} ms)`);
    return silent.length === 0;
  };
  await eventually('all flows to be answered', heard, withinMs).catch((error: unknown) => {
    throw new Error(`silent: ${silent.join(', ')}`, { cause: error });
  });
  return Math.round(performance.now() - from);
}

/** Until no flow has heard anything for half a second. Milliseconds. */
export async function untilSilent(flows: readonly LaneFlow[], withinMs: number): Promise<number> {
  const from = performance.now();
  await eventually(
    'all flows to be cut',
    async () => (await Promise.all(flows.map((flow) => flow.state()))).every(({ silentMs }) => silentMs > 500),
    withinMs,
  );
  return Math.round(performance.now() - from);
}
