// The outgoing tray: forms that could not be sent, kept in this browser. Shared by the service worker and the pages.
// An entry: {id, person, url, title, fields: [[name, value]], at (ISO), state: "waits" | "look"}. No names are in it: people are keys.
self.PeerHubTray = (() => {
  "use strict";
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const open = () => {
    const request = indexedDB.open("peerhub-tray", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "id" });
    return done(request);
  };
  const use = async (mode, act) => {
    const database = await open();
    try {
      return await done(act(database.transaction("entries", mode).objectStore("entries")));
    } finally {
      database.close();
    }
  };
  const entries = () => use("readonly", (store) => store.getAll());
  const put = (entry) => use("readwrite", (store) => store.put(entry));
  const drop = (id) => use("readwrite", (store) => store.delete(id));
  // One form is in the tray once: what is saved later replaces what waited.
  const keep = async (entry) => {
    for (const old of await entries()) if (old.url === entry.url && old.person === entry.person) await drop(old.id);
    await put(entry);
  };
  return { entries, put, drop, keep };
})();
