// Signed things (docs/formats, sections 2 and 3), verified with WebCrypto.
import { webcrypto } from 'node:crypto';
import { bytes, decode, encode, same, sha256 } from './canonical.mjs';

const { subtle } = webcrypto;
export const STATEMENT = 'application/adamas+cbor';
export const ROOT = 'application/adamas-root+cbor';
export const APPROVAL = 'application/adamas-approval+cbor';
export const MESSAGE = 'application/adamas-message+cbor';
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

// keyFrom reads a COSE_Key and gives {id, thumbprint, alg, verify}.
export async function keyFrom(coseKey) {
  const k = decode(coseKey);
  const alg = k.get(3);
  const required = new Map([1, -1, -2, -3].filter((m) => k.has(m)).map((m) => [m, k.get(m)]));
  const thumbprint = sha256(encode(required));
  const b64 = (b) => Buffer.from(b).toString('base64url');
  const jwk = alg === -8 ? { kty: 'OKP', crv: 'Ed25519', x: b64(k.get(-2)) } : { kty: 'EC', crv: 'P-256', x: b64(k.get(-2)), y: b64(k.get(-3)) };
  const kind = alg === -8 ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await subtle.importKey('jwk', jwk, kind, true, ['verify']);
  const params = alg === -8 ? 'Ed25519' : { name: 'ECDSA', hash: 'SHA-256' };
  return {
    alg, thumbprint, id: thumbprint.slice(0, 8), raw: k.get(-2),
    async verify(message, signature) {
      if (alg === -7 && BigInt(`0x${Buffer.from(signature.slice(32)).toString('hex')}`) > HALF_ORDER) return false;
      return subtle.verify(params, key, signature, message);
    },
  };
}

// ed25519 verifies with a raw public key.
export async function ed25519(raw, message, signature) {
  const key = await subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
  return subtle.verify('Ed25519', key, signature, message);
}

export const sigStructure = (protectedHeader, payload) => encode(['Signature1', protectedHeader, new Uint8Array(), payload]);

// parseSign1 reads a COSE_Sign1 of a content type. A payload that is given is
// the detached one.
export function parseSign1(b, content, detached) {
  if (b.length > 65535 || b[0] !== 0xd2) throw new Error('no tag 18, or too long');
  const m = decode(b.slice(1));
  if (!Array.isArray(m) || m.length !== 4) throw new Error('no array of four');
  const [protectedHeader, unprotected, carried, signature] = m;
  if (!(unprotected instanceof Map) || unprotected.size !== 0) throw new Error('unprotected header');
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw new Error('signature');
  const p = decode(protectedHeader);
  const kid = p.get(4);
  if (!(p instanceof Map) || p.size !== 3 || ![-8, -7].includes(p.get(1)) || p.get(3) !== content || !(kid instanceof Uint8Array) || kid.length !== 8) throw new Error('protected header');
  if (detached ? carried !== null : !(carried instanceof Uint8Array)) throw new Error('payload carried or detached');
  const payload = detached ?? carried;
  return { alg: p.get(1), kid, payload, signature, protectedHeader, message: sigStructure(protectedHeader, payload) };
}

export async function verifySign1(s, key) {
  if (key.alg !== s.alg || !same(key.id, s.kid) || !(await key.verify(s.message, s.signature))) throw new Error('the signature is false');
}

const TYPES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 27, 28, 29, 30, 31, 32, 33, 34, 35];

// readable refuses text that could show a reader something else than it says.
function readable(v) {
  if (typeof v === 'string' && /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(v)) throw new Error('control or format character');
  if (Array.isArray(v)) v.forEach(readable);
  if (v instanceof Map) [...v.values()].forEach(readable);
}

// parseStatement reads a statement: framing, envelope, and the texts of typed
// bodies. It knows the shape of no body.
export function parseStatement(b) {
  const s = parseSign1(b, STATEMENT);
  const p = decode(s.payload);
  const known = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  if (!(p instanceof Map) || [...p.keys()].some((k) => !known.has(k))) throw new Error('unknown member');
  const refs = p.get(7);
  const hash = (h) => h instanceof Uint8Array && h.length === 32 && h.some((x) => x !== 0);
  if (!(p.get(1) > 0) || p.get(2) !== 1) throw new Error('type or version');
  if (!/^[A-Z]{2}\/[a-z0-9-]{1,40}$/.test(p.get(3))) throw new Error('issuer');
  if (!(p.get(4) > 0 && p.get(4) <= 253402300799)) throw new Error('issued-at');
  if (typeof p.get(5) !== 'string' || Buffer.byteLength(p.get(5)) < 1 || Buffer.byteLength(p.get(5)) > 128) throw new Error('subject');
  if (p.has(6) && !hash(p.get(6))) throw new Error('prev');
  if (p.has(7) && !(Array.isArray(refs) && refs.length >= 1 && refs.length <= 64 && refs.every(hash))) throw new Error('refs');
  if (typeof p.get(9) !== 'boolean') throw new Error('synthetic');
  if (p.has(8) === p.has(10) || (p.has(8) && TYPES.includes(p.get(1)) && !(p.get(8) instanceof Map))) throw new Error('body');
  readable(p.get(5));
  if (TYPES.includes(p.get(1))) readable(p.get(8));
  return { ...s, map: p, hash: sha256(b), leafHash: sha256(bytes('00'), b) };
}

// body and payload as they are written, from header and body of a vector.
export function payloadOf(v, typeCode) {
  const p = new Map([[1, typeCode], [2, 1], [3, v.header.issuer], [4, v.header.issued_at], [5, v.header.subject], [9, v.header.synthetic]]);
  if (v.header.prev) p.set(6, bytes(v.header.prev));
  if (v.header.refs) p.set(7, v.header.refs.map(bytes));
  p.set(8, decode(bytes(v.body)));
  return encode(p);
}

export const protectedOf = (alg, content, kid) => encode(new Map([[1, alg], [3, content], [4, kid]]));
