//! One server: requests in one name, and whither its answers may lead.

use std::borrow::Cow;

use tokio::task::spawn_blocking;

use crate::caldav::fault::Fault;
use crate::caldav::wire::{self, Answer, Multistatus};
use crate::http::{Client, Credentials, Request, Response};
use crate::url_guard::CheckedUrl;

/// What one resource is known by.
pub(crate) type Key = Box<[u8]>;

/// A server, and who asks it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    client: Client,
    credentials: Option<Credentials>,
    /// Hosts beside the first that get the credentials too.
    hosts: Vec<String>,
}

impl Server {
    pub(crate) const fn new(
        client: Client,
        credentials: Option<Credentials>,
        hosts: Vec<String>,
    ) -> Self {
        Self {
            client,
            credentials,
            hosts,
        }
    }

    /// Where a path, or a whole address in an answer, leads.
    ///
    /// Only to where the answer came from, or to a host that the embedder named: what a server
    /// writes does not choose who is asked next, and in whose name.
    pub(crate) fn follow(&self, base: &CheckedUrl, href: &str) -> Result<CheckedUrl, Fault> {
        let url = self.client.guard().check_reference(base, &plain(href))?;
        match self.is_trusted(base, &url) {
            true => Ok(url),
            false => Err(Fault::Elsewhere),
        }
    }

    fn is_trusted(&self, base: &CheckedUrl, url: &CheckedUrl) -> bool {
        let is_host = |host: &String| match host.strip_prefix("*.") {
            Some(parent) => {
                let head = url.host().strip_suffix(parent);
                head.is_some_and(|head| head.ends_with('.'))
            }
            None => url.host() == host,
        };
        let is_named = self.hosts.iter().any(is_host);
        // From http to https, each on its own port.
        let is_secured = url.host() == base.host()
            && (base.is_secure(), base.port()) == (false, 80)
            && (url.is_secure(), url.port()) == (true, 443);
        url.is_same_origin(base) || is_secured || is_named && (url.is_secure() || !base.is_secure())
    }

    /// Asks, and takes whatever is answered.
    ///
    /// The client takes no credentials along to another host. To one that is trusted they are given here; what
    /// another answers does not count, as it would be asked with them from then on.
    pub(crate) async fn ask(
        &self,
        url: &CheckedUrl,
        asked: &wire::Request,
    ) -> Result<Response, Fault> {
        let response = self.client.send(&self.request(url, asked)?).await?;
        let landed = response.url();
        if landed.is_same_origin(url) {
            return Ok(response);
        }
        match self.is_trusted(url, landed) {
            true => {
                let again = self.client.send(&self.request(landed, asked)?).await?;
                match again.url().is_same_origin(landed) {
                    true => Ok(again),
                    false => Err(Fault::Elsewhere),
                }
            }
            false => Err(Fault::Elsewhere),
        }
    }

    fn request(&self, url: &CheckedUrl, asked: &wire::Request) -> Result<Request, Fault> {
        let request = Request::new(asked.method, url.clone())
            .with_header("depth", asked.depth)?
            .with_header("content-type", "application/xml; charset=utf-8")?
            .with_body(asked.body.as_bytes());
        Ok(match &self.credentials {
            Some(credentials) => request.with_credentials(credentials.clone()),
            None => request,
        })
    }

    /// Asks for an answer in several parts; gives also where it came from.
    pub(crate) async fn multistatus(
        &self,
        url: &CheckedUrl,
        asked: &wire::Request,
    ) -> Result<(CheckedUrl, Multistatus), Fault> {
        let response = self.ask(url, asked).await?;
        match response.status() {
            207 => {
                let url = response.url().clone();
                let read = spawn_blocking(move || wire::read_multistatus(response.body())).await;
                let multistatus = read.map_err(|_| Fault::NotCalDav)??;
                Ok((url, multistatus.ok_or(Fault::NotCalDav)?))
            }
            _ => Err(Fault::of_response(&response)),
        }
    }

    /// What a server says of one resource.
    pub(crate) async fn look(&self, url: &CheckedUrl) -> Result<(CheckedUrl, Answer), Fault> {
        let asked = wire::propfind(wire::Listed::Itself);
        let (url, mut multistatus) = self.multistatus(url, &asked).await?;
        match multistatus.answers.len() {
            1.. => Ok((url, multistatus.answers.swap_remove(0))),
            0 => Err(Fault::NotCalDav),
        }
    }
}

/// An href with its spaces escaped, which some servers leave as they are.
fn plain(href: &str) -> Cow<'_, str> {
    match href.contains(' ') {
        true => Cow::Owned(href.replace(' ', "%20")),
        false => Cow::Borrowed(href),
    }
}

/// The last part of a path, unescaped.
pub(crate) fn last_name(url: &CheckedUrl) -> String {
    let key = key(url);
    let name = key.rsplit(|byte| *byte == b'/').next();
    String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
}

/// What a resource is known by, however its path is escaped. A slash that is escaped stays so, and a final
/// slash does not count.
pub(crate) fn key(url: &CheckedUrl) -> Key {
    let path = url.target();
    let path = path.strip_suffix('/').unwrap_or(path).as_bytes();
    let mut key = Vec::from(url.authority());
    let mut rest = path;
    while let [first, others @ ..] = rest {
        let digits = others.get(..2).filter(|_| *first == b'%');
        match digits.and_then(escaped) {
            Some(letter) => {
                match letter {
                    b'%' => key.extend(b"%25"),
                    b'/' => key.extend(b"%2F"),
                    _ => key.push(letter),
                }
                rest = &rest[3..];
            }
            None => {
                key.push(*first);
                rest = others;
            }
        }
    }
    key.into()
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let number = digits
        .iter()
        .try_fold(0, |all, byte| Some(all * 16 + digit(*byte)?));
    number.and_then(|number| u8::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::{Server, key};
    use crate::http::Client;
    use crate::url_guard::{CheckedUrl, UrlGuard};

    fn url(text: &str) -> CheckedUrl {
        let guard = UrlGuard::new().with_plain_http();
        guard.check(text).expect("a public address")
    }

    #[test]
    fn escapes_are_one_resource() {
        let same = |a, b| key(&url(a)) == key(&url(b));
        assert!(same(
            "https://a.org/anna%40b/x%20y.ics",
            "https://a.org/anna@b/x%20y.ics"
        ));
        assert!(same("https://a.org/%7Eanna/", "https://a.org/~anna"));
        assert!(same("https://a.org/caf%c3%a9", "https://a.org/caf%C3%A9"));
        assert!(same("https://a.org:443/a", "https://a.org/a"));
        assert!(!same("https://a.org/a%2fb", "https://a.org/a/b"));
        assert!(same("https://a.org/a%2fb", "https://a.org/a%2Fb"));
        assert!(!same("https://a.org/a%2540", "https://a.org/a%40"));
        assert!(same("https://a.org/100%", "https://a.org/100%"));
        assert!(!same("https://a.org/a", "https://b.org/a"));
        assert!(!same("https://a.org/%+F", "https://a.org/%0F"));
    }

    #[test]
    fn answers_lead_nowhere_else() {
        let hosts = vec!["*.icloud.example".to_owned(), "dav.example.net".to_owned()];
        let guard = UrlGuard::new().with_plain_http();
        let server = Server::new(Client::new(guard), None, hosts);
        let base = url("https://caldav.icloud.example/anna/");
        let leads = |href: &str| {
            server
                .follow(&base, href)
                .map(|url| url.as_str().to_owned())
        };
        let stays = |href: &str, to: &str| assert_eq!(leads(href).ok().as_deref(), Some(to));
        stays("/b c.ics", "https://caldav.icloud.example/b%20c.ics");
        stays("work/", "https://caldav.icloud.example/anna/work/");
        stays(
            "https://p34.icloud.example:443/1/",
            "https://p34.icloud.example/1/",
        );
        stays("https://dav.example.net/", "https://dav.example.net/");
        for elsewhere in [
            "https://example.org/",
            "//example.org/",
            "https://icloud.example/",
            "https://evilicloud.example/",
            "https://p34.icloud.example.evil.org/",
            "http://caldav.icloud.example/",
            "http://dav.example.net/",
            "https://x.dav.example.net/",
            "https://caldav.icloud.example:8443/",
            "https://127.0.0.1/",
            "https://caldav.icloud.example./",
            "file:///etc/passwd",
        ] {
            assert!(leads(elsewhere).is_err(), "{elsewhere}");
        }
        let plain = url("http://dav.example.org/");
        let leads = |href: &str| server.follow(&plain, href).is_ok();
        assert!(leads("https://dav.example.org/anna/"));
        assert!(!leads("https://www.example.org/anna/"));
    }
}
