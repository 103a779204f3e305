// PeerHub without a network: log sheets open, and what is saved waits in the tray. Served at /sw.js after tray.store.js,
// with PEERHUB = {version, shell: [addresses], offline: address} before both. docs/offline.md tells the whole of it.
/* global PEERHUB, PeerHubTray */
(() => {
  "use strict";
  const SHELL = `peerhub-shell-${PEERHUB.version}`;
  const SHEETS = "peerhub-sheets"; // pages with names in them: gone at sign-out, and after three days
  const OLDEST = 3 * 24 * 3600 * 1000;
  const SLOW = 8000;
  const isSheet = (url) => /^\/sessions\/[0-9a-f-]{36}\/log\/$/.test(url.pathname);
  const keyOf = (url) => `${url.origin}${url.pathname}`;

  const forget = () => caches.delete(SHEETS);

  const install = async () => {
    const shell = await caches.open(SHELL);
    await shell.addAll(PEERHUB.shell.map((address) => new Request(address, { cache: "reload" })));
    // Without cookies: the frame of a stranger, so that nobody's name is kept in it.
    await shell.put(PEERHUB.offline, await fetch(PEERHUB.offline, { credentials: "omit" }));
    await self.skipWaiting();
  };

  const activate = async () => {
    for (const name of await caches.keys()) if (name.startsWith("peerhub-shell-") && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  };

  const quickly = (request) => Promise.race([
    fetch(request),
    new Promise((_, reject) => { setTimeout(() => reject(new Error("slow")), SLOW); }),
  ]);

  const keptSheet = async (url) => {
    const found = await (await caches.open(SHEETS)).match(keyOf(url));
    if (!found) return undefined;
    if (Date.now() - Number(found.headers.get("X-Kept-At")) < OLDEST) return found;
    await forget();
    return undefined;
  };

  const offline = async () => (await caches.match(PEERHUB.offline, { cacheName: SHELL })) || Response.error();

  const page = async (request, url) => {
    try {
      return await quickly(request);
    } catch {
      return (isSheet(url) && await keptSheet(url)) || offline();
    }
  };

  const titleOf = async (url) => (await keptSheet(url))?.headers.get("X-Title") || "";

  // A log that cannot be sent now is kept, and the leader is told so. Its one-time key is new: the page may be an old copy.
  const send = async (request, url) => {
    const copy = request.clone();
    try {
      const reply = await fetch(request);
      if (reply.type === "opaqueredirect") {
        for (const entry of await PeerHubTray.entries()) if (entry.url === url.pathname) await PeerHubTray.drop(entry.id);
      }
      return reply;
    } catch {
      const data = await copy.formData();
      const person = data.get("tray_person");
      if (!person || data.get("action")) return offline();
      const now = new Date().toISOString();
      data.set("form_key", crypto.randomUUID());
      if (!data.get("recorded_at")) data.set("recorded_at", now);
      const fields = [...data].filter(([name]) => !["csrfmiddlewaretoken", "tray_person"].includes(name));
      const title = decodeURIComponent(await titleOf(url));
      await PeerHubTray.keep({ id: crypto.randomUUID(), person, url: url.pathname, title, fields, at: now, state: "waits" });
      return Response.redirect(`${PEERHUB.offline}?kept=1`, 303);
    }
  };

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (request.mode === "navigate") {
      if (/^\/(accounts|demo)\//.test(url.pathname)) event.waitUntil(forget()); // somebody else may be coming
      else if (request.method === "POST" && isSheet(url)) event.respondWith(send(request, url));
      else if (request.method === "GET") event.respondWith(page(request, url));
    } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
      event.respondWith(caches.match(request, { cacheName: SHELL }).then((found) => found || fetch(request)));
    }
  });
})();
