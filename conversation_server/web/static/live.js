// Keeps the parts of a page that are marked with data-live fresh; without it the page reloads itself now and then.
"use strict";
(() => {
  const parts = [...document.querySelectorAll("[data-live]")];
  const button = document.querySelector("[data-pause]");
  if (parts.length === 0 || button === null) return;
  let isPaused = false;
  const isRead = () => parts.some((part) => part.contains(document.activeElement));
  const refresh = async () => {
    if (isPaused || document.hidden || isRead()) return;
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts) {
      const other = fresh.getElementById(part.id);
      if (other !== null) part.replaceChildren(...other.childNodes);
    }
    if (fresh.querySelector("[data-live]") === null) location.reload();
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    button.textContent = isPaused ? "Go on updating" : "Pause updating";
  });
  setInterval(() => refresh().catch(() => {}), 1000 * Number(parts[0].dataset.live));
})();
