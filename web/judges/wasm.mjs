// Runs the verifier's WASM build as a page would and prints its answers, one
// line each.
//
//	node judges/wasm.mjs verify.wasm wasm_exec.js questions.json
//
// questions.json is a list of {bundle, pack, question}: file contents in base64,
// null for an argument that is no Uint8Array. Nothing here can be reached over a
// network: what would is taken away first.

import { readFile } from "node:fs/promises";
import { start } from "./offline.mjs";

const [wasmFile, execFile, questionsFile] = process.argv.slice(2);

await start(wasmFile, execFile);

const bytes = (base64) => (base64 === null ? "no bytes" : new Uint8Array(Buffer.from(base64, "base64")));
for (const { bundle, pack, question } of JSON.parse(await readFile(questionsFile, "utf8"))) {
  console.log(adamasVerify(bytes(bundle), bytes(pack), question));
}
process.exit(0);
