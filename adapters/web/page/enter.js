// Coming in: by an invitation, which may stand in the address, or by a code of another device.
import { post } from "./post.js";

function setUp(id, path, field) {
  const form = document.getElementById(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { status, data } = await post(path, { [field]: form.elements[field].value.trim() });
    if (status === 204) location.replace("/");
    else form.querySelector(".wrong").textContent = data.detail ?? String(status);
  });
  return form;
}

const invitation = setUp("invite-form", "/chat/enter", "invite");
setUp("code-form", "/chat/recover", "code");
invitation.elements.invite.value = new URLSearchParams(location.search).get("invite") ?? "";
