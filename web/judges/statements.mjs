// A small second implementation of docs/formats, written from those pages and
// not from the Go code: it makes and verifies the golden vectors again with
// cbor-x and WebCrypto, and lets @auth0/cose verify the statements in a process
// of its own (auth0.mjs), since that library registers tag 18 with cbor-x for
// the whole process.
//
//   node web/judges/statements.mjs [folder of vectors]
//
// It ends with 0 and one line that counts what was held, or throws.
import { createECDH, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bytes, check, decode, encode, hex, join, refuses, same, sha256, vectors } from './canonical.mjs';
import * as commitment from './commitment.mjs';
import * as log from './log.mjs';
import { APPROVAL, MESSAGE, ROOT, STATEMENT, keyFrom, parseSign1, parseStatement, payloadOf, protectedOf, verifySign1 } from './sign1.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2] ?? here('../../verify/testdata/vectors');
const CODES = ['participant', 'office-key', 'key-revoked', 'number-range', 'certificate', 'opening', 'void', 'replacement', 'loss', 'print',
  'receipt', 'transcript', 'discrepancy', 'clearance', 'custody-root', 'zone-standing', 'rule-set', 'incident', 'finding', 'hold', 'return',
  'dossier', 'benchmark', 'review', 'decision', 'grant', 'snapshot', 'log-closed',
  'advice', 'disposition', 'endorsement', 'transit', 'standing', 'specimen', 'role-grant', 'attestation'];
const KINDS = ['advice', 'confirmation', 'notice', 'instruction', 'acknowledgement'];

// bent gives copies of b with one byte changed, spread over its length.
function* bent(b, n = 40) {
  for (let i = 0; i < n; i++) {
    const at = Math.floor((i * b.length) / n);
    const c = Uint8Array.from(b);
    c[at] ^= 1 << i % 8;
    yield c;
  }
}

const edPrivate = (seed) => createPrivateKey({ key: join(bytes('302e020100300506032b657004220420'), seed), format: 'der', type: 'pkcs8' });

async function makeKeys() {
  const keys = new Map();
  for (const v of vectors(folder, 'keys')) {
    const secret = bytes(v.secret);
    let cose;
    if (v.algorithm === 'EdDSA') {
      const x = bytes(Buffer.from(createPublicKey(edPrivate(secret)).export({ format: 'jwk' }).x, 'base64url').toString('hex'));
      cose = encode(new Map([[1, 1], [3, -8], [-1, 6], [-2, x]]));
    } else {
      const ecdh = createECDH('prime256v1');
      ecdh.setPrivateKey(Buffer.from(secret));
      const point = Uint8Array.from(ecdh.getPublicKey());
      cose = encode(new Map([[1, 2], [3, -7], [-1, 1], [-2, point.slice(1, 33)], [-3, point.slice(33)]]));
    }
    check(hex(cose) === v.cose_key, `${v.name}: COSE_Key`);
    const key = await keyFrom(cose);
    check(hex(key.thumbprint) === v.thumbprint && hex(key.id) === v.key_id, `${v.name}: thumbprint`);
    keys.set(v.name, { ...key, secret });
  }
  return keys;
}

async function statements(keys) {
  for (const v of vectors(folder, 'statements')) {
    const key = keys.get(v.key);
    const code = CODES.indexOf(v.type) + 1;
    if (v.body) check(hex(payloadOf(v, code)) === v.payload, `${v.name}: payload`);
    const protectedHeader = protectedOf(key.alg, STATEMENT, key.id);
    check(hex(protectedHeader) === v.protected, `${v.name}: protected header`);
    const message = encode(['Signature1', protectedHeader, new Uint8Array(), bytes(v.payload)]);
    check(hex(message) === v.sig_structure, `${v.name}: Sig_structure`);
    if (key.alg === -8) check(hex(sign(null, message, edPrivate(key.secret))) === v.signature, `${v.name}: signature`);
    const whole = join(bytes('d2'), encode([protectedHeader, new Map(), bytes(v.payload), bytes(v.signature)]));
    check(hex(whole) === v.statement, `${v.name}: statement`);
    const s = parseStatement(bytes(v.statement));
    await verifySign1(s, key);
    check(s.map.get(1) === code && hex(s.hash) === v.hash && hex(s.leafHash) === v.leaf_hash, `${v.name}: type, hash, leaf hash`);
    for (const b of bent(whole)) await refuses(`${v.name} changed`, async () => verifySign1(parseStatement(b), key));
  }
  for (const v of vectors(folder, 'refused').filter((r) => r.what === 'statement')) {
    await refuses(`a statement with ${v.why}`, async () => verifySign1(parseStatement(bytes(v.bytes)), keys.get(v.key)));
  }
}

async function commitments() {
  for (const v of vectors(folder, 'commitments')) {
    const seed = bytes(v.seed);
    const leaves = v.facts.map((f) => {
      const salt = commitment.salt(seed, f.label);
      const hash = commitment.hidden(salt, bytes(f.value));
      const leaf = commitment.leaf(f.label, hash);
      check(hex(salt) === f.salt && hex(hash) === f.hash && hex(leaf) === f.leaf, `${v.name}: fact ${f.label}`);
      return leaf;
    });
    check(hex(commitment.treeHash(leaves)) === v.root && leaves.length === v.count, `${v.name}: root`);
    for (const [d, shows] of [[v.disclosure, v.facts.map((f) => f.label)], ...v.partial.map((p) => [p.disclosure, p.shows])]) {
      const opened = commitment.open(bytes(d));
      check(hex(opened.root) === v.root && opened.count === v.count && String([...opened.shown.keys()]) === String(shows), `${v.name}: disclosure of ${shows}`);
      for (const b of bent(bytes(d))) {
        await refuses(`${v.name} changed`, () => check(hex(commitment.open(b).root) === v.root, 'root'));
      }
    }
  }
}

async function roots(keys) {
  let judges = [];
  let last = null;
  for (const v of vectors(folder, 'roots')) {
    const [payload, signatures] = decode(bytes(v.signed));
    check(hex(payload) === v.payload && hex(sha256(payload)) === v.fingerprint, `root ${v.version}: payload`);
    const r = decode(payload);
    check(r.get(1) === v.version && (last === null ? !r.has(4) : same(r.get(4), last)), `root ${v.version}: version and prev`);
    judges = [...judges.slice(-1), r];
    const named = judges.flatMap((j) => j.get(7));
    const good = [];
    let before = '';
    for (const b of signatures) {
      const s = parseSign1(b, ROOT, payload);
      check(hex(s.kid) > before, `root ${v.version}: key ids ascend`);
      before = hex(s.kid);
      const holders = await Promise.all(named.map(async (k) => keyFrom(encode(k.get(3)))));
      await verifySign1(s, holders.find((k) => same(k.id, s.kid)));
      good.push(before);
    }
    for (const judge of judges) {
      const have = [0, 0, 0];
      for (const k of judge.get(7)) if (good.includes(hex((await keyFrom(encode(k.get(3)))).id))) have[k.get(1) - 1]++;
      const threshold = judge.get(8);
      check(have.every((n, i) => n >= threshold[i]) && have[0] + have[1] + have[2] >= threshold[3], `root ${v.version}: threshold`);
    }
    for (const s of v.signatures) await verifySign1(parseSign1(bytes(s.cose_sign1), ROOT, payload), keys.get(s.key));
    await refuses('a root changed', async () => verifySign1(parseSign1(bytes(v.signatures[0].cose_sign1), ROOT, join(payload, [0])), keys.get(v.signatures[0].key)));
    last = sha256(payload);
  }
}

async function logs() {
  const policies = new Map();
  for (const v of vectors(folder, 'policies')) {
    policies.set(v.log, log.policy(v.text));
    for (const k of v.vkeys) check(hex(log.vkey(k.text).raw) === k.public && log.vkey(k.text).type === k.type, `vkey ${k.name}`);
  }
  for (const v of vectors(folder, 'checkpoints')) {
    const c = log.checkpoint(v.text);
    const time = await log.satisfied(policies.get(v.policy), c);
    check(c.body === v.body && hex(c.root) === v.root && c.size === v.size && (time !== null) === v.satisfied && (time ?? undefined) === v.quorum_time, `checkpoint ${v.name}`);
    v.cosignature_messages.forEach((m, i) => {
      const at = Buffer.from(c.lines[i + 1].signature).readBigUInt64BE(0);
      check(m === log.cosignatureMessage(c.body, at), `checkpoint ${v.name}: message ${i + 1}`);
    });
  }
  const proved = async (text, leafHash, p) => {
    const pr = log.proof(text);
    check(same(log.rootFrom(leafHash, pr.index, pr.checkpoint.size, pr.path), pr.checkpoint.root), 'root of the path');
    check((await log.satisfied(p, pr.checkpoint)) !== null, 'quorum');
  };
  for (const v of vectors(folder, 'proofs')) {
    const p = policies.get(v.policy);
    check(hex(sha256([0], bytes(v.leaf))) === v.leaf_hash, `proof ${v.name}: leaf hash`);
    await proved(v.text, bytes(v.leaf_hash), p);
    check(log.expand(bytes(v.compact), bytes(v.leaf_hash), p) === v.text, `proof ${v.name}: compact form`);
    await refuses('a proof of another leaf', async () => proved(v.text, sha256([0]), p));
    for (const b of bent(Buffer.from(v.text, 'utf8'))) await refuses('a proof changed', async () => proved(Buffer.from(b).toString('utf8'), bytes(v.leaf_hash), p));
    for (const b of bent(bytes(v.compact))) await refuses('a compact proof changed', async () => proved(log.expand(b, bytes(v.leaf_hash), p), bytes(v.leaf_hash), p));
  }
  const texts = { policy: log.policy, checkpoint: log.checkpoint, proof: log.proof };
  for (const v of vectors(folder, 'refused').filter((r) => r.what === 'checkpoint' || r.what === 'proof')) {
    await refuses(`a ${v.what} with ${v.why}`, () => texts[v.what](v.text));
  }
  await refuses('one key in two pillars', () => log.policy(vectors(folder, 'refused').find((r) => r.why.startsWith('one raw key')).text));
}

async function bundles(keys) {
  for (const v of vectors(folder, 'bundles')) {
    const file = bytes(v.file);
    check(hex(file.slice(0, 3)) === 'd9d9f7', `bundle ${v.name}: mark`);
    const b = decode(file.slice(3));
    check(b.get(1) === 1 && hex(b.get(2)) === v.statement, `bundle ${v.name}: statement`);
    const s = parseStatement(b.get(2));
    await verifySign1(s, keys.get('office CF/bangui'));
    const body = s.map.get(8);
    // The approval digest: issued-at at the day's first second, no member 13.
    const bare = new Map(s.map).set(4, body.get(4) * 86400).set(8, new Map([...body].filter(([k]) => k !== 13)));
    const digest = sha256(encode(bare));
    check(hex(digest) === v.approval_digest, `bundle ${v.name}: approval digest`);
    if (b.has(3)) {
      const opened = commitment.open(encode(b.get(3)));
      check(same(opened.root, body.get(8)[0]) && opened.count === body.get(8)[1], `bundle ${v.name}: disclosure`);
    }
    if (b.has(4)) {
      check(same(sha256(encode(b.get(4))), body.get(13)), `bundle ${v.name}: pair of approvals`);
      await verifySign1(parseSign1(b.get(4)[0], APPROVAL, digest), keys.get('preparer CF/bangui'));
      await verifySign1(parseSign1(b.get(4)[1], APPROVAL, digest), keys.get('validator CF/bangui'));
    }
    if (b.has(5)) {
      const p = log.proof(b.get(5));
      check(same(log.rootFrom(s.leafHash, p.index, p.checkpoint.size, p.path), p.checkpoint.root), `bundle ${v.name}: proof`);
    }
  }
}

async function packs(keys) {
  const magic = Buffer.from('adamas-pack/1\n');
  for (const v of vectors(folder, 'packs')) {
    const file = bytes(v.file);
    check(same(file.slice(0, magic.length), magic) && hex(sha256(file)) === v.sha256, `pack ${v.name}: file`);
    const p = decode(file.slice(magic.length));
    check(hex(sha256(decode(p.get(1)[0])[0])) === v.root_fingerprint, `pack ${v.name}: root`);
    const leaves = p.get(2).map(([, joined]) => Array.from({ length: joined.length / 32 }, (_, i) => joined.slice(32 * i, 32 * i + 32)));
    const origins = p.get(2).map(([text, , series], i) => {
      const c = log.checkpoint(text);
      // Earlier checkpoints: of the same log, sizes ascending to the log's own,
      // and each has the root that the leaf hashes have at its size.
      let size = 0;
      for (const earlier of (series ?? []).map(log.checkpoint)) {
        check(earlier.origin === c.origin && earlier.size > size && earlier.size < c.size, `pack ${v.name}: order of the series of ${c.origin}`);
        check(same(commitment.treeHash(leaves[i].slice(0, earlier.size)), earlier.root), `pack ${v.name}: series of ${c.origin} at ${earlier.size}`);
        size = earlier.size;
      }
      check(same(commitment.treeHash(leaves[i]), c.root) && c.size === leaves[i].length, `pack ${v.name}: leaf hashes of ${c.origin}`);
      check(String(leaves[i].map(hex)) === String(v.logs[i].leaf_hashes) && c.origin === v.logs[i].origin, `pack ${v.name}: log ${c.origin}`);
      return c.origin;
    });
    const u64 = (n) => {
      const b = Buffer.alloc(8);
      b.writeBigUInt64BE(BigInt(n));
      return b;
    };
    const selected = p.get(3).map(([l, index, b]) => {
      check(same(parseStatement(b).leafHash, leaves[l][index]), `pack ${v.name}: entry ${index} of log ${l}`);
      return join(u64(Buffer.byteLength(origins[l])), Buffer.from(origins[l]), u64(index), sha256(b));
    });
    const snapshot = parseStatement(p.get(4));
    await verifySign1(snapshot, keys.get('office CF/bangui'));
    const body = snapshot.map.get(8);
    check(hex(sha256(...selected)) === v.selection_digest && same(body.get(2), bytes(v.selection_digest)) && body.get(3) === v.statements, `pack ${v.name}: snapshot`);
  }
}

async function messages(keys) {
  for (const v of vectors(folder, 'messages')) {
    const key = keys.get(v.key);
    const [payload, signature] = decode(bytes(v.signed_message));
    check(hex(payload) === v.payload && hex(signature) === v.signature, `message ${v.name}: payload and signature`);
    const m = decode(payload);
    check(v.name.startsWith(KINDS[m.get(6) - 1]) && m.get(1) === 1 && m.get(2).length === 16, `message ${v.name}: kind, version, id`);
    const s = parseSign1(signature, MESSAGE, payload);
    check(hex(s.message) === v.sig_structure, `message ${v.name}: Sig_structure`);
    await verifySign1(s, key);
    for (const b of bent(payload)) await refuses(`message ${v.name} changed`, async () => verifySign1(parseSign1(signature, MESSAGE, b), key));
    for (const b of m.get(9) ?? []) check(parseStatement(b).map.get(9) === m.get(7), `message ${v.name}: synthetic`);
  }
}

const keys = await makeKeys();
await statements(keys);
await commitments();
await roots(keys);
await logs();
await bundles(keys);
await packs(keys);
await messages(keys);
console.log(`cbor-x and WebCrypto: ${check.count} checks held`);

const auth0 = spawnSync(process.execPath, [here('./auth0.mjs'), folder], { stdio: 'inherit' });
process.exitCode = auth0.status ?? 1;
