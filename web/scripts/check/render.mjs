// What is said of a certificate, as elements: the same as checking/pages/result.html, which a journey holds this against.
import { el } from "./dom.mjs";
import { ago, t } from "./words.mjs";

const colours = { valid: "valid", pass: "valid", invalid: "invalid", fail: "invalid", cannot_tell: "tell" };
const mark = (outcome, sign) => el("span", { class: `mark mark--${colours[outcome]}`, "aria-hidden": "true" }, sign);

// old tells whether the age of facts is worth a word of its own: what became of a certificate since may be unknown here.
const old = (at) => Date.now() - new Date(at).getTime() > 24 * 3600 * 1000;

export function result({ verdict, reading: r, likeness }) {
  const [number, asOf] = ["number", "as_of"].map((key) => r.fields.find((f) => f.key === key));
  const [first, ...more] = r.headline;
  return el("section", { class: "result", id: "result", "aria-labelledby": "first" },
    el("div", { class: `verdict verdict--${r.outcome}` },
      el("div", { class: "verdict__said" },
        el("h2", { class: "verdict__first", id: "first", tabindex: "-1" }, mark(r.outcome, r.mark), " ", first),
        r.synthetic && el("p", {}, el("strong", {}, r.synthetic)),
        number && el("p", { class: "number" }, number.text),
        more.map((sentence) => el("p", {}, sentence)),
        asOf && el("p", { class: "verdict__as-of" }, asOf.name, " ", asOf.text, old(verdict.as_of) && `, ${ago(verdict.as_of)}`)),
      likeness && !r.unproved && el("figure", { class: "likeness" },
        el("svg", { class: "rosette", viewBox: likeness.rosette.view_box, role: "img", "aria-label": t("rosette") }, el("path", { d: likeness.rosette.path })),
        el("figcaption", {}, t("likeness"), " ", el("b", { class: "number" }, likeness.check_words)))),
    r.unproved && el("p", { class: "lead" }, r.unproved),
    el("dl", { class: "facts" }, r.fields.filter((f) => f !== number && f !== asOf).flatMap((f) => [el("dt", {}, f.name), el("dd", {}, f.text)])),
    el("details", { class: "how" }, el("summary", {}, `${r.why} (${r.checks.length})`),
      el("ul", { class: "checks" }, r.checks.map((c) => el("li", {}, mark(c.outcome, c.mark),
        el("details", {}, el("summary", {}, c.text), c.way_out && el("p", {}, c.way_out), el("p", { class: "mono" }, c.behind)))))),
    el("details", { class: "how" }, el("summary", {}, r.unsaid), el("ul", {}, r.not_said.map((n) => el("li", {}, n)))));
}

// problem is why there is no result, and the way out.
export function problem({ title = t("problem"), text, remedy }, ...more) {
  return el("div", { class: "govuk-error-summary", id: "faults" }, el("div", { role: "alert" },
    el("h2", { class: "govuk-error-summary__title", tabindex: "-1" }, title),
    el("div", { class: "govuk-error-summary__body" }, el("p", {}, el("strong", {}, text), " ", remedy), ...more)));
}
