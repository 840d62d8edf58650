// @auth0/cose reads every golden statement and its key, verifies it, and
// refuses it when a byte is changed. It runs in a process of its own: the
// library registers tag 18 with cbor-x for the whole process.
import { COSEKey, Sign1 } from '@auth0/cose';
import { readFileSync } from 'node:fs';

const folder = process.argv[2];
const vectors = (name) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')).vectors;
const bytes = (h) => Uint8Array.from(Buffer.from(h, 'hex'));
let held = 0;

async function verifies(statement, key) {
  try {
    await Sign1.decode(statement).verify(key);
    return true;
  } catch {
    return false;
  }
}

const keys = new Map();
for (const v of vectors('keys')) keys.set(v.name, await COSEKey.import(bytes(v.cose_key)).toKeyLike());

const algorithms = new Set();
for (const v of vectors('statements')) {
  const key = keys.get(v.key);
  const statement = bytes(v.statement);
  if (!(await verifies(statement, key))) throw new Error(`${v.name}: @auth0/cose does not verify it`);
  algorithms.add(v.name.endsWith('es256') ? 'ES256' : 'EdDSA');
  if (Buffer.from(Sign1.decode(statement).payload).toString('hex') !== v.payload) throw new Error(`${v.name}: another payload`);
  held += 2;
  for (let i = 4; i < statement.length; i += 7) {
    const bad = Uint8Array.from(statement);
    bad[i] ^= 0x01;
    if (await verifies(bad, key)) throw new Error(`${v.name}: byte ${i} changed, and @auth0/cose verifies it`);
    held++;
  }
}
if (algorithms.size !== 2) throw new Error('both algorithms are to be judged');
console.log(`@auth0/cose: ${held} checks held`);
