//! Whose invitations are accepted.

/// Whose invitations into a room are accepted. Whoever is let in can write to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invitations {
    /// Everybody's.
    Anybody,
    /// Nobody's: they stay open.
    #[default]
    Ignored,
    /// Those of people on these servers: `example.org`.
    OfServers(Vec<String>),
}

impl Invitations {
    pub(super) fn accepts(&self, user: &str) -> bool {
        let server = user.split_once(':').map(|(_, server)| server);
        match self {
            Self::Anybody => true,
            Self::Ignored => false,
            Self::OfServers(servers) => servers.iter().any(|ours| Some(ours.as_str()) == server),
        }
    }
}
