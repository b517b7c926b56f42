//! What Meta posts, and what it asks first.

use async_trait::async_trait;
use bereik_channel::signature::{verify_hub, verify_token};
use bereik_channel::{HookAnswer, HookRequest, Webhook};
use chrono::DateTime;
use serde_json::Value;

use super::channel::{Hooked, Meta, Product};
use super::{page, whatsapp};

#[async_trait]
impl Webhook for Meta {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        let Some(hooked) = &self.hooked else {
            return HookAnswer::refused();
        };
        if request.is_get {
            return asked_first(hooked, request.query);
        }
        let signature = request.header("x-hub-signature-256");
        if let Err(error) = verify_hub(&hooked.app, signature, request.body) {
            return error.into();
        }
        let Ok(posted) = serde_json::from_slice::<Value>(request.body) else {
            return HookAnswer::unreadable();
        };
        let (mut arrivals, mut wrote) = (Vec::new(), Vec::new());
        let entries = posted["entry"].as_array().into_iter().flatten();
        // One webhook hears of every account of the app.
        for entry in entries.filter(|_| posted["object"] == self.product.object()) {
            match self.product {
                Product::WhatsApp => {
                    let changes = entry["changes"].as_array().into_iter().flatten();
                    let account = |change: &&Value| {
                        change["value"]["metadata"]["phone_number_id"] == self.account.as_str()
                    };
                    for change in changes.filter(account) {
                        whatsapp::read(change, &self.sent, &mut arrivals, &mut wrote);
                    }
                }
                product if entry["id"] == self.account.as_str() => {
                    page::read(entry, product, &self.sent, &mut arrivals, &mut wrote);
                }
                _ => {}
            }
        }
        match hooked.inbox.keep(arrivals).await {
            Ok(_) => {
                for (who, order) in wrote {
                    let at = DateTime::from_timestamp_micros(order).unwrap_or(request.at);
                    self.windows.wrote(who, at.min(request.at));
                }
                HookAnswer::kept()
            }
            Err(error) => error.into(),
        }
    }
}

/// Meta asks whether the webhook is ours, and wants its challenge back.
fn asked_first(hooked: &Hooked, query: &str) -> HookAnswer {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        fields
            .find(|(other, _)| other == name)
            .map(|(_, value)| value)
    };
    let word = field("hub.verify_token");
    if let Err(error) = verify_token(&hooked.word, word.as_deref()) {
        return error.into();
    }
    match field("hub.challenge") {
        Some(challenge) => HookAnswer::says(200, "text/plain", challenge.into_owned()),
        None => HookAnswer::unreadable(),
    }
}
