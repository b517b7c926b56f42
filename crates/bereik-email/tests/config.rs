//! What a URL of a mail server means, and what is refused.

use bereik_email::{ConfigErrorKind, Security, Smtp, SmtpConfig};

/// A URL, then how it is kept secret, or why it is refused.
const TABLE: &str = "
    smtp://localhost?from=a@example.org                                | Plain
    smtp://127.0.0.1:2525?from=a@example.org                           | Plain
    smtp://[::1]:2525?from=a@example.org                               | Plain
    smtp://a%40example.org:pw@localhost:2525                           | StartTls
    smtp://a%40example.org:pw@localhost:2525?tls=none                  | Plain
    smtp://localhost?from=a@example.org&tls=required                   | StartTls
    smtp://mail.example.org?from=a@example.org                         | StartTls
    smtp://mail.example.org?from=a@example.org&tls=none                | Plain
    smtp://a%40example.org:pw@mail.example.org                         | StartTls
    smtps://a%40example.org:pw@mail.example.org/                       | ImplicitTls
    SMTPS://a%40example.org:p%3Aw%40@mail.example.org?tls=required     | ImplicitTls
    smtp://a%40example.org:pw@mail.example.org?tls=none                | Insecure
    smtp://a:pw@mail.example.org                                       | Sender
    smtp://mail.example.org                                            | Sender
    smtp://mail.example.org?from=b%C3%A9@example.org                   | Sender
    smtp://mail.example.org?from=a@example.org%0D%0ABcc:b@example.org  | Url
    smtps://mail.example.org?from=a@example.org&tls=none               | Url
    smtp://mail.example.org?from=a@example.org&tls=perhaps             | Url
    smtp://mail.example.org?from=a@example.org&tsl=none                | Url
    smtp://mail.example.org:0?from=a@example.org                       | Url
    smtp://mail.example.org:99999?from=a@example.org                   | Url
    smtp://mail%20.example.org?from=a@example.org                      | Url
    smtp://[::1?from=a@example.org                                     | Url
    smtp://?from=a@example.org                                         | Url
    http://mail.example.org?from=a@example.org                         | Url
    mail.example.org                                                   | Url
    smtp://a%4:pw@mail.example.org                                     | Url
    smtp://a%ff:pw@mail.example.org                                    | Url
";

#[test]
fn a_url_means_this() {
    for row in TABLE.lines().filter(|row| !row.trim().is_empty()) {
        let (url, expected) = row.split_once('|').unwrap();
        let told = match SmtpConfig::parse(url.trim()) {
            Ok(config) => format!("{:?}", config.security()),
            Err(error) => format!("{:?}", error.kind()),
        };
        assert_eq!(told, expected.trim(), "{url}");
    }
}

#[test]
fn what_is_built_is_checked_as_what_is_parsed() {
    let from = || "a@example.org".parse().unwrap();
    let elsewhere = SmtpConfig::new("mail.example.org", 25, from()).unwrap();
    let open = elsewhere
        .clone()
        .with_login("a", "pw")
        .with_security(Security::Plain);
    assert_eq!(
        Smtp::new(open).unwrap_err().kind(),
        ConfigErrorKind::Insecure
    );
    let odd = elsewhere.clone().with_login("a\0b", "pw");
    assert_eq!(Smtp::new(odd).unwrap_err().kind(), ConfigErrorKind::Login);
    let no_file = elsewhere.clone().with_certificate_file("/nowhere/ca.pem");
    let error = Smtp::new(no_file).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Certificates);
    assert!(std::error::Error::source(&error).is_some());
    let no_certificate = elsewhere.with_certificates("not a certificate");
    assert_eq!(
        Smtp::new(no_certificate).unwrap_err().kind(),
        ConfigErrorKind::Certificates
    );
}

#[test]
fn no_password_is_shown() {
    let url = "smtp://a%40example.org:very-secret@mail.example.org";
    let config = SmtpConfig::parse(url).unwrap();
    assert!(!format!("{config:?}").contains("very-secret"));
    let channel = Smtp::new(config).unwrap();
    assert!(!format!("{channel:?}").contains("very-secret"));
    let error = SmtpConfig::parse(&format!("{url}?tls=none")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("very-secret"));
}
