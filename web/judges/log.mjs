// Policies, checkpoints and proofs (docs/formats, section 5).
import { decode, same, sha256 } from './canonical.mjs';
import { ed25519 } from './sign1.mjs';

const base64 = (s) => {
  const b = Buffer.from(s, 'base64');
  if (b.toString('base64') !== s) throw new Error(`base64 ${s}`);
  return Uint8Array.from(b);
};
const text = (s) => Uint8Array.from(Buffer.from(s, 'utf8'));
const hash4 = (b) => Buffer.from(b.slice(0, 4)).toString('hex');

export function vkey(s) {
  const [, name, hash, key] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(s) ?? [];
  const raw = base64(key);
  if (raw.length !== 33 || ![1, 4].includes(raw[0]) || hash4(sha256(text(`${name}\n`), raw)) !== hash) throw new Error(`vkey ${s}`);
  return { name, hash, type: raw[0], raw: raw.slice(1) };
}

// policy reads a tripartite policy of witnesses in groups. It knows the form
// that Adamas writes, and refuses one raw key in two places.
export function policy(source) {
  const p = { witnesses: [], groups: new Map() };
  const seen = [];
  for (const line of source.split('\n').filter((l) => l && !l.startsWith('#'))) {
    const [word, ...f] = line.split(/[ \t]+/);
    const key = word === 'log' ? vkey(f[0]) : word === 'witness' ? { label: f[0], ...vkey(f[1]) } : null;
    if (key) {
      if (seen.some((k) => same(k, key.raw))) throw new Error('one raw key twice');
      seen.push(key.raw);
      if (word === 'log') p.log = key;
      else p.witnesses.push(key);
    } else if (word === 'group') {
      p.groups.set(f[0], { k: f[1] === 'any' ? 1 : f[1] === 'all' ? f.length - 2 : Number(f[1]), members: f.slice(2) });
    } else if (word === 'quorum' && p.groups.has(f[0])) {
      p.quorum = f[0];
    } else {
      throw new Error(`policy line ${line}`);
    }
  }
  return p;
}

export function checkpoint(source) {
  const m = /^([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n\n((?:\u2014 [^ \n]+ [A-Za-z0-9+/=]+\n)+)$/u.exec(source);
  if (!m) throw new Error('checkpoint');
  const lines = m[4].trimEnd().split('\n').map((l) => {
    const [, name, sig] = l.split(' ');
    const raw = base64(sig);
    return { name, hash: hash4(raw), signature: raw.slice(4) };
  });
  return { origin: m[1], size: Number(m[2]), root: base64(m[3]), lines, body: source.slice(0, source.indexOf('\n\n') + 1) };
}

// cosignatureMessage is what a witness signs at a time.
export const cosignatureMessage = (body, time) => `cosignature/v1\ntime ${time}\n${body}`;

// satisfied verifies every line and gives the time of the quorum, or null.
export async function satisfied(p, c) {
  if (c.origin !== p.log.name) throw new Error('another log');
  const times = new Map();
  let logSigned = false;
  for (const l of c.lines) {
    if (l.name === p.log.name && l.hash === p.log.hash) {
      if (logSigned || !(await ed25519(p.log.raw, text(c.body), l.signature))) throw new Error('log signature');
      logSigned = true;
      continue;
    }
    const w = p.witnesses.find((k) => k.name === l.name && k.hash === l.hash);
    if (!w || times.has(w.label)) throw new Error('unknown or repeated signer');
    const time = Number(Buffer.from(l.signature).readBigUInt64BE(0));
    if (!(await ed25519(w.raw, text(cosignatureMessage(c.body, time)), l.signature.slice(8)))) throw new Error('cosignature');
    times.set(w.label, time);
  }
  if (!logSigned) throw new Error('the log has not signed');
  const at = (name) => {
    const g = p.groups.get(name);
    if (!g) return times.get(name) ?? null;
    const got = g.members.map(at).filter((t) => t !== null).sort((a, b) => b - a);
    return got.length >= g.k ? got[g.k - 1] : null;
  };
  return at(p.quorum);
}

const node = (l, r) => sha256(Uint8Array.of(1), l, r);

// rootFrom is RFC 9162 2.1.3.2.
export function rootFrom(leafHash, index, size, path) {
  if (!(index >= 0 && index < size)) throw new Error('index beyond the tree');
  let [fn, sn, r] = [index, size - 1, leafHash];
  for (const p of path) {
    if (sn === 0) throw new Error('path too long');
    if (fn % 2 === 1 || fn === sn) {
      r = node(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      r = node(r, p);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error('path too short');
  return r;
}

export function proof(source) {
  const m = /^c2sp\.org\/tlog-proof@v1\nindex (0|[1-9][0-9]*)\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n([^]+)$/.exec(source);
  if (!m) throw new Error('proof');
  return { index: Number(m[1]), path: m[2].split('\n').filter(Boolean).map(base64), checkpoint: checkpoint(m[3]) };
}

// expand writes the text form of a compact proof.
export function expand(compact, leafHash, p) {
  const [logHash, size, index, joined, signatures] = decode(compact);
  if (![logHash, joined, signatures].every((b) => b instanceof Uint8Array)) throw new Error('byte strings');
  const path = [];
  for (let i = 0; i < joined.length; i += 32) path.push(joined.slice(i, i + 32));
  if (hash4(logHash) !== p.log.hash || joined.length % 32 !== 0) throw new Error('compact proof');
  const b64 = (b) => Buffer.from(b).toString('base64');
  let out = `c2sp.org/tlog-proof@v1\nindex ${index}\n${path.map((h) => `${b64(h)}\n`).join('')}\n`;
  out += `${p.log.name}\n${size}\n${b64(rootFrom(leafHash, index, size, path))}\n\n`;
  for (let i = 0, n = 68; i < signatures.length; i += n, n = 76) {
    const s = signatures.slice(i, i + n);
    const key = i === 0 ? p.log : p.witnesses.find((w) => w.hash === hash4(s));
    out += `\u2014 ${key.name} ${b64(s)}\n`;
  }
  return out;
}
