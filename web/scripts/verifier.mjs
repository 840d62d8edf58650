// The worker of the page "Check a certificate": it runs one of the two programs in WASM, the verifier or the reader of
// pictures. A page stays usable while it works. It asks the network for nothing but the program.

let started = null;

// start starts a program, once.
function start({ program, loader }) {
  started ??= (async () => {
    importScripts(loader);
    const go = new Go();
    const response = await fetch(program);
    if (!response.ok) throw new Error(`${program}: ${response.status}`);
    const { instance } = await WebAssembly.instantiateStreaming(response, go.importObject);
    go.run(instance); // until the worker ends
  })();
  return started;
}

// told reads an answer of the verifier.
function told(json) {
  const answer = JSON.parse(json);
  if (answer.fault) throw answer;
  return answer;
}

const acts = {
  start,
  words: ({ file }) => told(adamas.words(file)),
  open: ({ file, root }) => told(adamas.open(file, root ?? "")),
  check({ file, question }) {
    const answer = told(adamas.check(file, question));
    const likeness = JSON.parse(adamas.likeness(file));
    return { ...answer, likeness: likeness.fault ? null : likeness };
  },
  look: ({ picture, patience }) => adamasLens(picture, patience),
};

onmessage = async ({ data: { id, name, args } }) => {
  try {
    postMessage({ id, answer: (await acts[name](args)) ?? "" });
  } catch (e) {
    postMessage(e.fault ? { id, fault: e.fault } : { id, mistake: String(e) });
  }
};
