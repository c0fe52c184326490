// First contact: who the agent shall be, and what has to be agreed to before. And what stands in
// the bar about who answers.
import { by, make } from "./dom.js";
import { say } from "./strings.js";

export class Welcome {
  // command(text): send a command. begin(text): put a beginning into the composer.
  constructor({ command, begin, allow }) {
    this.command = command;
    this.allow = allow;
    for (const button of by("consent").querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => command(button.dataset.command));
    }
    for (const button of by("starters").querySelectorAll("button")) {
      button.addEventListener("click", () => begin(`${button.textContent} `));
    }
  }

  profile(profile) {
    by("offline").hidden = !profile.offline;
    by("welcome-offline").hidden = !profile.offline;
    by("model").hidden = profile.offline;
    by("model").textContent = profile.model;
    const persona = profile.personas.find((each) => each.name === profile.persona);
    by("who").hidden = !persona;
    by("who").textContent = persona?.title ?? "";
    for (const place of [by("personas"), by("persona-cards")]) this.#offer(place, profile);
    this.#ask(profile);
  }

  show(on) {
    by("welcome").hidden = !on;
  }

  #ask({ consent, consent_required: required }) {
    const waits = (required && consent !== "consented") || consent === "paused";
    by("consent").hidden = !waits;
    by("consent-text").textContent =
      consent === "declined"
        ? say("consent_declined")
        : consent === "paused"
          ? say("consent_paused")
          : say("consent_text");
    by("starters").hidden = waits;
    by("decline").hidden = consent === "declined" || consent === "paused";
    this.allow(!waits);
  }

  // The cards stay the same elements, so that whoever stands on one keeps the focus.
  #offer(place, { personas, persona }) {
    if (place.children.length !== personas.length) {
      place.replaceChildren(...personas.map((each) => this.#card(each)));
    }
    for (const card of place.children) {
      const chosen = card.dataset.persona === persona;
      card.setAttribute("aria-pressed", String(chosen));
      card.querySelector("em").hidden = !chosen;
    }
  }

  #card({ name, title, description }) {
    const card = make(
      "button",
      { type: "button", className: "card", "aria-pressed": "false", "data-persona": name },
      make("strong", { text: title }),
      make("span", { text: description }),
      make("em", { text: say("chosen"), hidden: "" }),
    );
    card.addEventListener("click", () => {
      card.closest("dialog")?.close();
      if (card.getAttribute("aria-pressed") !== "true") this.command(`/persona ${name}`);
    });
    return card;
  }
}
