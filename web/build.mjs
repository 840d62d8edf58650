// Builds what the pages need into internal/web/dist: one style sheet, the scripts, the typefaces, and the verifier for
// the browser. Text is stored compressed, as it is sent. Same sources, same bytes.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const dist = join(root, "internal/web/dist");
const go = process.env.GO || "go"; // as the Makefile has it

mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) if (name !== "README") rmSync(join(dist, name), { recursive: true });

const put = (name, content) => writeFileSync(join(dist, name + ".gz"), gzipSync(content, { level: 9 }));

const compiled = sass.compile(join(here, "styles/site.scss"), { loadPaths: [join(here, "node_modules")], quietDeps: true, style: "compressed" });
const css = await esbuild.transform(compiled.css, { loader: "css", minify: true, charset: "utf8" });
put("site.css", css.code);

const fonts = join(here, "node_modules/@fontsource");
for (const [name, file] of Object.entries({
  "sans-400": "source-sans-3/files/source-sans-3-latin-400-normal",
  "sans-600": "source-sans-3/files/source-sans-3-latin-600-normal",
  "sans-ext-400": "source-sans-3/files/source-sans-3-latin-ext-400-normal",
  "sans-ext-600": "source-sans-3/files/source-sans-3-latin-ext-600-normal",
  "code-500": "source-code-pro/files/source-code-pro-latin-500-normal",
})) cpSync(join(fonts, file + ".woff2"), join(dist, name + ".woff2"));

for (const name of readdirSync(join(here, "static"))) put(name, readFileSync(join(here, "static", name)));

// Each script is a page's own; what several share is bundled into each.
const scripts = join(here, "scripts");
for (const name of (existsSync(scripts) ? readdirSync(scripts) : []).filter((n) => n.endsWith(".mjs"))) {
  const out = await esbuild.build({ entryPoints: [join(scripts, name)], bundle: true, minify: true, format: "esm", target: "es2020", write: false, legalComments: "none" });
  put(name.replace(/\.mjs$/, ".js"), out.outputFiles[0].contents);
}

// The programs of the page "Check a certificate": the verifier, and the reader of pictures.
const programs = { check: "internal/certificate/certificateweb/browser", lens: "internal/certificate/certificateweb/lens" };
for (const [name, program] of Object.entries(programs)) {
  const wasm = join(dist, name + ".wasm");
  execFileSync(go, ["build", "-trimpath", "-ldflags=-s -w", "-o", wasm, "./" + program],
    { cwd: root, stdio: "inherit", env: { ...process.env, GOOS: "js", GOARCH: "wasm", CGO_ENABLED: "0" } });
  put(name + ".wasm", readFileSync(wasm));
  rmSync(wasm);
}
const goroot = execFileSync(go, ["env", "GOROOT"], { encoding: "utf8" }).trim();
put("wasm_exec.js", readFileSync(join(goroot, "lib/wasm/wasm_exec.js")));
