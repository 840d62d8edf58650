// Runs the verifier's WASM build as a page would and prints its answers, one
// line each.
//
//	node judges/wasm.mjs verify.wasm wasm_exec.js questions.json
//
// questions.json is a list of {bundle, pack, question}: file contents in base64,
// null for an argument that is no Uint8Array. Nothing here can be reached over a
// network: what would is taken away first.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [wasmFile, execFile, questionsFile] = process.argv.slice(2);

for (const name of ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"]) {
  Object.defineProperty(globalThis, name, {
    get() {
      throw new Error(`the verifier asked for ${name}`);
    },
  });
}

await import(pathToFileURL(execFile));
const go = new Go();
const { instance } = await WebAssembly.instantiate(await readFile(wasmFile), go.importObject);
go.run(instance); // ends when the process does

const bytes = (base64) => (base64 === null ? "no bytes" : new Uint8Array(Buffer.from(base64, "base64")));
for (const { bundle, pack, question } of JSON.parse(await readFile(questionsFile, "utf8"))) {
  console.log(adamasVerify(bytes(bundle), bytes(pack), question));
}
process.exit(0);
