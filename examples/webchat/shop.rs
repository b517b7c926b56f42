//! The pages of the company's own site, each with the chat on it: what the table of pages is for.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Html;
use axum::routing::get;

/// A page: its path, its title, and what stands on it.
struct Page(&'static str, &'static str, &'static str);

const PAGES: [Page; 7] = [
    Page(
        "/shop",
        "Bicycles for dealers",
        "City bikes, cargo bikes and e-bikes, from stock in Rotterdam. Order before five, and it \
         leaves tonight.",
    ),
    Page(
        "/shop/e-bikes/mira-2",
        "Mira 2",
        "Mid-drive motor, 630 Wh, hydraulic brakes. Firmware 4.2 is out: ask the workshop before \
         you update a fleet.",
    ),
    Page(
        "/shop/basket/checkout",
        "Check out",
        "Two Mira 2, one cargo frame. Delivery on Wednesday. Does something go wrong here? Ask, \
         and it goes before other questions.",
    ),
    Page(
        "/invoices",
        "Your invoices",
        "Open: none. Questions about an invoice can wait until it suits the administration.",
    ),
    Page(
        "/deliveries/tonight",
        "On the road tonight",
        "Truck 2 leaves dock 4 at half past midnight. The night dispatch is there from ten.",
    ),
    Page(
        "/de/hilfe",
        "Hilfe für Händler",
        "Fragen zu Bestellungen, Preisen und Lieferungen: schreiben Sie uns auf Deutsch.",
    ),
    Page(
        "/status/web-shop",
        "The web shop is down",
        "Orders do not come through. Whoever writes from this page reports a calamity: the calamity \
         line is alerted at once, day and night.",
    ),
];

/// A site that runs only its own scripts can show the chat all the same.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The site: every page of it, and what it looks like.
pub(crate) fn site() -> Router {
    let style = || async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) };
    let routes = Router::new().route("/site.css", get(style));
    PAGES.iter().fold(routes, |routes, page| {
        let html = || async { ([(CONTENT_SECURITY_POLICY, POLICY)], Html(page.html())) };
        routes.route(page.0, get(html))
    })
}

impl Page {
    /// Everything on it is our own text, so that nothing needs to be escaped.
    fn html(&self) -> String {
        let Self(here, title, text) = self;
        let link = |page: &Page| {
            let current = if page.0 == *here {
                " aria-current=\"page\""
            } else {
                ""
            };
            format!("<a href=\"{}\"{current}>{}</a>", page.0, page.1)
        };
        let links: String = PAGES.iter().map(link).collect();
        format!(
            "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · Kade &amp; Co</title>\n<link rel=\"stylesheet\" href=\"/site.css\">\n\
             <script src=\"/bereik/widget.js\" defer></script>\n\
             <header><b>Kade &amp; Co</b><a href=\"/bereik\">Contact</a></header>\n\
             <nav aria-label=\"Pages\">{links}</nav>\n\
             <main><h1>{title}</h1><p>{text}</p></main>\n</html>\n",
            if here.starts_with("/de/") { "de" } else { "en" },
        )
    }
}

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 60rem; padding: 0 1.25rem 8rem; font: 1.0625rem/1.6 system-ui, sans-serif; }
header { display: flex; justify-content: space-between; padding: 1.25rem 0; border-bottom: 1px solid #8886; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 1rem 0; font-size: .9375rem; }
a { color: light-dark(#0b5c8f, #7cc4f2); text-underline-offset: .2em; }
a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
h1 { font-size: 2.25rem; line-height: 1.2; margin: 2.5rem 0 .5rem; }
p { max-width: 38rem; }
";
