//! Pages: a template with its holes filled, and the headers that keep a browser strict.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use bereik_core::language::Language;

use crate::origin::Origin;

/// Scripts, styles and connections of our own only; nothing inline, no frame, no form.
const OF_A_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'";
/// Styles of our own and a form to us, nothing else: no script.
const OF_A_FORM: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'";

fn policy(allowed: &str, frame_ancestors: &[Origin]) -> HeaderValue {
    let framed_by = match frame_ancestors {
        [] => "'none'".to_owned(),
        origins => origins
            .iter()
            .map(Origin::as_str)
            .collect::<Vec<_>>()
            .join(" "),
    };
    let policy = format!("{allowed}; frame-ancestors {framed_by}");
    HeaderValue::from_str(&policy).expect("origins are plain ASCII")
}

/// A page with strict headers.
pub(crate) fn page(html: String, frame_ancestors: &[Origin]) -> Response {
    strict(html, policy(OF_A_PAGE, frame_ancestors), "no-referrer")
}

/// A page with a form and without scripts. A browser that tells no referrer at all would not say either from which site the
/// form is posted.
pub(crate) fn form_page(html: String, frame_ancestors: &[Origin]) -> Response {
    strict(html, policy(OF_A_FORM, frame_ancestors), "same-origin")
}

fn strict(html: String, policy: HeaderValue, referrer: &'static str) -> Response {
    let mut headers = HeaderMap::new();
    let fixed = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, referrer),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    (headers, html).into_response()
}

/// Fills the holes `{{name}}` of a template; every value is escaped.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("each hole is closed");
        let value = values.iter().find(|(hole, _)| *hole == name);
        let (_, value) = value.expect("each hole has a value");
        escape_into(&mut page, value);
        page.push_str(rest);
    }
    page
}

/// A text as HTML that reads as that text, in an element or a quoted value.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape_into(&mut html, text);
    html
}

fn escape_into(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

/// What goes before the name of a neighbour of this page, so that it is found wherever the router
/// is mounted and whatever a proxy cuts off: a page at `/a/b` finds it at `b/…`.
pub(crate) fn base_of(uri: &Uri) -> String {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        "./".to_owned()
    } else {
        format!("./{last}/")
    }
}

/// The language asked for: by `?lang=`, else by the browser.
pub(crate) fn language_of(uri: &Uri, headers: &HeaderMap) -> Language {
    let query = uri.query().unwrap_or_default();
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    if let Some(language) = asked.and_then(|tag| tag.parse().ok()) {
        return language;
    }
    let tags = headers.get(axum::http::header::ACCEPT_LANGUAGE);
    tags.and_then(|tags| tags.to_str().ok())
        .map_or_else(Language::default, Language::of_tags)
}

#[cfg(test)]
mod tests {
    use super::{base_of, fill, language_of};
    use axum::http::{HeaderMap, Uri};
    use bereik_core::language::Language;

    #[test]
    fn what_is_filled_in_stays_text() {
        let page = fill("<p>{{name}}</p>", &[("name", "\"><img onerror='x'> & co")]);
        assert_eq!(
            page,
            "<p>&quot;&gt;&lt;img onerror=&#39;x&#39;&gt; &amp; co</p>"
        );
    }

    #[test]
    fn neighbours_are_found_wherever_the_page_is() {
        for (path, base) in [
            ("/", "./"),
            ("/bereik", "./bereik/"),
            ("/a/desk", "./desk/"),
            ("/a/desk/", "./"),
        ] {
            assert_eq!(base_of(&Uri::from_static(path)), base, "{path}");
        }
    }

    #[test]
    fn the_language_asked_for_goes_before_the_browsers() {
        let mut headers = HeaderMap::new();
        headers.insert("accept-language", "nl-NL,nl;q=0.9".parse().unwrap());
        let of = |uri| language_of(&Uri::from_static(uri), &headers);
        assert_eq!(of("/"), Language::Dutch);
        assert_eq!(of("/?a=b&lang=en"), Language::English);
        assert_eq!(of("/?lang=xx"), Language::Dutch);
    }
}
