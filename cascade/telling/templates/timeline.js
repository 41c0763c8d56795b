"use strict";
// Shows only the messages that every filter lets through; without this all of them are shown.
(() => {
  const box = document.getElementById("filters"), shown = document.getElementById("shown");
  const picks = [...box.querySelectorAll("select")];
  const rows = [...document.querySelectorAll("tr[data-sector]")];
  const fits = (row, pick) => {
    if (!pick.value) return true;
    const has = row.dataset[pick.dataset.filter].split("|").filter(Boolean);
    // what is national concerns every region
    return has.includes(pick.value) || (pick.dataset.filter === "region" && has.length === 0);
  };
  const show = () => {
    for (const row of rows) row.hidden = !picks.every(pick => fits(row, pick));
    for (const day of document.querySelectorAll(".injects tbody"))
      day.hidden = !day.querySelector("tr[data-sector]:not([hidden])");
    const messages = rows.filter(row => !row.classList.contains("event"));
    const left = messages.filter(row => !row.hidden).length;
    shown.textContent = shown.dataset.text.replace("%n", left).replace("%m", messages.length);
  };
  box.addEventListener("change", show);
  box.hidden = rows.length === 0;
  show();
})();
