//! What people of a company at random hold beside what, and what happens around it.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::hands::{AtOnce, Beside, Hands, OwnerAway};
use proptest::prelude::{Just, Strategy, prop_oneof};

/// What people hold beside what, and what happens around it.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    /// How many chats go beside a call; the company's own rule where none is said.
    chats_beside_call: Option<u8>,
    pub(crate) capacity_total: Option<u16>,
    pub(crate) wrap_up_s: u32,
    owner_away: usize,
    owner_away_for_s: u32,
    warm_for_s: u32,
    pub(crate) consults: u8,
    pub(crate) cool_down_s: u32,
}

pub(crate) fn holds() -> impl Strategy<Value = Hold> {
    let limits = (
        proptest::option::weighted(0.5, 0u8..3),
        proptest::option::weighted(0.3, 10u16..40),
        prop_oneof![Just(0u32), 1u32..300],
    );
    let away = (0usize..3, 1u32..1_200);
    let rest = (
        prop_oneof![Just(0u32), 1u32..300],
        0u8..3,
        prop_oneof![Just(120u32), 1u32..90],
    );
    (limits, away, rest).prop_map(|(limits, away, rest)| Hold {
        chats_beside_call: limits.0,
        capacity_total: limits.1,
        wrap_up_s: limits.2,
        owner_away: away.0,
        owner_away_for_s: away.1,
        warm_for_s: rest.0,
        consults: rest.1,
        cool_down_s: rest.2,
    })
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
