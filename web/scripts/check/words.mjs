// The page's words, which it brings along in its own language, and forms that the browser knows.
const language = document.documentElement.lang;
const texts = new Map([...document.querySelectorAll("#words")].flatMap((t) => [...t.content.querySelectorAll("data")]).map((d) => [d.value, d.textContent]));

// t is the text of a key, with its placeholders filled.
export const t = (key, args = {}) => (texts.get(key) ?? key).replace(/\{\{\.(\w+)\}\}/g, (all, name) => args[name] ?? all);

// ago is how old something is, in the largest unit that says it.
export function ago(at) {
  const minutes = Math.max(1, Math.round((Date.now() - new Date(at).getTime()) / 60000));
  const form = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  if (minutes < 90) return form.format(-minutes, "minute");
  if (minutes < 48 * 60) return form.format(-Math.round(minutes / 60), "hour");
  return form.format(-Math.floor(minutes / 1440), "day");
}

// day is a day in full; English is written as the rest of the page writes it.
export const day = (at) => new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(at));

// short is the beginning of a fingerprint, in groups that people compare.
export const short = (fingerprint) => fingerprint.slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ") + " …";
