// What the page judges from: a pack, proved by the verifier and kept on the device, and the root document that the device
// has known first. A pack under another root, or one older than the one that is kept, takes nothing's place.
import { Told } from "./verifier.mjs";

const shelf = "adamas-facts", place = "/pack", noted = "adamas.roots";

// roots are the root documents that this device has known, the newest last: [{fingerprint, since}].
function roots() {
  try {
    const list = JSON.parse(localStorage.getItem(noted) ?? "[]");
    return Array.isArray(list) ? list.filter((r) => /^[0-9a-f]{64}$/.test(r?.fingerprint)) : [];
  } catch {
    return [];
  }
}

function note(list) {
  try {
    localStorage.setItem(noted, JSON.stringify(list));
    return true;
  } catch {
    return false;
  }
}

export class Facts {
  pack = null; // as the verifier tells of it
  refused = null; // the root that the site offered and that was refused, with ours
  since = null; // when this device first knew the root in force; null where nothing can be kept
  changing = Promise.resolve(); // ends when the verifier judges from the pack above, and not from one that it is trying
  #verifier;
  #bytes = null; // where nothing can be kept

  constructor(verifier) {
    this.#verifier = verifier;
  }

  // load opens what the device has kept; false when there is nothing.
  async load() {
    const bytes = await this.#kept();
    if (!bytes) return false;
    try {
      await this.#open(bytes);
    } catch (e) {
      if (!(e instanceof Told)) throw e;
      await this.#forget(); // damaged, or of another root than the one that is noted: it is not believed
      return false;
    }
    return true;
  }

  // renew fetches the newest pack of this site. It tells what came of it: "new", "same", "older", "none" (the site has
  // none), "offline", "refused". A site that is putting one together is asked again; soon is called then. Error: the pack
  // is refused for another reason than its root.
  async renew(soon) {
    let response;
    try {
      for (let tries = 0; tries < 30; tries++) {
        response = await fetch(place, { cache: "no-cache" });
        if (response.status !== 503 || this.pack) break;
        soon();
        await new Promise((next) => setTimeout(next, 2000));
      }
    } catch {
      return "offline";
    }
    if (!response.ok) return response.status === 404 ? "none" : "offline";
    let bytes;
    try {
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch {
      return "offline";
    }
    return this.take(bytes);
  }

  // take takes a pack from wherever it comes, one after another.
  take(bytes) {
    const came = this.changing.then(() => this.#take(bytes));
    this.changing = came.catch(() => {}); // who gave it is told
    return came;
  }

  async #take(bytes) {
    const before = this.pack;
    if (before && (await digest(bytes)) === before.sha256) return "same";
    let pack;
    try {
      pack = await this.#verifier.open(bytes, roots().at(-1)?.fingerprint);
    } catch (e) {
      if (!(e instanceof Told) || e.key !== "check.other_root") throw e;
      this.refused = { text: e.text, ours: roots().at(-1) };
      return "refused";
    }
    if (before && (pack.as_of.at < before.as_of.at || (pack.as_of.at === before.as_of.at && pack.made.at <= before.made.at))) {
      await this.#verifier.open((await this.#kept()) ?? this.#bytes, roots().at(-1)?.fingerprint);
      return pack.sha256 === before.sha256 ? "same" : "older";
    }
    this.#use(pack);
    await this.#keep(bytes);
    return "new";
  }

  async #open(bytes) {
    this.#use(await this.#verifier.open(bytes, roots().at(-1)?.fingerprint));
    this.#bytes = "caches" in self ? null : bytes;
  }

  #use(pack) {
    this.pack = pack;
    this.refused = null;
    const list = roots(), current = pack.roots.at(-1).fingerprint;
    if (list.at(-1)?.fingerprint !== current) list.push({ fingerprint: current, since: new Date().toISOString() });
    this.since = note(list) ? list.at(-1).since : null;
  }

  async #kept() {
    try {
      const kept = await (await caches.open(shelf)).match(place);
      return kept ? new Uint8Array(await kept.arrayBuffer()) : this.#bytes;
    } catch {
      return this.#bytes; // not a secure address, or a browser that keeps nothing
    }
  }

  async #keep(bytes) {
    try {
      await (await caches.open(shelf)).put(place, new Response(bytes, { headers: { "Content-Type": "application/octet-stream" } }));
      this.#bytes = null;
    } catch {
      this.#bytes = bytes;
    }
  }

  async #forget() {
    try {
      await caches.delete(shelf);
    } catch {} // there was nothing to delete
    this.#bytes = null;
  }
}

async function digest(bytes) {
  if (!crypto.subtle) return null;
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
