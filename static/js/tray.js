// Log sheets for later, and the tray: on pages of people who lead, and on the page that is shown without a network.
// Where somebody is signed in: <meta name="ph-person" content="…" data-ph-worker="/sw.js" data-ph-sign-out="…" data-ph-sheets="…">.
// Words are in #ph-tray. docs/offline.md tells the whole of it.
/* global PeerHubTray */
(() => {
  "use strict";
  const meta = document.querySelector('meta[name="ph-person"]');
  const person = meta?.content || "";
  const panel = document.getElementById("ph-tray");
  const token = () => document.querySelector('input[name="csrfmiddlewaretoken"]')?.value || "";
  const SHEETS = "peerhub-sheets";
  const MOST = 12;
  const FRESH = 30 * 60 * 1000; // a sheet kept half an hour ago is not asked for again

  const mine = async () => (await PeerHubTray.entries()).filter((entry) => entry.person === person || !person);

  // --- sheets that can be opened on a train ---
  const keepSheets = async () => {
    const wanted = (meta?.dataset.phSheets || "").split(" ").filter(Boolean).slice(0, MOST);
    if (!wanted.length || !("caches" in window)) return;
    const kept = await caches.open(SHEETS);
    for (const address of wanted) {
      const before = Number((await kept.match(address))?.headers.get("X-Kept-At") || 0);
      if (Date.now() - before < FRESH) continue;
      const reply = await fetch(`${address}?ahead=1`).catch(() => null);
      if (!reply?.ok || reply.redirected) continue;
      const text = await reply.text();
      const title = new DOMParser().parseFromString(text, "text/html").getElementById("log")?.dataset.phTitle;
      if (!title) continue; // nothing to fill in
      const headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": reply.headers.get("Content-Security-Policy") || "",
        "X-Kept-At": String(Date.now()),
        "X-Title": encodeURIComponent(title),
      };
      await kept.put(new URL(address, location.origin).href, new Response(text, { headers }));
    }
  };

  const showSheets = async () => {
    const list = document.getElementById("ph-sheets");
    if (!list || !("caches" in window)) return;
    const kept = await caches.open(SHEETS);
    for (const request of await kept.keys()) {
      const link = document.createElement("a");
      link.href = new URL(request.url).pathname;
      link.className = "ph-task__name";
      link.textContent = decodeURIComponent((await kept.match(request)).headers.get("X-Title")) || link.href;
      const item = document.createElement("li");
      item.className = "ph-task";
      item.append(link);
      list.querySelector("ul").append(item);
      list.hidden = false;
    }
    document.getElementById("ph-kept").hidden = !new URLSearchParams(location.search).has("kept");
  };

  // Who used this browser before is not who uses it now: their sheets go.
  const forgetOthers = async () => {
    if (!person || !("caches" in window)) return;
    if (localStorage.getItem("peerhub-person") !== person) {
      await caches.delete(SHEETS);
      localStorage.setItem("peerhub-person", person);
    }
  };

  // --- the tray ---
  const words = (name) => panel?.dataset[name] || "";
  const row = (entry) => {
    const item = document.createElement("li");
    const name = document.createElement("strong");
    name.textContent = entry.title || words("untitled");
    const at = new Date(entry.at).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });
    item.append(name, ` ${words(entry.state).replace("{at}", at)} `);
    if (entry.state === "look" && person) {
      const look = document.createElement("button");
      look.type = "button";
      look.className = "btn btn-secondary btn-sm";
      look.textContent = words("open");
      look.addEventListener("click", () => openEntry(entry));
      item.append(look);
    }
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-link btn-sm";
    drop.textContent = words("drop");
    drop.addEventListener("click", async () => {
      if (!window.confirm(words("sure"))) return;
      await PeerHubTray.drop(entry.id);
      show();
    });
    item.append(drop);
    return item;
  };
  const show = async () => {
    if (!panel) return;
    const waiting = await mine();
    panel.querySelector("ul").replaceChildren(...waiting.map(row));
    panel.hidden = !waiting.length;
  };

  // The whole form as it was filled in, posted as if by hand: the server says what is wrong, with everything typed still there.
  const openEntry = (entry) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = entry.url;
    [...entry.fields, ["csrfmiddlewaretoken", token()], ["tray_person", person]].forEach(([name, value]) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    });
    document.body.append(form);
    form.submit();
  };

  const sendOne = async (entry) => {
    const body = new URLSearchParams(entry.fields);
    const headers = { "X-CSRFToken": token(), "X-PeerHub-Tray": "1" };
    const reply = await fetch(entry.url, { method: "POST", body, headers, redirect: "manual" });
    if (reply.status === 204) await PeerHubTray.drop(entry.id); // nothing else means saved
    else if ([404, 403, 409, 413, 422].includes(reply.status)) await PeerHubTray.put({ ...entry, state: "look" });
    return reply.status === 204;
  };
  const sendAll = async () => {
    if (!person || !token()) return;
    let sent = 0;
    for (const entry of await mine()) {
      if (entry.state !== "waits") continue;
      try {
        sent += await sendOne(entry);
      } catch {
        break; // still no network
      }
    }
    await show();
    const told = document.getElementById("ph-tray-sent");
    if (sent && told) {
      told.hidden = false;
      told.querySelector("[data-ph-sent-count]").textContent = told.dataset[sent === 1 ? "one" : "many"].replace("{n}", sent);
    }
  };
  // Two pages open at once send each log once: the second waits, and finds it gone.
  const sync = () => (navigator.locks ? navigator.locks.request("peerhub-tray", sendAll) : sendAll());

  // --- the sheet itself: opened again without a network, it shows what was saved ---
  const refill = async () => {
    const form = document.getElementById("log");
    if (!form || !person) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "tray_person", value: person });
    form.append(input);
    if (navigator.onLine) return;
    const caption = document.querySelector("h1 .ph-caption"); // the page may be of yesterday, and its "tomorrow" today
    if (caption) caption.textContent = form.dataset.phTitle;
    const entry = (await mine()).find((one) => one.url === location.pathname);
    if (!entry) return;
    const said = new Map();
    entry.fields.forEach(([name, value]) => said.set(name, [...(said.get(name) || []), value]));
    [...form.elements].forEach((field) => {
      if (!field.name || ["hidden", "submit", "button"].includes(field.type)) return;
      const values = said.get(field.name) || [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    });
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // Signing out empties this browser, so what was not sent would be lost: say so first.
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== meta?.dataset.phSignOut || event.target.dataset.phAsked) return;
    event.preventDefault();
    mine().then((waiting) => {
      if (waiting.length && !window.confirm(words("leaving"))) return;
      event.target.dataset.phAsked = "1";
      delete event.target.dataset.phSent;
      event.target.requestSubmit();
    });
  }, true);

  if (!("indexedDB" in window)) return;
  if (meta && "serviceWorker" in navigator) navigator.serviceWorker.register(meta.dataset.phWorker).catch(() => {});
  window.addEventListener("online", sync);
  forgetOthers().then(refill).then(show).then(showSheets).then(sync).then(keepSheets).catch(() => {});
})();
