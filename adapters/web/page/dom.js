// Elements made by script. Text is text: only `html` takes markup, and only what the server has made safe.
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
