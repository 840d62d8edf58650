// Runs the page's verifier as a page would, with the network off, and prints its
// answers, one line each.
//
//	node judges/browser.mjs check.wasm wasm_exec.js calls.json
//
// calls.json is a list of [function, argument...]: {"bytes": base64} is a Uint8Array,
// everything else is given as it is. With a reading comes "lines", the text that
// `adamas verify` prints, put together from the reading's parts by this file alone.

import { readFile } from "node:fs/promises";
import { start } from "./offline.mjs";

const [wasmFile, execFile, callsFile] = process.argv.slice(2);

await start(wasmFile, execFile);

function lines(r) {
  const out = [[r.mark, r.synthetic, ...r.headline].filter(Boolean).join(" "), ""];
  if (r.unproved) out.push(r.unproved);
  const wide = Math.max(...r.fields.map((f) => [...f.name].length));
  for (const f of r.fields) {
    const indented = f.text.replaceAll("\n", "\n" + " ".repeat(wide + 4));
    out.push("  " + f.name + " ".repeat(wide - [...f.name].length) + "  " + indented);
  }
  out.push("", r.why);
  for (const c of r.checks) out.push(`  ${c.mark} ${c.text}`, `      ${c.behind}`);
  out.push("", r.unsaid, ...r.not_said.map((n) => "  " + n), "");
  return out.join("\n");
}

const argument = (a) => (a?.bytes === undefined ? a : new Uint8Array(Buffer.from(a.bytes, "base64")));
for (const [name, ...args] of JSON.parse(await readFile(callsFile, "utf8"))) {
  const answer = adamas[name](...args.map(argument));
  const { reading } = JSON.parse(answer);
  const line = JSON.stringify({ answer, lines: reading && lines(reading) }) + "\n";
  await new Promise((written) => process.stdout.write(line, written)); // the exit below waits for nothing
}
process.exit(0);
