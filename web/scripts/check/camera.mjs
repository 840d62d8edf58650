// The camera: frames are read until both codes are there, or the reader says that one is enough.
import { byId, el } from "./dom.mjs";
import { detected, encoded } from "./picture.mjs";
import { kindOf } from "./kind.mjs";
import { t } from "./words.mjs";

// Bounds of one picture: in pixels, and in milliseconds.
const frame = 2.1e6, patience = 900;

// scan shows the camera in a place and gives {C, P}, null when it was stopped. held is what was read before. Error: there
// is no camera, or it may not be used.
export async function scan(place, lens, held) {
  const found = { ...held };
  const video = el("video", { playsinline: true, "aria-label": t("camera_label") });
  video.muted = true;
  const said = el("p", { role: "status" }, t("camera_wait"));
  const enough = el("button", { type: "button", class: "govuk-button", hidden: !found.C }, t("camera_enough"));
  const stop = el("button", { type: "button", class: "govuk-button govuk-button--secondary", id: "camera-stop" }, t("camera_stop"));
  place.replaceChildren(video, said, el("div", { class: "govuk-button-group" }, enough, stop));
  place.hidden = false;
  byId("lens-start").hidden = true;
  stop.focus();
  let stream = null, ended = null;
  const end = new Promise((done) => (ended = done));
  const escape = (e) => e.key === "Escape" && ended("stop");
  const away = () => document.hidden && ended("stop");
  stop.onclick = () => ended("stop");
  enough.onclick = () => ended("enough");
  document.addEventListener("keydown", escape);
  document.addEventListener("visibilitychange", away);
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } } });
    video.srcObject = stream;
    await video.play();
    said.textContent = tell(found);
    let over = null;
    end.then((how) => (over = how));
    for (let n = 0; !over; n++) {
      for (const text of await look(video, lens, n)) {
        const kind = kindOf(text);
        if (!kind || found[kind] === text) continue;
        found[kind] = text;
        enough.hidden = !found.C;
        said.textContent = tell(found);
      }
      if (found.C && found.P) over = "both";
      await new Promise((next) => setTimeout(next, 30));
    }
    return over === "stop" ? null : found;
  } finally {
    document.removeEventListener("keydown", escape);
    document.removeEventListener("visibilitychange", away);
    for (const track of stream?.getTracks() ?? []) track.stop();
    place.hidden = true;
    place.replaceChildren();
    byId("lens-start").hidden = false;
  }
}

const tell = (found) => t(found.C ? "camera_certificate" : found.P ? "camera_proof" : "camera_hold");

// look reads one picture: by the browser's own reader, or by ours. Now and then ours looks also where the browser's own
// finds one code, since that finds small ones less often.
async function look(video, lens, n) {
  const own = await detected(video);
  if (own.length > 1 || (own.length > 0 && n % 4 !== 3)) return own;
  const { videoWidth: w, videoHeight: h } = video;
  if (!w || !h) return own;
  const texts = await lens.look(await encoded(video, w, h, frame), patience);
  return Array.isArray(texts) ? [...own, ...texts] : own;
}
