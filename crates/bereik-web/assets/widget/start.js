// Defines the element, and puts one on the page where the site has not placed it itself.

if (!customElements.get('bereik-chat')) customElements.define('bereik-chat', BereikChat);
const place = () => { if (!document.querySelector('bereik-chat')) document.body.append(document.createElement('bereik-chat')); };
if (document.readyState === 'loading') addEventListener('DOMContentLoaded', place);
else place();
