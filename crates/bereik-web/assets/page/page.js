// The visitor page: departments and people with how they stand, kept up to date by the chat's own connection.

const words = wordsOf(TEXTS[document.documentElement.lang]);
const chat = document.querySelector('bereik-chat');

document.querySelector('.updated').hidden = false;

function way(view, { kind, text, href }) {
  const label = kind === 'phone' ? words('contact.by_phone', { name: view.name })
    : kind === 'email' ? words('contact.by_email', { name: view.name }) : `${words(`way.${kind}`)}: ${text}`;
  const inner = [icon(kind === 'phone' || kind === 'voicemail' ? 'phone' : kind === 'email' ? 'mail' : 'chat'), el('span', {}, text)];
  return el('li', {}, href ? el('a', { href, title: label, 'aria-label': `${label}: ${text}`, testid: `way-${kind}` }, ...inner) : el('span', { class: 'way', title: label }, ...inner));
}

function card(view, to) {
  const isLive = view.now.includes('web_chat');
  const button = el('button', { type: 'button', class: isLive ? 'primary' : 'plain', testid: `chat-with-${view.id}`, 'data-id': view.id,
    'aria-label': isLive ? words('chat.with', { name: view.name }) : `${words('chat.leave')}: ${view.name}`,
    onclick: () => chat.open(to, view.name) }, icon('chat'), words(isLive ? 'chat' : 'chat.leave'));
  const ways = view.ways.length ? el('ul', { class: 'ways', 'aria-label': words('contact.other', { name: view.name }) }, view.ways.map((one) => way(view, one))) : null;
  return el('li', { class: 'card', testid: `card-${view.id}` },
    el('div', { class: 'who' }, avatar(view.name, view.standing),
      el('div', {}, el('h3', {}, view.name), el('p', { class: `standing ${view.standing}`, testid: `standing-${view.id}` }, standingOf(view, words)))),
    ways, button);
}

function show(board) {
  const focused = document.activeElement?.dataset?.id;
  const fill = (list, views, to) => {
    list.replaceChildren(...views.map((view) => card(view, to(view))));
    list.parentElement.hidden = views.length === 0;
  };
  fill(document.getElementById('groups'), board.groups, (view) => ({ group: view.id }));
  fill(document.getElementById('people'), board.people, (view) => ({ person: view.id }));
  if (focused) document.querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

chat.addEventListener('bereik-board', (event) => show(event.detail));
fetch(document.body.dataset.board, { cache: 'no-store' }).then((answer) => answer.json()).then(show).catch(() => { /* the connection of the chat brings it */ });
