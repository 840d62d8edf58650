// Reads the document of the API and what was asked and answered: the document is
// OpenAPI 3.1 as its own schema has it, and every body that was sent and every answer that
// was given is what the document says of that operation.
//
//	node judges/openapi.mjs openapi.json exchanges.json
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const document = read(process.argv[2]);
const validator = new Validator();
const judged = await validator.validate(structuredClone(document));
if (!judged.valid) throw new Error(`not OpenAPI: ${JSON.stringify(judged.errors, null, 1)}`);
if (validator.version !== '3.1') throw new Error(`version ${validator.version}`);

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: 'document', ...document });
const compiled = new Map();
const schemaAt = (pointer) => {
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `document#${pointer}` }));
  return compiled.get(pointer);
};
const escape = (s) => encodeURIComponent(s.replaceAll('~', '~0').replaceAll('/', '~1'));

const operations = [];
for (const [path, item] of Object.entries(document.paths))
  for (const [method, operation] of Object.entries(item))
    operations.push({ path, method, operation, match: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`) });

const wrong = [];
const seen = new Set();
const refused = new Set();
const statuses = new Set();
for (const x of read(process.argv[3])) {
  const found = operations.filter((o) => o.method === x.method.toLowerCase() && o.match.test(x.path));
  const o = found.find((f) => f.path === x.path) ?? found.find((f) => !f.path.includes('{') ) ?? found[0];
  if (!o) { wrong.push(`${x.method} ${x.path} is not in the document`); continue; }
  const at = `/paths/${escape(o.path)}/${o.method}`;
  const hold = (what, pointer, value) => {
    const check = schemaAt(pointer);
    if (!check(value)) wrong.push(`${o.operation.operationId} ${x.status}, ${what}: ${ajv.errorsText(check.errors)}`);
  };
  const sent = o.operation.requestBody?.content?.['application/json'];
  if (sent && x.sent !== null && x.status < 300) hold('sent', `${at}/requestBody/content/application~1json/schema`, x.sent);
  let where = `${at}/responses/${x.status}`;
  let answer = o.operation.responses[x.status];
  if (!answer) { wrong.push(`${o.operation.operationId} answers ${x.status}, which the document does not name`); continue; }
  if (answer.$ref) {
    where = answer.$ref.slice(1);
    answer = document.components.responses[answer.$ref.split('/').at(-1)];
  }
  const is = x.media.split(';')[0];
  const media = Object.keys(answer.content).find((m) => m === is || (m.endsWith('/*') && is.startsWith(m.slice(0, -1))));
  if (!media) { wrong.push(`${o.operation.operationId}: ${x.status} is answered as ${is}`); continue; }
  if (x.status < 300 !== (is !== 'application/problem+json')) wrong.push(`${o.operation.operationId}: ${x.status} is answered as ${is}`);
  if (is.endsWith('json')) hold('answer', `${where}/content/${escape(media)}/schema`, x.answer);
  for (const name of x.status === 429 ? ['Retry-After'] : x.status === 401 ? ['WWW-Authenticate'] : [])
    if (!answer.headers?.[name]) wrong.push(`${o.operation.operationId}: ${x.status} says nothing of ${name}`);
  (x.status < 300 ? seen : refused).add(o.operation.operationId);
  statuses.add(`${o.operation.operationId} ${x.status}`);
}
if (wrong.length > 0) throw new Error(wrong.join('\n'));
for (const { operation, path, method } of operations) {
  if (!operation.summary || !operation['x-permission'] || !operation.operationId) throw new Error(`${method} ${path} says too little`);
  if (!operation['x-codeSamples']?.[0]?.source.includes(path.split('{')[0])) throw new Error(`${method} ${path} shows itself nowhere`);
  if (operation.security?.length === 0) throw new Error(`${method} ${path} asks for no key`);
}
console.log(JSON.stringify({ operations: operations.length, answered: [...seen].sort(), refused: [...refused].sort(), statuses: [...statuses].sort() }));
