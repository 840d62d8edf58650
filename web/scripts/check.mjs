// The page "Check a certificate": what is chosen, dropped, pasted, photographed or found behind the # of the address is
// judged on the reader's device.
import { scan } from "./check/camera.mjs";
import { byId, el, show } from "./check/dom.mjs";
import { Facts } from "./check/facts.mjs";
import { keep, thin } from "./check/keep.mjs";
import { kindOf } from "./check/kind.mjs";
import { codesIn, isPicture } from "./check/picture.mjs";
import { problem, result } from "./check/render.mjs";
import { Lens, Told, Verifier } from "./check/verifier.mjs";
import { ago, day, short, t } from "./check/words.mjs";

const data = byId("check").dataset;
const verifier = new Verifier(data), lens = new Lens(data);
const facts = new Facts(verifier);
const outcome = byId("outcome"), progress = byId("progress");
let last = null; // what was judged last, to judge it again from newer facts
let held = {}; // codes of a paper that were read one without the other
let busy = Promise.resolve(), waiting = 0;

// one does one thing after another: a second file waits for the first.
function one(act) {
  waiting++;
  busy = busy.then(act).catch(failed).finally(() => {
    waiting--;
    progress.textContent = "";
  });
  return busy;
}

// say tells somebody who waits how far it is.
function say(key, args) {
  if (waiting > 0) progress.textContent = t(key, args);
}

function failed(e) {
  if (e instanceof Told) return show(outcome, "h2", problem({ text: e.text, remedy: e.remedy ?? "" }));
  console.warn(e);
  show(outcome, "h2", problem({ text: t("broken"), remedy: t("broken_remedy") }));
}

const refuse = (key, ...more) => show(outcome, "h2", problem({ text: t(key), remedy: t(key + "_remedy") }, ...more));

// ready has the verifier and facts to judge from, or what the verifier says without any.
const ready = once(async () => {
  say("fetching");
  if (!facts.pack) byId("facts-age").textContent = t("fetching");
  await verifier.start();
  say("opening");
  if (await facts.load()) tell();
  else await renew();
});

function once(act) {
  let made = null;
  return () => (made ??= act().catch((e) => {
    made = null;
    throw e;
  }));
}

// renew fetches newer facts; what stands on the page stays, with the offer to judge again.
async function renew() {
  const before = facts.pack;
  const came = await facts.renew(() => {
    say("facts_soon");
    byId("facts-age").textContent = t("facts_soon");
  });
  tell(came);
  if (came === "refused") outcome.prepend(otherRoot());
  if (came === "new" && before && last) {
    const again = el("button", { type: "button", class: "govuk-button govuk-button--secondary" }, t("again"));
    again.onclick = () => one(() => judge(last));
    byId("result")?.append(el("p", { id: "newer" }, t("facts_newer"), " ", again));
  }
}

// otherRoot warns of a pack under a root document to which no signature leads.
function otherRoot() {
  const { text, ours } = facts.refused;
  return problem({ title: t("other_root_title"), text: t("other_root"), remedy: t("other_root_remedy", { root: short(ours.fingerprint), time: day(ours.since) }) }, el("p", {}, text));
}

// tell says what the page judges from, and how old it is.
function tell(came) {
  const { pack, since } = facts;
  if (!pack) {
    byId("facts-age").textContent = t("facts_none");
    return;
  }
  const root = short(pack.roots.at(-1).fingerprint);
  byId("facts-age").textContent = [pack.synthetic, t("facts", { time: pack.as_of.text, age: ago(pack.as_of.at) }), came === "offline" && t(navigator.onLine ? "network_refused" : "offline")].filter(Boolean).join(" ");
  byId("facts-root").textContent = since ? t("root", { root, time: day(since) }) : t("root_not_kept", { root });
}

function question() {
  const form = new FormData(byId("lay"));
  const purpose = form.get("purpose");
  return { at: new Date().toISOString(), purpose, destination: purpose === "import" ? form.get("destination") : "" };
}

// judge shows what is said of bytes: a certificate's file, a PDF, the text of codes, or a pack.
async function judge(bytes, remark) {
  await ready();
  await facts.changing;
  say("judging");
  let answer;
  try {
    answer = await verifier.check(bytes, question());
  } catch (e) {
    if (e instanceof Told && (e.key === "check.not_a_certificate" || e.key === "check.no_pack" || e.key === "check.too_large") && (await isPack(bytes))) return;
    throw e;
  }
  last = bytes;
  show(outcome, "h2", result(answer));
  if (remark) byId("result").append(el("p", { class: "quiet" }, remark));
}

// isPack takes what is no certificate as a pack, where it is one.
async function isPack(bytes) {
  let came;
  try {
    came = await facts.take(bytes);
  } catch {
    return false;
  }
  tell(came);
  if (came === "refused") show(outcome, "h2", otherRoot());
  else show(outcome, "h2", el("section", { class: "result" }, el("h2", { tabindex: "-1" }, t(came === "older" ? "facts_old" : "facts_new", { time: facts.pack.as_of.text }))));
  return true;
}

// judgeCodes judges what was read of a paper: with what was read before, where it belongs to it.
async function judgeCodes(found) {
  const before = held, joined = { ...before, ...found };
  const lines = (codes) => new TextEncoder().encode(Object.values(codes).join("\n"));
  held = joined.C && joined.P ? {} : joined;
  const remark = joined.P ? null : t("one_code");
  try {
    await judge(lines(joined), remark);
  } catch (e) {
    if (!(e instanceof Told) || Object.keys(before).length === 0 || Object.keys(found).length === 2) throw e;
    held = found; // the one read before was of another paper
    await judge(lines(found), found.P ? null : t("one_code"));
  }
}

async function file(chosen) {
  say("reading");
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  if (bytes.length === 0) return refuse("nothing");
  if (!isPicture(bytes)) return judge(bytes);
  say("looking");
  let found;
  try {
    found = await codesIn(chosen, bytes, lens);
  } catch (e) {
    console.info(e);
    return refuse("no_picture");
  }
  if (found === null) return refuse("no_picture");
  if (found === "two") return refuse("two_papers");
  return Object.keys(found).length === 0 ? refuse("no_code") : judgeCodes(found);
}

// text is what was typed, pasted or scanned by a hand scanner.
async function text(typed) {
  const found = {};
  for (const line of typed.split(/\s+(?=HTTPS?:|\/?[CP]#)/i)) if (kindOf(line)) found[kindOf(line)] = line.replace(/\s+/g, "");
  return Object.keys(found).length > 0 ? judgeCodes(found) : judge(new TextEncoder().encode(typed));
}

async function camera() {
  let found;
  try {
    found = await scan(byId("lens"), lens, held.C ? {} : held);
  } catch (e) {
    console.info(e);
    return refuse("camera_none");
  }
  if (found) return judgeCodes(found);
  byId("camera").focus();
}

// byNumber judges the file that the office offers under a number; what it does not offer, the registers are asked for.
async function byNumber(form) {
  const number = form.number.value.toUpperCase().replace(/\s+/g, "");
  let response;
  try {
    response = await fetch(`/certificates/${encodeURIComponent(number)}.adamas`);
  } catch {
    return refuse("number_offline");
  }
  if (!response.ok) return form.submit();
  return judge(new Uint8Array(await response.arrayBuffer()));
}

// fromAddress judges what stands behind the #: a telephone's own camera has opened a paper's code.
function fromAddress() {
  const read = location.pathname.slice(0, 2) + location.hash;
  if (location.hash.length < 2) return;
  if (location.pathname === "/R") return one(() => text(read)); // a confirmation of import is told as such
  if (!kindOf(read)) return;
  for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
  one(() => judgeCodes({ [kindOf(read)]: read }));
}

byId("file").addEventListener("change", (e) => {
  const chosen = e.target.files[0];
  if (chosen) one(() => file(chosen));
});
byId("lay").addEventListener("submit", (e) => {
  e.preventDefault();
  const chosen = byId("file").files[0], typed = byId("codes").value.trim();
  if (typed) one(() => text(typed));
  else if (chosen) one(() => file(chosen));
  else refuse("nothing");
});
byId("by-number").addEventListener("submit", (e) => {
  e.preventDefault();
  one(() => byNumber(e.target));
});
byId("camera").addEventListener("click", () => one(camera));
document.addEventListener("dragover", (e) => e.preventDefault());
document.addEventListener("drop", (e) => {
  e.preventDefault();
  const dropped = e.dataTransfer.files[0], typed = e.dataTransfer.getData("text");
  if (dropped) one(() => file(dropped));
  else if (typed) one(() => text(typed));
});
document.addEventListener("paste", (e) => {
  const pasted = e.clipboardData.files[0], typed = e.clipboardData.getData("text");
  if (pasted) one(() => file(pasted));
  else if (typed && !e.target.closest?.("input, textarea")) one(() => text(typed));
});
window.addEventListener("hashchange", fromAddress);
window.addEventListener("beforeinstallprompt", (e) => {
  e.preventDefault();
  const install = byId("install");
  install.hidden = false;
  install.onclick = async () => {
    await e.prompt();
    install.hidden = true;
  };
});

// settle makes the page ready for what comes, when nobody waits for anything else.
async function settle() {
  try {
    await ready();
    await renew();
  } catch (e) {
    if (!(e instanceof Told)) console.warn(e);
    byId("facts-age").textContent = e instanceof Told ? e.text : t("broken");
  }
  await keep(byId("facts-offline"), data.worker);
  setTimeout(later, 30000); // who asked has had a newer pack made, perhaps
}

// later looks for newer facts from time to time, while somebody looks at the page.
async function later() {
  if (!document.hidden && waiting === 0) await renew().catch((e) => console.info(e));
  setTimeout(later, 600000);
}

fromAddress();
if (thin() && !navigator.serviceWorker?.controller) {
  const ask = el("button", { type: "button", class: "govuk-button govuk-button--secondary" }, t("keep"));
  ask.onclick = () => one(settle);
  byId("facts-age").replaceChildren(ask);
} else {
  const idle = () => ("requestIdleCallback" in self ? requestIdleCallback(settle, { timeout: 3000 }) : setTimeout(settle, 500));
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}
