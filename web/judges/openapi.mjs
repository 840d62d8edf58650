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
  const status = o.operation.responses[x.status] ? String(x.status) : 'default';
  const media = x.status < 300 ? 'application/json' : 'application/problem+json';
  const answers = o.operation.responses[status].content ?? {};
  if (!answers[media]) { if (x.answer !== null) wrong.push(`${o.operation.operationId}: ${x.status} is answered as ${media}`); continue; }
  hold('answer', `${at}/responses/${status}/content/${escape(media)}/schema`, x.answer);
  if (x.status < 300) seen.add(o.operation.operationId);
}
if (wrong.length > 0) throw new Error(wrong.join('\n'));
for (const { operation, path, method } of operations) {
  if (!operation.summary || !operation['x-permission'] || !operation.operationId) throw new Error(`${method} ${path} says too little`);
  if (operation.security?.length === 0) throw new Error(`${method} ${path} asks for no key`);
}
console.log(JSON.stringify({ operations: operations.length, answered: [...seen].sort() }));
