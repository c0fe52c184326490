// The page: what the feed says goes to the part that shows it, what a person does to the outbox.
import { Composer } from "./composer.js";
import { by } from "./dom.js";
import { follow } from "./feed.js";
import { Log } from "./log.js";
import { MemoryPanel } from "./memory.js";
import { setUpMenu } from "./menu.js";
import { Outbox } from "./outbox.js";
import { say } from "./strings.js";
import { Welcome } from "./welcome.js";

const LOST_FOR = 1_500; // milliseconds before a lost connection is worth a word

let outbox = null;
let ready = false; // the feed has told what there is
const log = new Log({ outbox: () => outbox });
const command = (text) => outbox.add(text, { quiet: true });
const memory = new MemoryPanel({ undo: () => command("/undo") });
const welcome = new Welcome({ command });
const menu = setUpMenu({ command });
const composer = new Composer({
  send: (text) => {
    outbox.add(text);
    log.toEnd();
  },
  stop: () => command("/stop"),
});
outbox = new Outbox({
  onChange: (item) => {
    log.sending(item);
    refresh();
  },
  onGone: (item) => {
    log.sent(item);
    refresh();
  },
});

function refresh() {
  const works = outbox?.waitsForAnswer ?? false;
  composer.working(works);
  log.thinking(works);
  welcome.show(ready && log.empty);
}

const shown = {
  message(data) {
    if (data.client_id) outbox.seen(data.client_id);
    log.message(data);
    by("earlier").hidden = log.first <= 1;
  },
  notice: (data) => log.notice(data),
  preview: (data) => log.preview(data),
  answered({ position }) {
    ready = true;
    outbox.answered(position);
    if (!outbox.waitsForAnswer) log.endPreview();
  },
  memory: (data) => memory.show(data),
  profile: (data) => welcome.profile(data),
};

let lost = null;
follow({
  onEvent(name, data) {
    shown[name](data);
    refresh();
  },
  onConnected() {
    clearTimeout(lost);
    lost = null;
    by("connection").textContent = "";
    log.endPreview(); // what was being written may have been lost with the connection
    outbox.flush();
  },
  onLost() {
    lost ??= setTimeout(() => {
      by("connection").textContent = say("reconnecting");
    }, LOST_FOR);
  },
});

by("earlier").addEventListener("click", async () => {
  const answer = await fetch(`/chat/history?before=${log.first}`);
  if (!answer.ok) return;
  const past = await answer.json();
  log.prepend(past.messages);
  by("earlier").hidden = !past.more;
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (composer.closeList() || menu.close() || memory.close()) return;
  if (outbox.waitsForAnswer) command("/stop");
});
