// The desk put together.

const language = document.documentElement.lang === 'nl' ? 'nl' : 'en';
const words = wordsOf(TEXTS[language]);
const say = new Say(words, language);
const conversations = new Map();
let current = null;
let welcome = null;

const list = new List(say, words, {
  open: (row) => open(row.id),
  search: (address) => link.ask({ type: 'search', address }),
});
const alerts = new Alerts(say, words, {
  accept: (offer) => { wanted = offer.contact.id; link.ask({ type: 'accept', offer: offer.id }); },
  decline: (offer) => link.ask({ type: 'decline', offer: offer.id }),
});
const side = new Side(say, words);
let wanted = null;

const none = el('p', { class: 'none big' }, words('conversation.none'));
const middle = el('main', { class: 'pane middle' }, none);
const note = el('p', { class: 'toast', role: 'alert', testid: 'desk-toast', hidden: true });
const offline = el('p', { class: 'offline', role: 'status', testid: 'desk-offline', hidden: true }, words('offline'));
const meName = el('span', { class: 'me-name', testid: 'desk-me' });
const undisturbed = el('button', { type: 'button', class: 'plain small', testid: 'desk-undisturbed', onclick: () => disturb() });
const change = el('button', { type: 'button', class: 'plain small', testid: 'desk-change-seat', onclick: () => chooseSeat() }, words('seat.change'));
const other = language === 'nl' ? ['en', 'English'] : ['nl', 'Nederlands'];
const bar = el('header', { class: 'bar-top' }, el('strong', { class: 'company' }, document.body.dataset.company), el('span', { class: 'me' }, meName, undisturbed, change,
  el('a', { class: 'language', href: `?lang=${other[0]}`, lang: other[0], hreflang: other[0] }, other[1])));
const navigation = el('nav', { class: 'narrow-nav' }, [['contacts', words('contacts'), 'chat'], ['middle', words('conversation'), 'person'], ['side', words('colleagues'), 'people']]
  .map(([name, label, image]) => el('button', { type: 'button', 'data-view': name, testid: `desk-nav-${name}`, onclick: () => view(name) }, icon(image), label)));
const seats = el('main', { class: 'seats', testid: 'desk-seats', hidden: true });
const desk = el('div', { class: 'desk', hidden: true }, list.node, middle, side.node, navigation);
document.getElementById('desk').append(bar, offline, alerts.node, note, seats, desk);

function view(name) {
  desk.dataset.view = name;
  for (const button of navigation.children) button.setAttribute('aria-current', String(button.dataset.view === name));
}

function toast(text) {
  note.textContent = text;
  note.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { note.hidden = true; }, 7000);
}

function conversation(id) {
  let one = conversations.get(id);
  if (!one) {
    one = new Conversation(id, say, words, {
      ask: (frame) => link.ask(frame),
      back: () => view('contacts'),
      labelOf: (person, name) => side.labelOf(person, name),
      retry: (item) => link.retry(item),
      say: (contact, kind, text) => link.say(contact, kind, text),
    });
    conversations.set(id, one);
    one.row = list.row(id) ?? one.row;
    for (const item of link.pending.items) if (item.contact === id) one.pend(item);
  }
  return one;
}

function open(id) {
  const row = list.row(id);
  if (!row) return;
  const one = conversation(id);
  one.row = row;
  current = id;
  list.current = id;
  one.showRow(row);
  link.follow(id);
  middle.replaceChildren(one.node);
  list.show();
  view('middle');
  if (!one.writer.hidden) one.field.focus({ preventScroll: true });
  one.log.scrollTop = one.log.scrollHeight;
}

function refreshRows() {
  for (const [id, one] of conversations) {
    const row = list.row(id);
    if (row) one.showRow(row);
    // A contact that left the list of open ones is closed.
    else if (one.row && one.row.state !== 'closed') one.showRow({ ...one.row, state: 'closed' });
  }
  // The address of an alert that went out by mail ends with its contact.
  const asked = /^#C(\d+)$/.exec(location.hash);
  if (asked && list.row(Number(asked[1]))) { history.replaceState(null, '', location.pathname + location.search); open(Number(asked[1])); }
  if (wanted !== null && list.row(wanted)?.people.includes(say.me)) { const id = wanted; wanted = null; open(id); }
}

function disturb() {
  const isUndisturbed = side.people.find((one) => one.id === say.me)?.state === 'do_not_disturb';
  link.ask({ type: 'disturb', welcome: isUndisturbed });
}

function showMe() {
  const me = side.people.find((one) => one.id === say.me);
  const isUndisturbed = me?.state === 'do_not_disturb';
  undisturbed.textContent = words(isUndisturbed ? 'status.disturb' : 'status.undisturbed');
  undisturbed.setAttribute('aria-pressed', String(isUndisturbed));
  if (me) meName.replaceChildren(avatar(me.name, dotOf(me)), el('span', {}, me.name, el('span', { class: `presence ${dotOf(me)}`, testid: 'desk-my-state' }, words(`presence.${me.state}`))));
}

function chooseSeat() {
  desk.hidden = true;
  seats.hidden = false;
  if (!welcome.can_choose) { seats.replaceChildren(el('p', {}, words('seat.none'))); return; }
  seats.replaceChildren(el('h1', {}, words('seat.choose')), el('p', {}, words('seat.hint')),
    el('ul', { class: 'seat-list' }, welcome.people.map(({ id, name }) => el('li', {}, el('button', { type: 'button', class: 'seat', testid: `desk-seat-${id}`, onclick: () => link.sit(id) }, avatar(name), name)))));
}

const link = new Link(BASE, language, {
  acceptance: ({ contact, is_yours: isYours }) => {
    if (!isYours) { wanted = null; toast(words('acceptance.late')); return; }
    wanted = contact;
    refreshRows();
  },
  colleagues: ({ people }) => { side.takePeople(people); showMe(); },
  connection: (isUp) => {
    if (isUp) {
      clearTimeout(offline.timer);
      offline.timer = undefined;
      offline.hidden = true;
    } else {
      // A cut that mends at once is not worth a word.
      offline.timer ??= setTimeout(() => { offline.hidden = false; }, 1200);
    }
    document.documentElement.toggleAttribute('data-connected', isUp);
  },
  contacts: ({ rows }) => {
    list.take(rows);
    refreshRows();
    // What was found may have changed with it.
    if (list.found) link.ask({ type: 'search', address: list.found.address });
  },
  entry: (frame) => conversation(frame.contact).take(frame),
  found: (frame) => { list.takeFound(frame); refreshRows(); },
  kept: (frame) => conversations.get(frame.contact)?.keep(frame),
  offers: ({ offers }) => alerts.take(offers),
  outbox: ({ mails }) => side.takeMails(mails),
  refused: ({ reason, retry_after_s: seconds, item }) => {
    const text = words(`refused.${reason}`, { seconds: seconds ?? '', max: link.bytesMax });
    if (item) { item.reason = text; conversations.get(item.contact)?.pend(item); }
    toast(text);
  },
  welcome: (frame) => {
    welcome = frame;
    say.learn(frame);
    change.hidden = !frame.can_choose || !frame.me;
    side.outbox.hidden = !frame.has_outbox;
    undisturbed.hidden = !frame.me;
    if (!frame.me) { chooseSeat(); return; }
    seats.hidden = true;
    desk.hidden = false;
    if (!desk.dataset.view) view('contacts');
    showMe();
  },
});
showMe();
