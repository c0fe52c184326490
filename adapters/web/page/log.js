// The conversation as it stands: what is final, what is being sent, and what is being written.
import { by } from "./dom.js";
import { drafted } from "./draft.js";
import { arrived, dayOf, joined, messageOf, noticeOf, numberOf, sendingOf, separatorOf } from "./messages.js";
import { say } from "./strings.js";

const NEAR_THE_END = 80; // pixels

export class Log {
  // outbox(): what is being sent. act(command): do what a button below a notice says.
  constructor({ outbox, act }) {
    this.outbox = outbox;
    this.act = act;
    this.log = by("log");
    this.pending = by("pending");
    this.scroller = by("scroll");
    this.previewed = "";
    this.first = null;
    this.settled = false;
    this.following = true;
    by("newest").addEventListener("click", () => this.toEnd({ smooth: true }));
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // A keyboard that opens, or a line more in the composer, must not push the end out of sight.
    new ResizeObserver(() => {
      if (this.following && !this.empty) this.toEnd();
    }).observe(this.scroller);
  }

  // All that had been said before is there: from now on, what comes is news, and is read out.
  settle() {
    if (this.settled) return;
    if (!this.empty) this.toEnd();
    this.settled = true;
    by("said").setAttribute("aria-live", "polite");
  }

  message(data) {
    this.first ??= data;
    const element = messageOf(data);
    this.#keepingPlace(() => {
      if (data.role === "assistant") this.endPreview();
      this.#append(element, data.at);
    });
  }

  notice(data) {
    this.#keepingPlace(() => {
      if (data.asked_for) this.#settleCommand();
      this.#append(noticeOf(data, this.act), data.at);
    });
  }

  // All that was said has been erased. What was answered to that stays to be read.
  forget() {
    const receipt = this.log.querySelector(".answer:last-child");
    this.log.replaceChildren(...(receipt ? [receipt] : []));
    this.first = null;
    this.day = null;
  }

  // When the newest message was said; 0 if there is none.
  get newest() {
    return Math.max(0, ...[...this.log.querySelectorAll(".message")].map((each) => each.dataset.at));
  }

  // These messages in place of all that was said up to that moment, and the newest answer. What has
  // come since stays.
  replace(messages, { upTo }) {
    const there = new Set(messages.map(numberOf));
    const later = [...this.log.querySelectorAll(".message")].filter(
      ({ dataset }) => dataset.at > upTo && !there.has(dataset.number),
    );
    this.forget();
    this.log.append(...later);
    this.prepend(messages);
  }

  // Earlier messages, oldest first, above what is there; the reader stays where they are.
  prepend(messages) {
    if (!messages.length) return;
    const { scrollHeight, scrollTop } = this.scroller;
    const next = this.log.querySelector(".message");
    const items = [];
    const days = new Set();
    let before = null;
    for (const data of messages) {
      const day = dayOf(data.at);
      if (!days.has(day)) items.push(separatorOf(data.at));
      days.add(day);
      const element = messageOf(data);
      joined(items.at(-1) === before ? before : null, element);
      before = element;
      items.push(element);
    }
    for (const separator of this.log.querySelectorAll(".day")) {
      if (days.has(separator.dataset.day)) separator.remove();
    }
    by("said").setAttribute("aria-live", "off");
    this.log.prepend(...items);
    if (next?.previousElementSibling === before) joined(before, next);
    requestAnimationFrame(() => by("said").setAttribute("aria-live", "polite"));
    this.first = messages[0];
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  // A sending that isn't part of the conversation yet.
  sending(item) {
    const old = this.#sendingElement(item);
    if (item.quiet && item.state !== "failed") return;
    const outbox = this.outbox;
    const element = sendingOf(item, {
      retry: () => outbox().again(item),
      discard: () => outbox().discard(item),
    });
    this.#keepingPlace(() => {
      if (old) old.replaceWith(element);
      else this.pending.append(element);
      this.#arrange();
    });
  }

  sent(item) {
    this.#keepingPlace(() => {
      this.#sendingElement(item)?.remove();
      this.#arrange();
    });
  }

  preview({ text, begins }) {
    this.previewed = begins ? text : this.previewed + text;
    this.#keepingPlace(() => {
      by("preview-text").replaceChildren(...drafted(this.previewed));
      by("preview").hidden = !this.previewed.trim();
      by("preview").dataset.at = Date.now();
      joined(this.pending.lastElementChild ?? this.log.lastElementChild, by("preview"));
    });
  }

  endPreview() {
    this.previewed = "";
    if (by("preview").hidden) return;
    this.#keepingPlace(() => {
      by("preview").hidden = true;
      const last = this.pending.lastElementChild ?? this.log.lastElementChild;
      last?.classList.add("ends", "rests");
    });
  }

  get isWriting() {
    return !by("preview").hidden;
  }

  thinking(on) {
    if (by("thinking").hidden === !on) return;
    this.#keepingPlace(() => {
      by("thinking").hidden = !on;
    });
  }

  toEnd({ smooth = false } = {}) {
    this.following = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.#pill({ news: false, far: false });
  }

  get empty() {
    return !this.log.children.length && !this.pending.children.length;
  }

  // No message of a person or the agent yet; notices don't count.
  get untouched() {
    return !this.log.querySelector(".message") && !this.pending.children.length;
  }

  #append(element, at) {
    const day = dayOf(at);
    if (this.day !== day) this.log.append(separatorOf(at));
    this.day = day;
    const before = this.log.lastElementChild;
    joined(before, element);
    if (this.settled) element.classList.add("arrives");
    this.log.append(element);
    this.#arrange();
  }

  // A command that a person typed stays above its answer, as long as the page is open.
  #settleCommand() {
    const command = this.pending.querySelector(".command:not(.failed)");
    if (!command) return;
    delete command.dataset.sending;
    arrived(command);
    this.#append(command, Number(command.dataset.at));
  }

  #arrange() {
    let before = this.log.lastElementChild;
    for (const element of this.pending.children) {
      joined(before, element);
      before = element;
    }
  }

  #sendingElement(item) {
    return this.pending.querySelector(`[data-sending="${CSS.escape(item.id)}"]`);
  }

  // Whoever reads the end goes on reading it; whoever reads further up is told that there is more.
  #keepingPlace(change) {
    const height = this.scroller.scrollHeight;
    change();
    if (this.following) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.settled && this.scroller.scrollHeight > height) this.#pill({ news: true });
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const away = scrollHeight - scrollTop - clientHeight;
    this.following = away < NEAR_THE_END;
    if (this.following) this.#pill({ news: false, far: false });
    else this.#pill({ far: away > clientHeight });
  }

  #pill({ news = this.news ?? false, far = this.far ?? false }) {
    this.news = news;
    this.far = far;
    by("newest").hidden = !news && !far;
    by("newest").classList.toggle("news", news);
    by("newest-name").textContent = news ? say("new_messages") : say("to_the_end");
  }
}
