// Starts a WASM program as a page would, with nothing that could reach a network.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// start runs the program; it ends when the process does.
export async function start(wasmFile, execFile) {
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
  go.run(instance);
}
