// PeerHub: small progressive enhancements. Every page works without this file. docs/components.md lists the data-ph-* attributes.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The error summary takes focus, so that screen readers and keyboards start with the problem.
  const focusErrors = (root) => root.querySelector("[data-ph-errors]")?.focus();

  // data-ph-count="{n} of {all} here" data-ph-of="here": live count of the ticked boxes of that name in the same form.
  // Those under data-ph-extra are offered, not expected: they count once ticked, and data-ph-all leaves them alone.
  const count = (form) => {
    all("[data-ph-count]").filter((out) => !out.dataset.phForm || out.dataset.phForm === form.id).forEach((out) => {
      const boxes = all(`input[type="checkbox"][name="${CSS.escape(out.dataset.phOf)}"]`, form)
        .filter((box) => box.checked || !box.closest("[data-ph-extra]"));
      if (!boxes.length) return;
      const ticked = boxes.filter((box) => box.checked).length;
      out.textContent = out.dataset.phCount.replace("{n}", ticked).replace("{all}", boxes.length);
    });
  };

  // What only works with this file starts hidden: data-ph-js.
  const reveal = (root) => all("[data-ph-js][hidden]", root).forEach((part) => { part.hidden = false; });

  document.addEventListener("change", ({ target }) => {
    const form = target.form;
    if (!form) return;
    count(form);
    // <form data-ph-autosubmit>: a filter that applies itself. Its button stays in <noscript>.
    if (form.matches("[data-ph-autosubmit]")) form.requestSubmit();
  });

  document.addEventListener("click", ({ target }) => {
    const tickAll = target.closest("[data-ph-all]"); // data-ph-all="here": tick every box of that name
    if (tickAll?.form) {
      all(`input[type="checkbox"][name="${CSS.escape(tickAll.dataset.phAll)}"]:not(:disabled)`, tickAll.form)
        .filter((box) => !box.closest("[data-ph-extra]")).forEach((box) => { box.checked = true; });
      count(tickAll.form);
    }
    const copy = target.closest("[data-ph-copy]"); // data-ph-copy="#link" data-ph-copied="Copied"
    if (copy) {
      const source = document.querySelector(copy.dataset.phCopy);
      navigator.clipboard?.writeText(source?.value ?? source?.textContent ?? "")
        .then(() => { copy.textContent = copy.dataset.phCopied; });
    }
    if (target.closest("[data-ph-print]")) window.print();
    // Menus in the bar close when you look elsewhere.
    all(".ph-bar details[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
  });

  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    all(".ph-bar details[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A second press of the same button does nothing. The server has its own guard: this only saves the wait.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.phSent) {
      event.preventDefault();
      return;
    }
    form.dataset.phSent = "1";
    setTimeout(() => { delete form.dataset.phSent; }, 5000);
  });
  window.addEventListener("pageshow", () => all("[data-ph-sent]").forEach((form) => { delete form.dataset.phSent; }));

  // htmx: what could not be saved says so, what was swapped in is enhanced too.
  const unsaved = (on) => {
    const note = document.getElementById("ph-unsaved");
    if (note) note.hidden = !on;
  };
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => unsaved(true)));
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt) delete detail.elt.dataset.phSent;
    if (detail.successful) unsaved(false);
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    reveal(target);
    focusErrors(target);
  });

  // A row of tabs too long for the screen starts where you are.
  all(".ph-tabs [aria-current]").forEach((tab) => {
    const row = tab.closest("ul");
    const [here, frame] = [tab.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += here.left + here.width / 2 - (frame.left + frame.width / 2);
  });

  // data-ph-keep: a field that a card reader types into takes the focus back when it goes nowhere else.
  document.addEventListener("focusout", ({ target }) => {
    if (!target.matches("[data-ph-keep]")) return;
    setTimeout(() => { if (target.isConnected && document.activeElement === document.body) target.focus(); }, 300);
  });

  reveal(document);
  focusErrors(document);
})();
