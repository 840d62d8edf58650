// The import desk: what the scale shows is compared while it is typed, keys press buttons, the camera reads codes. All of
// it goes without this script too.
import { scan } from "./check/camera.mjs";
import { byId } from "./check/dom.mjs";
import { Lens } from "./check/verifier.mjs";
import { t } from "./check/words.mjs";

const desk = byId("receiving");

// scanField is where a code is scanned on the first page; null on others.
const scanField = () => byId("scan-form")?.elements.scan ?? null;

// A hand scanner types like a person, faster, and ends with Enter: keys that come this quickly one after the other, in
// milliseconds, are not a person's.
const quick = 60, person = 150, patient = 2000;

weights();
keys();
camera();

// weights compares what is typed with what is stated, as the server will.
function weights() {
  const table = byId("weights");
  if (!table) return;
  const language = document.documentElement.lang;
  const form = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 3, useGrouping: true });
  const inputs = [...table.querySelectorAll("input[inputmode=decimal]")], whole = table.querySelector(".total");
  const show = (row, typed) => {
    const out = row.querySelector(".delta output"), stated = +row.dataset.stated;
    if (!stated) return;
    const gap = typed - stated, beyond = Math.abs(gap) > +row.dataset.allowed;
    out.classList.toggle("beyond", typed === null || beyond);
    out.textContent = typed === null ? table.dataset.none : (gap > 0 ? "+" : gap < 0 ? "−" : "") + form.format(Math.abs(gap) / 1000) + (beyond ? " " + table.dataset.beyond : "");
  };
  const reckon = () => {
    let sum = 0;
    for (const input of inputs) {
      const typed = thousandths(input.value);
      sum = sum === null || typed === null ? null : sum + typed;
      show(input.closest("tr"), typed);
    }
    const out = byId("sum");
    if (out && sum !== null) out.textContent = form.format(sum / 1000);
    show(whole, sum);
  };
  table.addEventListener("input", reckon);
  reckon();
}

// thousandths reads a weight as it is typed: either sign of the decimals, blanks between groups; null for what is none.
function thousandths(text) {
  let plain = text.replace(/[\s\u00a0\u202f]/g, "");
  if (/^\d{1,3}(,\d{3})+\.\d+$/.test(plain)) plain = plain.replace(/,/g, "");
  if (/^\d{1,3}(\.\d{3})+,\d+$/.test(plain)) plain = plain.replace(/\./g, "");
  plain = plain.replace(",", ".");
  return /^\d+(\.\d{1,3})?$/.test(plain) ? Math.round(parseFloat(plain) * 1000) : null;
}

// keys makes d and n work outside of text fields, and puts the confirmation under Enter when all is well. What a scanner
// types into the page presses nothing: the next paper must not confirm the one before. It is kept, and read as the next.
function keys() {
  const ready = document.querySelector("button[data-ready]");
  if (ready && !document.querySelector(".govuk-error-summary")) ready.focus({ preventScroll: true });
  let last = 0, burst = "", waiting = 0, reading = false;
  const inText = (e) => e.target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select") ?? false;
  const act = (key) => {
    if (key === "n") location.assign(desk.dataset.next);
    const box = byId("discrepancy");
    if (key === "d" && box) {
      box.open = true;
      box.querySelector("[name=reason]").focus();
      box.scrollIntoView({ block: "nearest" });
    }
  };
  // A scanner writes where the cursor is, in the field of the scale too: a code is taken out of any field but its own.
  document.addEventListener("input", (e) => {
    const field = scanField(), at = e.target.tagName === "INPUT" && e.target.name !== "scan" ? e.target.value.search(/https?:\/\/\S+\/[cpr]#/i) : -1;
    if (at < 0) return;
    const code = e.target.value.slice(at);
    e.target.value = e.target.value.slice(0, at).trimEnd();
    if (field) {
      field.value = code;
      return field.focus();
    }
    e.target.dispatchEvent(new Event("input", { bubbles: true }));
    e.target.blur();
    [burst, reading, last] = [code, true, e.timeStamp];
  });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.isComposing) return;
    if (e.key === "Escape" && inText(e)) return e.target.blur();
    if (inText(e)) return;
    reading &&= e.timeStamp - last < patient;
    const since = reading ? 0 : e.timeStamp - last;
    last = e.timeStamp;
    if (e.key.length === 1) {
      burst = since < quick ? burst + e.key : e.key;
      clearTimeout(waiting);
      // A key alone is a person's: it is done when no other has followed quickly.
      if (burst.length === 1 && /^[dn]$/.test(e.key)) waiting = setTimeout(() => burst.length === 1 && act(e.key), person);
      if (burst.length > 1) e.preventDefault();
      return;
    }
    if (e.key === "Enter" && burst.length > 5 && since < quick * 4) {
      e.preventDefault();
      e.stopPropagation();
      scanned(burst);
      [burst, reading] = ["", false];
    }
  }, true);
}

// scanned takes to the first page what was scanned on another one.
function scanned(text) {
  const field = scanField();
  if (!field) {
    sessionStorage.setItem("scanned", text);
    location.assign(desk.dataset.next);
    return;
  }
  field.value = text;
  field.form.requestSubmit();
}

// camera offers the camera where the browser has one, which it has over https alone.
function camera() {
  const start = byId("lens-start");
  if (!start) return;
  const waiting = sessionStorage.getItem("scanned");
  sessionStorage.removeItem("scanned");
  if (waiting && byId("scan-form").elements.place.value && !byId("summary")) return scanned(waiting);
  if (!navigator.mediaDevices?.getUserMedia || !self.isSecureContext) return;
  start.hidden = false;
  const lens = new Lens(desk.dataset);
  byId("camera").addEventListener("click", async () => {
    byId("lens-said").textContent = "";
    let found = null;
    try {
      found = await scan(byId("lens"), lens, {});
    } catch (e) {
      console.info(e);
      byId("lens-said").textContent = t("camera_none") + " " + t("camera_none_remedy");
    }
    if (!found) return byId("camera").focus();
    scanField().value = Object.values(found).join(" ");
    byId("scan-form").requestSubmit();
  });
}
