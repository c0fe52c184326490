// The line that a person writes in, with the commands it knows.
import { by, make } from "./dom.js";
import { commands } from "./strings.js";

const touch = matchMedia("(pointer: coarse)");

export class Composer {
  constructor({ send, stop }) {
    this.field = by("composer-text");
    this.list = by("commands");
    this.stop = stop;
    this.send = send;
    this.chosen = -1;
    by("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    by("stop").addEventListener("click", stop);
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.value = sessionStorage.getItem("draft") ?? "";
    this.#changed();
  }

  working(on) {
    by("stop").hidden = !on;
  }

  allow(on) {
    this.field.disabled = !on;
    this.#changed();
  }

  closeList() {
    const open = !this.list.hidden;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    return open;
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text || this.field.disabled) return;
    this.field.value = "";
    this.#changed();
    this.send(text);
  }

  #changed() {
    const field = this.field;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
    by("send").disabled = field.disabled || !field.value.trim();
    sessionStorage.setItem("draft", field.value);
    const begun = /^\/(\w*)$/.exec(field.value);
    const fitting = begun ? commands.filter(({ name }) => name.startsWith(begun[1])) : [];
    if (fitting.length) this.#showList(fitting);
    else this.closeList();
  }

  #showList(fitting) {
    this.list.replaceChildren(
      ...fitting.map(({ name, what }, at) => {
        const option = make("li", { role: "option", id: `command-${at}`, "data-name": name },
          make("b", { text: `/${name}` }), what);
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // the field keeps the focus
          this.#take(name);
        });
        return option;
      }),
    );
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.#choose(0);
  }

  #choose(at) {
    const options = [...this.list.children];
    this.chosen = (at + options.length) % options.length;
    options.forEach((each, place) => each.setAttribute("aria-selected", place === this.chosen));
    options[this.chosen].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `command-${this.chosen}`);
  }

  #take(name) {
    this.field.value = name === "why" ? "/why " : `/${name}`;
    this.#changed();
    this.closeList();
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    if (open && event.key === "ArrowDown") this.#choose(this.chosen + 1);
    else if (open && event.key === "ArrowUp") this.#choose(this.chosen - 1);
    else if (open && event.key === "Tab") this.#take(this.list.children[this.chosen].dataset.name);
    else if (open && event.key === "Enter" && this.#isPartOfAName()) {
      this.#take(this.list.children[this.chosen].dataset.name);
    } else if (event.key === "Enter" && !event.shiftKey && !touch.matches) this.#submit();
    else return;
    event.preventDefault();
  }

  #isPartOfAName() {
    return !commands.some(({ name }) => `/${name}` === this.field.value);
  }
}
