// The conversation as it stands: what is final, what is being sent, and what is being written.
import { by, make } from "./dom.js";
import { say } from "./strings.js";

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const NEAR_THE_END = 120; // pixels

export class Log {
  constructor({ outbox }) {
    this.outbox = outbox;
    this.log = by("log");
    this.pending = by("pending");
    this.scroller = by("scroll");
    this.previewed = "";
    this.first = null;
    by("newest").addEventListener("click", () => this.toEnd());
    this.scroller.addEventListener("scroll", () => {
      if (this.#nearEnd()) by("newest").hidden = true;
    });
  }

  message(data) {
    this.first ??= data.seq;
    this.#append(message(data), data.at);
    if (data.role === "assistant") this.endPreview();
  }

  notice(data) {
    const className = data.asked_for ? "answer" : "remark";
    this.#append(make("li", { className, html: data.html }), data.at);
  }

  // Earlier messages, oldest first, above what is there; the reader stays where they are.
  prepend(messages) {
    const height = this.scroller.scrollHeight;
    const days = new Set();
    const items = messages.flatMap((data) => {
      const day = dayOf(data.at);
      const separator = days.has(day) ? [] : [separatorOf(day, data.at)];
      days.add(day);
      return [...separator, message(data)];
    });
    for (const separator of this.log.querySelectorAll(".day")) {
      if (days.has(separator.dataset.day)) separator.remove();
    }
    this.log.prepend(...items);
    if (messages.length) this.first = messages[0].seq;
    this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  // A sending that isn't part of the conversation yet.
  sending(item) {
    this.sent(item);
    if (item.quiet && item.state !== "failed") return;
    const mark = item.state === "failed" ? "failed" : item.state === "waiting" ? "waiting" : "";
    const element = make(
      "li",
      { className: `message mine ${mark}`, "data-sending": item.id },
      make("div", { className: "body", text: item.text }),
    );
    const state = this.#stateOf(item);
    if (state) element.append(state);
    const after = [...this.pending.children].find((each) => Number(each.dataset.at) > item.at);
    element.dataset.at = item.at;
    this.#keepingPlace(() => this.pending.insertBefore(element, after ?? null));
  }

  sent(item) {
    this.pending.querySelector(`[data-sending="${item.id}"]`)?.remove();
  }

  preview({ text, begins }) {
    this.previewed = begins ? text : this.previewed + text;
    this.#keepingPlace(() => {
      by("preview-text").textContent = this.previewed;
      by("preview").hidden = !this.previewed;
    });
  }

  endPreview() {
    this.previewed = "";
    by("preview").hidden = true;
  }

  thinking(on) {
    const shown = on && by("preview").hidden;
    if (by("thinking").hidden === !shown) return;
    this.#keepingPlace(() => {
      by("thinking").hidden = !shown;
    });
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    by("newest").hidden = true;
  }

  get empty() {
    return !this.log.children.length && !this.pending.children.length;
  }

  #stateOf(item) {
    if (item.state === "waiting") {
      return Date.now() - item.at > 3_000
        ? make("p", { className: "state", text: say("waiting") })
        : make("p", { className: "state", text: say("sending") });
    }
    if (item.state !== "failed") return null;
    const again = make("button", { type: "button", text: say("send_again") });
    const discard = make("button", { type: "button", text: say("discard") });
    again.addEventListener("click", () => this.outbox().again(item));
    discard.addEventListener("click", () => this.outbox().discard(item));
    return make("p", { className: "state", text: item.reason || say("not_sent") }, again, discard);
  }

  #append(element, at) {
    this.#keepingPlace(() => {
      const day = dayOf(at);
      if (!this.log.querySelector(`[data-day="${day}"]`)) this.log.append(separatorOf(day, at));
      this.log.append(element);
    });
  }

  // Whoever reads the end goes on reading it; whoever reads further up is told that there is more.
  #keepingPlace(change) {
    const follows = this.#nearEnd();
    change();
    if (follows) this.scroller.scrollTop = this.scroller.scrollHeight;
    else by("newest").hidden = false;
  }

  #nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }
}

function message(data) {
  const mine = data.role === "user";
  return make(
    "li",
    { className: `message ${mine ? "mine" : "theirs"}`, "data-seq": data.seq },
    make("span", { className: "unseen", text: mine ? `${say("you")}: ` : "" }),
    make("div", { className: "body", html: data.html }),
    make("time", { datetime: data.at, text: clock.format(new Date(data.at)) }),
  );
}

function separatorOf(day, at) {
  return make("li", { className: "day", "data-day": day, text: nameOf(day, at) });
}

function dayOf(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

function nameOf(day, at) {
  const now = Date.now();
  if (day === dayOf(now)) return say("today");
  return day === dayOf(now - 86_400_000) ? say("yesterday") : calendar.format(new Date(at));
}
