// Keeping the page for use without a network: worker.js does it, this says how far it is.
import { el } from "./dom.mjs";
import { t } from "./words.mjs";

// thin tells whether the reader's line is one to be asked before much goes over it.
export const thin = () => Boolean(navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType ?? ""));

// keep has the page kept, and says so in a place.
export async function keep(place, worker) {
  if (!("serviceWorker" in navigator)) {
    place.textContent = t("not_kept");
    return;
  }
  try {
    const registration = await navigator.serviceWorker.register(worker, { scope: "/", updateViaCache: "none" });
    if (!registration.active) place.textContent = t("keeping");
    registration.addEventListener("updatefound", () => watch(registration, place));
    if (registration.waiting) offer(registration.waiting, place);
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ language: document.documentElement.lang });
    if (!registration.waiting) place.textContent = t("kept");
    await navigator.storage?.persist?.();
  } catch {
    place.textContent = t(navigator.onLine ? "not_kept" : "offline");
  }
}

// watch offers a newer version when it is whole.
function watch(registration, place) {
  const next = registration.installing;
  next?.addEventListener("statechange", () => {
    if (next.state === "installed" && registration.active) offer(next, place);
  });
}

function offer(next, place) {
  const use = el("button", { type: "button", class: "govuk-button govuk-button--secondary" }, t("update_do"));
  use.onclick = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    next.postMessage("use");
  };
  place.replaceChildren(t("update"), " ", use);
}
