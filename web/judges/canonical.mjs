// The canonical form of docs/formats, section 1, read with cbor-x and written
// by hand: what is read counts only if it is written back as the same bytes.
import { Decoder } from 'cbor-x';
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const decoder = new Decoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false });

export const hex = (b) => Buffer.from(b).toString('hex');
export const bytes = (h) => Uint8Array.from(Buffer.from(h, 'hex'));
export const join = (...parts) => Uint8Array.from(Buffer.concat(parts.map((p) => Buffer.from(p))));
export const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
export const sha256 = (...parts) => Uint8Array.from(createHash('sha256').update(join(...parts)).digest());
export const hmac = (key, message) => Uint8Array.from(createHmac('sha256', key).update(message).digest());

// vectors reads a file of golden vectors, given the folder they are in.
export const vectors = (folder, name) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')).vectors;

export function check(ok, what) {
  if (!ok) throw new Error(what);
  check.count = (check.count ?? 0) + 1;
}

// refuses holds that f throws.
export async function refuses(what, f) {
  try {
    await f();
  } catch {
    check(true, what);
    return;
  }
  throw new Error(`${what}: accepted`);
}

function head(major, n) {
  const v = BigInt(n);
  if (v < 24n) return Uint8Array.of((major << 5) | Number(v));
  for (const [info, size] of [[24, 1], [25, 2], [26, 4], [27, 8]]) {
    if (v < 1n << BigInt(8 * size)) {
      const out = new Uint8Array(1 + size);
      out[0] = (major << 5) | info;
      for (let i = 0; i < size; i++) out[size - i] = Number((v >> BigInt(8 * i)) & 255n);
      return out;
    }
  }
  throw new Error('integer too large');
}

// encode writes the one encoding of a value: integers, byte strings, texts,
// arrays, Maps, true, false, null.
export function encode(v) {
  if (v === null) return Uint8Array.of(0xf6);
  if (v === false) return Uint8Array.of(0xf4);
  if (v === true) return Uint8Array.of(0xf5);
  if (typeof v === 'bigint' || Number.isSafeInteger(v)) return v < 0 ? head(1, -1n - BigInt(v)) : head(0, v);
  if (typeof v === 'string') {
    const text = Buffer.from(v, 'utf8');
    return join(head(3, text.length), text);
  }
  if (v instanceof Uint8Array) return join(head(2, v.length), v);
  if (Array.isArray(v)) return join(head(4, v.length), ...v.map(encode));
  if (v instanceof Map) {
    const members = [...v].map(([k, e]) => [encode(k), encode(e)]).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return join(head(5, v.size), ...members.flat());
  }
  throw new Error(`no canonical form of ${typeof v}`);
}

// decode reads canonical bytes and refuses any others.
export function decode(b) {
  const v = decoder.decode(Buffer.from(b));
  if (!same(encode(v), b)) throw new Error('not in canonical form');
  return v;
}
