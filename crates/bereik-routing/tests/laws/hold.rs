//! What people of a company at random hold beside what, and what happens around it.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::hands::{AtOnce, Beside, Hands, OwnerAway};

/// What people hold beside what, and what happens around it.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    /// How many chats go beside a call; the company's own rule where none is said.
    pub(crate) chats_beside_call: Option<u8>,
    pub(crate) capacity_total: Option<u16>,
    pub(crate) wrap_up_s: u32,
    pub(crate) owner_away: usize,
    pub(crate) owner_away_for_s: u32,
    pub(crate) warm_for_s: u32,
    pub(crate) consults: u8,
    pub(crate) cool_down_s: u32,
}

impl Hold {
    pub(crate) fn hands(&self) -> Hands {
        let mut hands = Hands::default();
        if let Some(at_most) = self.chats_beside_call {
            hands.beside = std::vec![Beside {
                holding: ChannelKind::Phone,
                of: ChannelKind::WebChat,
                at_most,
            }];
        }
        hands.capacity_total = self.capacity_total;
        hands.wrap_up_s = [(ChannelKind::WebChat, self.wrap_up_s)].into();
        let at_once = [
            AtOnce::Keep,
            AtOnce::AskParticipants,
            AtOnce::RerouteWaiting,
        ];
        hands.owner_away = OwnerAway {
            live_for_s: self.owner_away_for_s,
            at_once: at_once[self.owner_away],
            ..OwnerAway::default()
        };
        hands.warm_for_s = self.warm_for_s;
        hands.consults = self.consults;
        hands.consult_asked_max = 2;
        hands
    }
}
