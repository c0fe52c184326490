// Elements made by script. Text is text: only `html` takes markup, and only what the server has made safe.
const SVG = "http://www.w3.org/2000/svg";

export const by = (id) => document.getElementById(id);

export function make(tag, { className = "", text = null, html = null, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  if (html !== null) element.innerHTML = html;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function button(text, onClick, attributes = {}) {
  const element = make("button", { type: "button", text, ...attributes });
  element.addEventListener("click", onClick);
  return element;
}

// The agent's face, as the page draws it once.
export function face() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "face");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#face");
  drawing.append(use);
  return drawing;
}

// True if it is on the clipboard. There is none without https, nor without permission.
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
