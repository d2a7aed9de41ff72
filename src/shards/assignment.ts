/** Which member should own which shard, with as few moves as balance needs. */

/**
 * Gives every shard an owner out of `members`, evenly (counts differ by one at most), with as few moves as that needs:
 * a shard stays where it is unless its owner is none of them or has more than its share. Without members everything
 * stays.
 */
export function assignShards(
  current: readonly (string | undefined)[],
  members: readonly string[],
): readonly (string | undefined)[] {
  if (members.length === 0) return current;
  const next = current.map((owner) => (owner !== undefined && members.includes(owner) ? owner : undefined));
  const held = new Map(
    members.map((member) => [member, next.flatMap((owner, shard) => (owner === member ? [shard] : []))]),
  );
  const least = Math.floor(current.length / members.length);
  let larger = current.length % members.length;
  // Those with the most may keep one more than the others: that spares moves.
  const order = [...members].sort(
    (a, b) => (held.get(b)?.length ?? 0) - (held.get(a)?.length ?? 0) || (a < b ? -1 : 1),
  );
  const room: { readonly member: string; left: number }[] = [];
  for (const member of order) {
    const share = least + (larger-- > 0 ? 1 : 0);
    const shards = held.get(member) ?? [];
    for (const shard of shards.slice(share)) next[shard] = undefined;
    room.push({ member, left: Math.max(0, share - shards.length) });
  }
  return next.map((owner) => {
    if (owner !== undefined) return owner;
    const place = room.find(({ left }) => left > 0);
    if (place !== undefined) place.left -= 1;
    return place?.member;
  });
}
