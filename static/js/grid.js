// PeerHub: the attendance grid. Cells become a grid to move in with the arrow keys (WAI-ARIA APG, "grid"); changed marks
// are kept here and sent by one ordinary form. Without this file a column's head leads to the session's own sheet.
(() => {
  "use strict";
  const table = document.querySelector("table[data-ph-grid]");
  const form = document.getElementById("grid");
  const [where, count, said, why, first] = ["cell", "count", "said", "why", "first"].map((id) => document.getElementById(`grid-${id}`));
  if (!table || !form || !where) return;

  const A_DAY = 86400000;
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const lines = [table.tHead.rows[0], ...rows];
  const lastColumn = heads.length - 2; // the last one tells how often they came
  const buttons = [...document.querySelectorAll("[data-mark]")];
  const nothing = count.textContent;
  const changed = new Map(); // cell to what its classes were
  let current = null;

  const textOf = (node) => node.textContent.trim().replace(/\s+/g, " ");
  const headOf = (cell) => heads[cell.cellIndex];
  const isFixed = (cell) => cell.matches("th, .k");
  const inside = (cell) => cell.querySelector("a") ?? cell; // a head's link takes its focus
  const markOf = (code) => buttons.find((button) => button.dataset.code === code);
  const dayOf = (cell) => [...headOf(cell).querySelectorAll("a > span, a > b")].map(textOf).join(" ");

  // --- what is shown ---
  const draw = (cell, classes) => {
    const code = classes.split(" ").at(-1);
    const mark = markOf(code);
    cell.className = classes;
    cell.textContent = mark.dataset.letter;
    cell.setAttribute("aria-label", mark.dataset.label);
    cell.classList.toggle("is-new", changed.has(cell));
  };
  const tell = () => {
    const n = changed.size;
    count.textContent = n ? table.dataset.phGrid.replace("{n}", n) : nothing;
    const columns = new Set([...changed.keys()].map(headOf));
    const logged = [...columns].filter((head) => head.dataset.logged);
    why.hidden = !logged.some((head) => Date.now() - Date.parse(head.dataset.logged) > A_DAY);
    const fresh = [...columns].filter((head) => "first" in head.dataset).length;
    first.hidden = !fresh;
    first.textContent = first.dataset.words.replace("{n}", fresh);
  };
  const name = (cell) => (cell.matches("th") ? textOf(cell) : `${textOf(cell.parentElement.cells[0])}, ${dayOf(cell)}`);

  // --- moving ---
  const choose = (cell, focus = true) => {
    if (!cell) return;
    if (current) inside(current).setAttribute("tabindex", "-1");
    current = cell;
    inside(cell).setAttribute("tabindex", "0");
    if (cell.matches(".k")) cell.setAttribute("aria-readonly", "true");
    where.textContent = cell.matches("th") ? name(cell) : `${name(cell)}: ${cell.getAttribute("aria-label")}`;
    buttons.forEach((button) => {
      button.disabled = isFixed(cell);
      button.setAttribute("aria-pressed", String(!isFixed(cell) && cell.classList.contains(button.dataset.code)));
    });
    if (focus) inside(cell).focus();
  };
  const at = (row, column) => rows[row]?.cells[column];
  const move = (down, across) => {
    const line = Math.min(Math.max(lines.indexOf(current.parentElement) + down, 0), lines.length - 1);
    choose(lines[line].cells[Math.min(Math.max(current.cellIndex + across, 0), lastColumn)]);
  };

  // --- marking ---
  const mark = (code) => {
    if (isFixed(current)) return;
    const was = changed.get(current) ?? current.className;
    if (was === code) changed.delete(current);
    else changed.set(current, was);
    draw(current, code);
    tell();
    said.textContent = `${name(current)}: ${current.getAttribute("aria-label")}. ${count.textContent}`;
  };
  const putBack = () => {
    if (!changed.has(current)) return;
    const was = changed.get(current);
    changed.delete(current);
    draw(current, was);
    tell();
    said.textContent = `${name(current)}: ${current.getAttribute("aria-label")}. ${count.textContent}`;
  };

  const steps = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0],
    End: [0, Infinity], Enter: [1, 0],
  };
  table.addEventListener("keydown", (event) => {
    if (event.target !== inside(current) || event.altKey || event.metaKey) return;
    const { key, ctrlKey, shiftKey } = event;
    if (key === "Enter" && event.target !== current) return; // a head's link is followed
    const letter = !ctrlKey && buttons.find((button) => button.dataset.letter && button.dataset.letter.toLowerCase() === key.toLowerCase());
    if (letter && !isFixed(current)) {
      mark(letter.dataset.code);
      move(1, 0);
    } else if (!ctrlKey && (key === "Delete" || key === "Backspace")) {
      mark("n");
      choose(current);
    } else if (!ctrlKey && key === " " && !isFixed(current)) {
      const codes = buttons.map((button) => button.dataset.code);
      mark(codes[(codes.indexOf(current.className.split(" ").filter((one) => one !== "is-new").at(-1)) + 1) % codes.length]);
      choose(current);
    } else if (key === "Escape") {
      putBack();
      choose(current);
    } else if (!ctrlKey && key === "Home") {
      choose(current.parentElement.cells[1]);
    } else if (ctrlKey && (key === "Home" || key === "End")) {
      choose(key === "Home" ? at(0, 1) : at(rows.length - 1, lastColumn));
    } else if (!ctrlKey && steps[key]) {
      const mirrored = document.dir === "rtl" && key.startsWith("Arrow") ? -1 : 1;
      const [down, across] = steps[key];
      move(key === "Enter" && shiftKey ? -1 : down, across * mirrored);
    } else return;
    event.preventDefault();
  });
  table.addEventListener("click", ({ target }) => {
    const cell = target.closest("tbody td");
    if (cell && cell.cellIndex <= lastColumn) choose(cell);
  });
  table.addEventListener("focusin", ({ target }) => { if (target.matches("tbody td, th a") && target.closest("td, th") !== current) choose(target.closest("td, th"), false); });
  // A mark of the bar goes to the chosen cell, and the next person is chosen: a paper register is read downwards.
  buttons.forEach((button) => button.addEventListener("click", () => {
    if (!current) return;
    mark(button.dataset.code);
    move(1, 0);
  }));

  // --- saving ---
  form.addEventListener("submit", (event) => {
    const out = {};
    changed.forEach((_was, cell) => {
      const { session, version } = headOf(cell).dataset;
      out[session] ??= { version: Number(version), marks: {} };
      const code = cell.className.split(" ").filter((one) => one !== "is-new").at(-1);
      out[session].marks[cell.parentElement.dataset.member] = markOf(code).dataset.mark;
    });
    if (!changed.size) {
      event.preventDefault();
      event.stopImmediatePropagation();
      said.textContent = nothing;
      return;
    }
    form.elements.changes.value = JSON.stringify(out);
    window.removeEventListener("beforeunload", stay);
  }, { capture: true });
  const stay = (event) => { if (changed.size) event.preventDefault(); };
  window.addEventListener("beforeunload", stay);

  // --- setting out ---
  table.setAttribute("role", "grid");
  table.setAttribute("aria-describedby", "grid-keys");
  rows.forEach((row) => [...row.cells].forEach((cell) => {
    if (!("was" in cell.dataset)) return; // a mark that could not be saved: it waits here
    changed.set(cell, cell.dataset.was);
    cell.classList.add("is-new");
  }));
  const frame = table.parentElement;
  frame.removeAttribute("tabindex"); // one cell takes the focus now, and arrow keys lead from it to every other
  table.querySelectorAll("th a").forEach((link) => link.setAttribute("tabindex", "-1"));
  const inColumn = (place) => rows.map((row) => row.cells[place]).find((cell) => !isFixed(cell));
  const newest = [...Array(lastColumn).keys()].map((place) => lastColumn - place);
  choose([...changed.keys()][0] ?? inColumn(newest.find(inColumn) ?? lastColumn) ?? at(0, lastColumn), false);
  if (changed.size) current.scrollIntoView({ block: "nearest", inline: "nearest" });
  else frame.scrollLeft = document.dir === "rtl" ? -frame.scrollWidth : frame.scrollWidth; // the newest sessions
  tell();
})();
