//! The kinds of channel over which people reach each other, and one value for each.

use std::ops::{Index, IndexMut};

/// A kind of channel. Which adapter carries it, with which account, is the embedder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ChannelKind {
    /// A chat network: XMPP, Matrix, Slack and their like.
    Chat,
    /// Electronic mail.
    Email,
    /// A meeting that both sides join.
    Meeting,
    /// A call, fixed or mobile.
    Phone,
    /// Messages on a social network, WhatsApp included.
    Social,
    /// A recorded message.
    Voicemail,
    /// The chat on a website; at the other end the desk.
    WebChat,
}

impl ChannelKind {
    /// Every kind, in alphabetical order.
    pub const ALL: [Self; 7] = [
        Self::Chat,
        Self::Email,
        Self::Meeting,
        Self::Phone,
        Self::Social,
        Self::Voicemail,
        Self::WebChat,
    ];

    /// Whether both sides must be there at the same time.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Chat | Self::Meeting | Self::Phone | Self::WebChat
        )
    }

    /// The name used in files and on the wire: `web_chat`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Email => "email",
            Self::Meeting => "meeting",
            Self::Phone => "phone",
            Self::Social => "social",
            Self::Voicemail => "voicemail",
            Self::WebChat => "web_chat",
        }
    }
}

/// One value for each [`ChannelKind`].
///
/// ```
/// use bereik_core::channel_kind::{ChannelKind, PerChannel};
/// let mut waiting = PerChannel::<u32>::default();
/// waiting[ChannelKind::Phone] += 1;
/// assert_eq!(waiting[ChannelKind::Phone], 1);
/// assert_eq!(waiting[ChannelKind::Email], 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct PerChannel<T>([T; ChannelKind::ALL.len()]);

impl<T> PerChannel<T> {
    /// A value for each kind, made by `make`.
    pub fn from_fn(mut make: impl FnMut(ChannelKind) -> T) -> Self {
        Self(ChannelKind::ALL.map(&mut make))
    }

    /// Each kind with its value, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (ChannelKind, &T)> {
        ChannelKind::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<ChannelKind> for PerChannel<T> {
    type Output = T;
    fn index(&self, kind: ChannelKind) -> &T {
        &self.0[kind as usize]
    }
}

impl<T> IndexMut<ChannelKind> for PerChannel<T> {
    fn index_mut(&mut self, kind: ChannelKind) -> &mut T {
        &mut self.0[kind as usize]
    }
}
