// The agent's memory beside the conversation: always as it stands, with what is new marked.
import { by, make } from "./dom.js";
import { say, sayIfKnown } from "./strings.js";

export class MemoryPanel {
  constructor({ undo }) {
    this.version = null;
    by("undo").addEventListener("click", undo);
    by("memory-open").addEventListener("click", () => this.open());
    by("memory-close").addEventListener("click", () => this.close());
    by("veil").addEventListener("click", () => this.close());
  }

  show({ version, blocks, can_undo: canUndo }) {
    const known = this.version !== null;
    const changed = known && version !== this.version;
    this.version = version;
    by("blocks").replaceChildren(...blocks.filter((each) => each.lines.length).map(block));
    by("memory-empty").hidden = blocks.some((each) => each.label === "human" && each.lines.length);
    by("undo").hidden = !canUndo;
    if (!changed) return;
    by("memory-said").textContent = `${say("memory_changed")} ${newText(blocks)}`;
    by("memory-dot").hidden = by("memory").classList.contains("open");
  }

  open() {
    by("memory").classList.add("open");
    by("veil").hidden = false;
    by("memory-dot").hidden = true;
    by("memory-open").setAttribute("aria-expanded", "true");
    by("memory-close").focus();
  }

  close() {
    if (!by("memory").classList.contains("open")) return false;
    by("memory").classList.remove("open");
    by("veil").hidden = true;
    by("memory-open").setAttribute("aria-expanded", "false");
    by("memory-open").focus();
    return true;
  }
}

function block({ label, description, limit, characters, lines }) {
  const heading = make("h3", { text: sayIfKnown(`block_${label}`) ?? label });
  if (characters > limit / 2) {
    heading.append(make("span", { text: say("characters", { used: characters, limit }) }));
  }
  return make(
    "section",
    { className: "block", title: description, "data-block": label },
    heading,
    make("ul", {}, ...lines.map(line)),
  );
}

function line({ text, changed }) {
  const item = make("li", { className: changed ? "changed" : "", text });
  if (changed) item.prepend(make("span", { className: "mark", text: say("new_line") }));
  return item;
}

function newText(blocks) {
  return blocks
    .flatMap((each) => each.lines)
    .filter((each) => each.changed)
    .map((each) => each.text)
    .join(". ");
}
