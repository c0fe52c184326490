// First contact: who the agent shall be, and what has to be agreed to before.
import { by, make } from "./dom.js";
import { say } from "./strings.js";

export class Welcome {
  constructor({ command }) {
    this.command = command;
    this.chosen = null;
    for (const button of by("consent").querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => command(button.dataset.command));
    }
  }

  profile(profile) {
    const offline = by("offline");
    offline.hidden = !profile.offline;
    by("model").hidden = profile.offline;
    by("model").textContent = profile.model;
    const cards = profile.personas.map((persona) => this.#card(persona, profile.persona));
    by("personas").replaceChildren(...cards);
  }

  show(on) {
    by("welcome").hidden = !on;
  }

  #card({ name, title, description }, current) {
    const chosen = current === name;
    const card = make(
      "button",
      { type: "button", className: "card", "aria-pressed": String(chosen), "data-persona": name },
      make("strong", { text: title }),
      make("span", { text: description }),
    );
    if (chosen) card.append(" ", make("em", { text: say("chosen") }));
    card.addEventListener("click", () => this.command(`/persona ${name}`));
    return card;
  }
}
