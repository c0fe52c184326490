// The field that a person writes in, with the commands it knows.
import { by, make } from "./dom.js";
import { session } from "./storage.js";
import { say } from "./strings.js";

const touch = matchMedia("(hover: none) and (pointer: coarse)");
const TAKE_WORDS = new Set(["why", "persona", "model", "timezone", "forget", "remind", "share", "cards"]);
export const DRAFT = "draft";

// As the server put them into the page: each with its `name`, and `what` it does.
const commands = JSON.parse(by("known-commands").textContent);

export class Composer {
  constructor({ send, stop }) {
    this.field = by("composer-text");
    this.list = by("commands");
    this.send = send;
    this.chosen = -1;
    by("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    by("stop").addEventListener("click", stop);
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.closeList());
    this.field.value = this.field.value || (session.get(DRAFT) ?? "");
    this.#changed();
    if (!touch.matches) this.field.focus();
  }

  working(on) {
    by("stop").hidden = !on;
  }

  allow(on) {
    if (this.field.disabled === !on) return;
    this.field.disabled = !on;
    this.field.placeholder = on ? say("placeholder") : say("placeholder_waiting");
    this.#changed();
  }

  // A beginning for those who don't know how to.
  begin(text) {
    this.field.value = text;
    this.field.focus();
    this.#changed();
  }

  closeList() {
    const open = !this.list.hidden;
    this.list.hidden = true;
    by("commands-said").textContent = "";
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
    field.style.height = `${field.scrollHeight}px`;
    by("send").disabled = field.disabled || !field.value.trim();
    session.set(DRAFT, field.value);
    const begun = /^\/(\w*)$/.exec(field.value);
    const fitting = begun ? commands.filter(({ name }) => name.startsWith(begun[1].toLowerCase())) : [];
    if (fitting.length) this.#showList(fitting);
    else this.closeList();
  }

  #showList(fitting) {
    const options = fitting.map(({ name, what }, at) => {
      const option = make(
        "li",
        { role: "option", id: `command-${at}`, "data-name": name },
        make("b", { text: `/${name}` }),
        make("span", { text: what }),
      );
      option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
      option.addEventListener("click", () => this.#take(name));
      return option;
    });
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    by("commands-said").textContent = say("commands_found", { count: fitting.length });
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
    this.field.value = TAKE_WORDS.has(name) ? `/${name} ` : `/${name}`;
    this.#changed();
    this.closeList();
    this.field.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    if (open && event.key === "ArrowDown") this.#choose(this.chosen + 1);
    else if (open && event.key === "ArrowUp") this.#choose(this.chosen - 1);
    else if (open && event.key === "Tab" && !event.shiftKey) this.#takeChosen();
    else if (open && event.key === "Enter" && !this.#isAName()) this.#takeChosen();
    else if (event.key === "Enter" && !event.shiftKey && !touch.matches) this.#submit();
    else return;
    event.preventDefault();
  }

  #takeChosen() {
    this.#take(this.list.children[this.chosen].dataset.name);
  }

  #isAName() {
    return commands.some(({ name }) => `/${name}` === this.field.value);
  }
}
