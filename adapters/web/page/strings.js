// Our texts, in the reader's language, as the server put them into the page.
const texts = JSON.parse(document.getElementById("strings").textContent);

export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Optional texts, such as the name of a block that we know.
export function sayIfKnown(key) {
  return texts[key];
}
