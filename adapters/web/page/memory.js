// The agent's memory beside the conversation: always as it stands, with what is new marked.
import { button, by, make } from "./dom.js";
import { say, sayIfKnown } from "./strings.js";

const narrow = matchMedia("(max-width: 59.99rem)");
const behind = () => [by("bar"), by("chat")];

export class MemoryPanel {
  // undo(): take the last change back. why(line): ask where a line comes from. forget(line): ask
  // what belongs to it, and may be forgotten with it.
  constructor({ undo, why, forget }) {
    this.version = null;
    this.why = why;
    this.forget = forget;
    this.asked = null; // what was asked from here and is yet to be answered
    by("undo").addEventListener("click", () => {
      this.asked = { keys: /^reply\.(und|nothing_to_undo)/, place: null };
      undo();
    });
    by("memory-open").addEventListener("click", () => this.open());
    by("memory-close").addEventListener("click", () => this.close());
    by("veil").addEventListener("click", () => this.close());
    narrow.addEventListener("change", () => this.close());
  }

  show({ version, blocks, can_undo: canUndo }) {
    const known = this.version;
    const changed = known !== null && version !== known;
    this.version = version;
    const fresh = changed && blocks.some((each) => each.lines.some((line) => line.changed));
    const notes = blocks.some((each) => each.lines.length && each.label !== "persona");
    by("blocks").replaceChildren(
      ...blocks.filter((each) => notes || each.lines.length).map((each) => this.#block(each)),
    );
    by("memory-empty").hidden = notes;
    by("memory").classList.toggle("fresh", fresh);
    by("undo").hidden = !canUndo;
    by("noted").hidden = !canUndo;
    by("noted").classList.toggle("fresh", fresh);
    by("noted-text").textContent = fresh ? say("noted") : say("last_change");
    if (!fresh && !(changed && known)) return; // 0: until now there was nothing to change
    by("memory-said").textContent = `${say("memory_changed")} ${newText(blocks)}`;
    if (!by("memory").classList.contains("open")) this.#dot(true);
  }

  // What was asked from here is answered here. True if that is all there is to show.
  answer({ key, text }) {
    if (!this.asked?.keys.test(key)) return false;
    const { place } = this.asked;
    this.asked = null;
    if (place?.isConnected) {
      place.querySelector(".reply")?.remove();
      const [, ...reason] = text.split("\n"); // the first line repeats what stands above it
      place.append(make("p", { className: "reply", text: reason.join("\n") || text, role: "status" }));
      return true;
    }
    // On a phone the panel covers the conversation, where the answer stands as well.
    by("memory-reply").textContent = text;
    by("memory-reply").hidden = !narrow.matches;
    return false;
  }

  open() {
    by("memory").classList.add("open");
    by("veil").hidden = false;
    this.#dot(false);
    for (const each of behind()) each.inert = true;
    by("memory-open").setAttribute("aria-expanded", "true");
    by("memory-title").focus();
  }

  // True if it was open.
  close() {
    if (!by("memory").classList.contains("open")) return false;
    by("memory").classList.remove("open", "fresh");
    by("veil").hidden = true;
    by("memory-reply").hidden = true;
    for (const each of behind()) each.inert = false;
    by("memory-open").setAttribute("aria-expanded", "false");
    by("memory-open").focus();
    return true;
  }

  #dot(on) {
    by("memory-dot").hidden = !on;
    by("memory-open-name").textContent = on ? say("memory_news") : say("memory");
  }

  #block({ label, limit, characters, lines }) {
    const heading = make("h3", { text: sayIfKnown(`block_${label}`) ?? label });
    const used = Math.round((100 * characters) / limit);
    if (used >= 10) heading.append(make("span", { text: say("used", { percent: `${used} %` }) }));
    const what = lines.length
      ? make("ul", {}, ...lines.map((each) => this.#line(each)))
      : make("p", { className: "none", text: say("block_empty") });
    return make("section", { className: "block", "data-block": label }, heading, what);
  }

  #line({ number, text, changed }) {
    const words = make("span", { className: "words" }, make("span", { className: "text", text }));
    if (changed) words.append(make("span", { className: "mark", text: say("new_line") }));
    const item = make(
      "li",
      { className: changed ? "changed" : "" },
      make("span", { className: "number", text: number ?? "", "aria-hidden": "true" }),
      words,
    );
    if (number !== null) {
      const ask = () => {
        this.asked = { keys: /^reply\.(why|line_)/, place: item };
        this.why({ number, text });
      };
      const forget = () => {
        this.close(); // on a phone it covers the answer
        this.forget({ number, text });
      };
      const why = button(say("why"), ask, { "aria-label": say("why_line", { line: text }) });
      const gone = button(say("forget"), forget, { "aria-label": say("forget_line", { line: text }) });
      item.append(make("span", { className: "deeds" }, why, gone));
    }
    return item;
  }
}

function newText(blocks) {
  return blocks
    .flatMap((each) => each.lines)
    .filter((each) => each.changed)
    .map((each) => each.text)
    .join(". ");
}
