// The page's end of the lines to its workers.

// Told is a fault in words; everything else is a mistake in the page.
export class Told extends Error {
  constructor(fault) {
    super(fault.text);
    Object.assign(this, fault);
  }
}

// Program is one of the worker's programs, fetched when it is first needed.
class Program {
  #worker = null;
  #waiting = new Map();
  #next = 0;
  #script;
  #files;
  #started = null;

  constructor(script, files) {
    this.#script = script;
    this.#files = files;
  }

  // start fetches the program, once.
  start() {
    this.#started ??= this.begin().catch((e) => {
      this.#started = null;
      throw e;
    });
    return this.#started;
  }

  begin() {
    return this.ask("start", this.#files);
  }

  ask(name, args, transfer = []) {
    if (!this.#worker) {
      this.#worker = new Worker(this.#script);
      this.#worker.onmessage = ({ data }) => this.#answer(data);
      this.#worker.onerror = (e) => this.#lost(e);
    }
    return new Promise((done, failed) => {
      const id = ++this.#next;
      this.#waiting.set(id, { done, failed });
      this.#worker.postMessage({ id, name, args }, transfer);
    });
  }

  #answer({ id, answer, fault, mistake }) {
    const asked = this.#waiting.get(id);
    if (!asked) return;
    this.#waiting.delete(id);
    if (fault) asked.failed(new Told(fault));
    else if (mistake) asked.failed(new Error(mistake));
    else asked.done(answer);
  }

  // lost begins anew with the next question: a worker that ran out of memory is gone.
  #lost(e) {
    this.#worker.terminate();
    this.#worker = this.#started = null;
    for (const { failed } of this.#waiting.values()) failed(new Error(e.message || "the worker ended"));
    this.#waiting.clear();
  }
}

// Verifier is the program that judges, in the page's language.
export class Verifier extends Program {
  #words;

  constructor({ verifier, program, loader, words }) {
    super(verifier, { program, loader });
    this.#words = words;
  }

  async begin() {
    const [, spoken] = await Promise.all([super.begin(), fetch(this.#words).then((r) => {
      if (!r.ok) throw new Error(`${this.#words}: ${r.status}`);
      return r.arrayBuffer();
    })]);
    await this.ask("words", { file: new Uint8Array(spoken) });
  }

  async open(file, root) {
    await this.start();
    return (await this.ask("open", { file, root })).pack;
  }

  async check(file, question) {
    await this.start();
    return this.ask("check", { file, question });
  }
}

// Lens is the program that reads the codes in a picture.
export class Lens extends Program {
  constructor({ verifier, lens, loader }) {
    super(verifier, { program: lens, loader });
  }

  // look gives the codes in a PNG or JPEG, an address each; null when it cannot be read, "two" for those of two papers.
  async look(picture, patience) {
    await this.start();
    const said = await this.ask("look", { picture, patience }, [picture.buffer]);
    return said === "!damaged" ? null : said === "!two" ? "two" : said.split("\n").filter(Boolean);
  }
}
