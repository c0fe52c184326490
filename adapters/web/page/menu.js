// The menu and the dialogs that it opens.
import { DRAFT } from "./composer.js";
import { by, copied } from "./dom.js";
import { Outbox } from "./outbox.js";
import { post } from "./post.js";
import { local, session } from "./storage.js";
import { say } from "./strings.js";

export function setUpMenu({ command }) {
  const menu = by("menu");
  const opener = by("menu-open");
  const items = [...menu.querySelectorAll('[role^="menuitem"]')];

  function show(on) {
    menu.hidden = !on;
    opener.setAttribute("aria-expanded", String(on));
    if (on) items[0].focus();
  }

  opener.addEventListener("click", () => show(menu.hidden));
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && !opener.contains(event.target)) show(false);
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    } else if (event.key === "Tab") show(false);
  });
  menu.addEventListener("click", (event) => {
    const item = event.target.closest('[role="menuitem"]');
    if (!item) return;
    show(false);
    opener.focus();
    if (item.dataset.command) command(item.dataset.command);
    if (item.dataset.dialog) open(item.dataset.dialog);
    if (item.dataset.download) location.assign(item.dataset.download);
  });
  setUpThemes();
  setUpDialogs({ command });
  return {
    // True if it was open.
    close() {
      if (menu.hidden) return false;
      show(false);
      opener.focus();
      return true;
    },
  };
}

async function open(id) {
  const dialog = by(id);
  for (const wrong of dialog.querySelectorAll(".wrong")) wrong.textContent = "";
  dialog.querySelector("form").reset();
  if (id === "code-dialog") {
    by("code").textContent = "…";
    by("copy").textContent = say("copy");
    dialog.showModal();
    by("code").textContent = (await recoveryCode()) ?? say("failed");
  } else dialog.showModal();
}

async function recoveryCode() {
  try {
    const answer = await fetch("/chat/recovery-code");
    return answer.ok ? (await answer.json()).code : null;
  } catch {
    return null;
  }
}

function setUpDialogs({ command }) {
  for (const closer of document.querySelectorAll("dialog [data-close]")) {
    closer.addEventListener("click", () => closer.closest("dialog").close());
  }
  by("copy").addEventListener("click", async () => {
    if (await copied(by("code").textContent)) by("copy").textContent = say("copied");
    else getSelection().selectAllChildren(by("code"));
  });
  by("leave").addEventListener("click", async () => {
    const { status, data } = await post("/chat/leave", {});
    if (status === 204) startAnew();
    else by("leave-dialog").querySelector(".wrong").textContent = data.detail ?? say("failed");
  });
  by("recover").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const { status, data } = await post("/chat/recover", { code: form.elements.code.value });
    if (status === 204) startAnew();
    else form.querySelector(".wrong").textContent = data.detail ?? say("failed");
  });
  by("delete").addEventListener("submit", () => command("/delete"));
}

// As somebody else: nothing that this browser still holds may be said in their name.
function startAnew() {
  Outbox.forgetAll();
  session.remove(DRAFT);
  location.replace("/");
}

function setUpThemes() {
  const choices = [...by("themes").querySelectorAll("[data-theme-choice]")];
  function choose(theme) {
    document.documentElement.dataset.theme = theme;
    if (theme) local.set("theme", theme);
    else local.remove("theme");
    for (const each of choices) {
      each.setAttribute("aria-checked", String(each.dataset.themeChoice === theme));
    }
  }
  for (const each of choices) {
    each.addEventListener("click", () => choose(each.dataset.themeChoice));
  }
  choose(local.get("theme") ?? "");
}
