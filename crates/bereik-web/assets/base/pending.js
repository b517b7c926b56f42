// What was written and is not yet known to be kept: numbered, kept over a reload, and sent again after a cut.
//
// The tab's id is new with each load and never stored: a duplicated tab must not use up the same numbers.

class Pending {
  constructor(storageKey) {
    this.storageKey = storageKey;
    this.tab = [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(36).padStart(2, '0')).join('');
    this.count = 0;
    this.items = [];
    try { this.items = JSON.parse(sessionStorage.getItem(storageKey)) ?? []; } catch { /* no storage: kept in memory only */ }
    for (const item of this.items) item.state = 'sending';
  }

  store() {
    try { sessionStorage.setItem(this.storageKey, JSON.stringify(this.items)); } catch { /* full or forbidden */ }
  }

  add(frame) {
    this.count += 1;
    const item = { ...frame, key: `${this.tab}:${this.count}`, state: 'sending' };
    this.items.push(item);
    this.store();
    return item;
  }

  find(key) { return this.items.find((item) => item.key === key); }

  remove(key) {
    this.items = this.items.filter((item) => item.key !== key);
    this.store();
  }

  // What may be sent now, in order. A message that opens a contact goes alone: those after it learn the contact first.
  ready() {
    const ready = [];
    for (const item of this.items) {
      if (item.state === 'failed') continue;
      if (item.contact === null) return ready.length ? ready : [item];
      ready.push(item);
    }
    return ready;
  }

  opened(contact) {
    for (const item of this.items) item.contact ??= contact;
    this.store();
  }
}
