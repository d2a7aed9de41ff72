/** The other member of the ask benchmark: owns all shards, and echoes on a bare subject for comparison. */
import { soleOwner } from '../../src/actors/index.ts';
import { connectNats } from '../../src/bus/index.ts';
import { newDirectory, newSystem } from './system.ts';

const [url = '', token = ''] = process.argv.slice(2);
const bus = await connectNats({ servers: [url], token, name: 'member-2' });
newDirectory(newSystem('member-2'), bus, soleOwner('member-2', 32));
bus.subscribe('bench.echo', ({ payload, reply }) => {
  if (reply !== undefined) bus.publish(reply, payload);
});
await bus.flush();
process.stdout.write('ready\n');
