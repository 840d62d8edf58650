// Committed facts (docs/formats, section 4).
import { decode, encode, hmac, sha256 } from './canonical.mjs';

const label8 = (label) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64BE(BigInt(label));
  return b;
};

export const salt = (seed, label) => hmac(seed, label8(label)).slice(0, 16);
export const hidden = (s, value) => sha256(Uint8Array.of(0x82), encode(s), value); // value: its bytes
export const leaf = (label, hash) => sha256(Uint8Array.of(0), encode([label, hash]));

// treeHash is MTH of RFC 9162 2.1.1 over leaf hashes.
export function treeHash(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

// open computes the root of a disclosure and gives what it shows.
export function open(disclosure) {
  const d = decode(disclosure);
  const leaves = [];
  const shown = new Map();
  let last = 0;
  const take = (label, hash, value) => {
    if (!(label > last)) throw new Error('labels ascend from 1');
    last = label;
    if (value !== undefined) shown.set(label, value);
    leaves.push(leaf(label, hash));
  };
  if (d.has(2) && !d.has(3) && d.get(1).length === 16) {
    for (const [label, value] of d.get(2)) take(label, hidden(salt(d.get(1), label), encode(value)), value);
  } else if (d.has(3) && d.size === 1) {
    for (const slot of d.get(3)) {
      if (slot.size !== 1) throw new Error('shown or hidden');
      if (slot.has(1)) {
        const [label, s, value] = slot.get(1);
        if (s.length !== 16) throw new Error('salt');
        take(label, hidden(s, encode(value)), value);
      } else {
        take(...slot.get(2));
      }
    }
  } else {
    throw new Error('neither a seed with facts nor slots');
  }
  return { root: treeHash(leaves), count: leaves.length, shown };
}
