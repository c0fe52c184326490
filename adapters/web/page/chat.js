// The page: what the feed says goes to the part that shows it, what a person does to the outbox.
import { Composer } from "./composer.js";
import { by } from "./dom.js";
import { follow } from "./feed.js";
import { History } from "./history.js";
import { Log } from "./log.js";
import { MemoryPanel } from "./memory.js";
import { setUpMenu } from "./menu.js";
import { Outbox } from "./outbox.js";
import { say } from "./strings.js";
import { Welcome } from "./welcome.js";

const LOST_FOR = 1_500; // milliseconds before a lost connection is worth a word

let outbox = null;
let ready = false; // the feed has told what there is
const command = (text) => {
  outbox.add(text, { quiet: true });
  log.toEnd();
};
const log = new Log({ outbox: () => outbox, act: command });
const history = new History(log);
const composer = new Composer({
  send(text) {
    outbox.add(text);
    log.toEnd();
  },
  stop: () => command("/stop"),
});
// A line by its words: they mean this one, whatever has changed since it was shown.
const named = ({ number, text }) => (/^\d+\.?$/.test(text.trim()) ? number : text.trim());
const memory = new MemoryPanel({
  undo: () => command("/undo"),
  why: (line) => command(`/why ${named(line)}`),
  forget: (line) => command(`/forget ${named(line)}`),
});
const welcome = new Welcome({
  command,
  begin: (text) => composer.begin(text),
  allow: (on) => composer.allow(on),
});
const menu = setUpMenu({ command });
// The service doesn't know this browser (any more): the page finds out what to show instead.
const onStranger = () => location.reload();
outbox = new Outbox({
  onChange(item) {
    log.sending(item);
    refresh();
  },
  onGone(item) {
    log.sent(item);
    refresh();
  },
  onAnswered(item, { html }) {
    log.notice({ asked_for: true, html, at: new Date().toISOString() });
  },
  onStranger,
});

function isWorking() {
  return log.isWriting || (outbox?.waitsForAnswer ?? false);
}

function refresh() {
  composer.working(isWorking());
  log.thinking(isWorking());
  welcome.show(ready && log.untouched);
}

const shown = {
  message(data) {
    const isFirst = log.first === null;
    log.message(data);
    if (ready && isFirst) history.begin();
    if (data.client_id) outbox.seen(data.client_id);
    else if (ready && document.hidden) document.title = `• ${say("title")}`;
  },
  notice(data) {
    if (!memory.answer(data)) log.notice(data);
    // What was said isn't any more, or is again.
    if (ready && /^reply\.(un)?forgotten$/.test(data.key)) history.again();
  },
  preview: (data) => log.preview(data),
  answered({ position }) {
    if (!ready) {
      ready = true;
      refresh();
      log.settle();
      history.begin();
    }
    outbox.answered(position);
    if (!outbox.waitsForAnswer) log.endPreview();
  },
  memory: (data) => memory.show(data),
  profile(data) {
    welcome.profile(data);
  },
};

let lost = null;
follow({
  onEvent(name, data) {
    shown[name](data);
    refresh();
  },
  onErased() {
    log.forget();
    history.anew();
    outbox.anew();
  },
  onConnected() {
    clearTimeout(lost);
    lost = null;
    by("connection").textContent = "";
    log.endPreview(); // what was being written may have been lost with the connection
    refresh();
    outbox.flush();
  },
  onLost() {
    lost ??= setTimeout(() => {
      by("connection").textContent = say("reconnecting");
    }, LOST_FOR);
  },
  onStranger,
});

addEventListener("online", () => outbox.flush());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = say("title");
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (composer.closeList() || menu.close() || memory.close()) return;
  if (isWorking()) command("/stop");
});

// Where the keyboard lies over the page instead of making it smaller, the page makes room itself.
const seen = window.visualViewport;
seen?.addEventListener("resize", () => {
  const covered = innerHeight - seen.height > 80 && seen.scale === 1;
  const { style } = document.documentElement;
  if (covered) style.setProperty("--seen-height", `${seen.height}px`);
  else style.removeProperty("--seen-height");
  if (covered) scrollTo(0, 0);
});
