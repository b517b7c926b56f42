// Elements and icons made by DOM calls only: text is never read as markup.

const SVG = 'http://www.w3.org/2000/svg';

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'testid') node.dataset.testid = value;
    else if (value === true) node.setAttribute(name, '');
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

// Gives a parent these children, in this order. A child that stays is not touched: a press on it that has begun, and the
// focus in it, are not lost.
function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
}

const ICONS = {
  chat: 'M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4.2c-.5.5-1.4.1-1.4-.6V15A2.5 2.5 0 0 1 4 12.5z',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M14.5 5.5L8 12l6.5 6.5',
  send: 'M4 12l16-8-5.5 16-3-6.5z',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  phone: 'M6 3.5h3l1.5 4.5-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4 5.7a2 2 0 0 1 2-2.2z',
  mail: 'M4 6h16v12H4zM4.5 6.5L12 13l7.5-6.5',
  link: 'M10 14a4 4 0 0 0 6 .4l2.5-2.5a4 4 0 0 0-5.7-5.7L11.5 7.5M14 10a4 4 0 0 0-6-.4L5.5 12.1a4 4 0 0 0 5.7 5.7l1.3-1.3',
  alert: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5a6.5 6.5 0 0 1 13 0M16 5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 5.5',
  video: 'M4 6.5h10.5v11H4zM14.5 10.5l5.5-3v9l-5.5-3',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5',
  check: 'M5 12.5l4.5 4.5L19 7',
};

function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon icon-${name}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

function iconButton(name, label, testid, onclick) {
  return el('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, testid, onclick }, icon(name));
}

// The words of a text, with `{name}` filled in; the key itself where there are none, so that it is seen.
function wordsOf(texts) {
  return (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Text with its http and https addresses as links. Everything stays text; no other scheme becomes a link.
function linkified(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/gi)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, '');
    let url;
    try { url = new URL(address); } catch { continue; }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') continue;
    nodes.push(text.slice(at, match.index));
    nodes.push(el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer' }, address));
    at = match.index + address.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

function initials(name) {
  const parts = name.trim().split(/\s+/);
  const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : [parts[0]];
  return letters.map((part) => [...part][0] ?? '').join('').toUpperCase();
}

function avatar(name, standing) {
  const tint = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return el('span', { class: `avatar tint-${tint}`, 'aria-hidden': 'true' }, initials(name),
    standing ? el('span', { class: `dot ${standing}` }) : null);
}
