// An answer in the making, set roughly as it will be: paragraphs, lists, quotes, code, tables and
// emphasis. What a model writes only ever becomes text here; the final message takes its place.
import { make } from "./dom.js";

const INLINE = /(`[^`\n]+`|\*\*[^*\n]+\*\*|\*[^*\s][^*\n]*\*)/;
const KINDS = [
  ["ul", /^\s*[-*+]\s+/],
  ["ol", /^\s*\d{1,9}[.)]\s+/],
  ["blockquote", /^>\s?/],
  ["table", /^\|/],
  ["h3", /^#{1,6}\s+/],
];

export function drafted(text) {
  const blocks = [];
  for (const [at, part] of text.split(/^```.*\n?/m).entries()) {
    if (at % 2) blocks.push(make("pre", {}, make("code", { text: part })));
    else blocks.push(...groups(part).map(block));
  }
  return blocks;
}

// Neighbouring lines of one kind.
function groups(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const [kind, mark] = KINDS.find(([, pattern]) => pattern.test(line)) ?? ["p", /^/];
    const last = found.at(-1);
    if (!line.trim()) found.push(null);
    else if (last?.kind === kind && kind !== "h3") last.lines.push(line.replace(mark, ""));
    else found.push({ kind, first: Number.parseInt(line, 10) || 1, lines: [line.replace(mark, "")] });
  }
  return found.filter(Boolean);
}

function block({ kind, first, lines }) {
  if (kind === "ul" || kind === "ol") {
    const items = lines.map((line) => make("li", {}, ...inline(line)));
    return make(kind, kind === "ol" ? { start: first } : {}, ...items);
  }
  if (kind === "blockquote") return make(kind, {}, make("p", {}, ...inline(lines.join("\n"))));
  if (kind === "table") return table(lines);
  return make(kind, {}, ...inline(lines.join("\n")));
}

function table(lines) {
  const rows = lines
    .filter((line) => !/^[\s|:-]+$/.test(line))
    .map((line) => line.split("|").slice(0, line.trimEnd().endsWith("|") ? -1 : undefined));
  const cells = (row, tag) => row.map((cell) => make(tag, {}, ...inline(cell.trim())));
  const made = rows.map((row, at) => make("tr", {}, ...cells(row, at ? "td" : "th")));
  return make("div", { className: "table" }, make("table", {}, make("tbody", {}, ...made)));
}

function inline(text) {
  return text.split(INLINE).map((piece, at) => {
    if (at % 2 === 0) return piece;
    if (piece.startsWith("`")) return make("code", { text: piece.slice(1, -1) });
    if (piece.startsWith("**")) return make("strong", { text: piece.slice(2, -2) });
    return make("em", { text: piece.slice(1, -1) });
  });
}
