// Elements from data: text is never read as markup.
const svg = "http://www.w3.org/2000/svg";
const drawn = new Set(["svg", "path"]);

// el makes an element; children are elements or text, null for none.
export function el(name, attributes = {}, ...children) {
  const e = drawn.has(name) ? document.createElementNS(svg, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined && value !== false) e.setAttribute(key, value === true ? "" : value);
  e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return e;
}

export const byId = (id) => document.getElementById(id);

// show puts elements in the place of what is there, and the focus on the heading.
export function show(place, focus, ...children) {
  place.replaceChildren(...children);
  const heading = place.querySelector(focus);
  if (heading) heading.focus();
}
