//! Calls to the homeserver, each with the token.

use std::time::Duration;

use bereik_channel::ChannelError;
use bereik_channel::http::{Answer, Call, Http};
use secrecy::SecretString;
use serde_json::Value;

use super::wire;

pub(super) struct Client {
    http: Http,
    pub(super) server: String,
    token: SecretString,
}

/// The most of what came in since a cursor, in bytes: an event has at most 65,536.
const SYNC_BYTES_MAX: usize = 8 * 1024 * 1024;

impl Client {
    pub(super) const fn new(http: Http, server: String, token: SecretString) -> Self {
        Self {
            http,
            server,
            token,
        }
    }

    async fn answer(&self, call: Call) -> Result<Answer, ChannelError> {
        self.http.ask(call.with_bearer(&self.token)).await
    }

    async fn ask(&self, call: Call) -> Result<Value, ChannelError> {
        let answer = self.answer(call).await?;
        wire::read(answer)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_matrix/client/v3/{path}", self.server)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, ChannelError> {
        self.ask(Call::get(self.url(path))).await
    }

    pub(super) async fn put(&self, path: &str, told: &Value) -> Result<Value, ChannelError> {
        self.ask(Call::put(self.url(path), told)).await
    }

    /// What is there already when it is made again, or harmless when it is there twice.
    pub(super) async fn post(&self, path: &str, told: &Value) -> Result<Value, ChannelError> {
        self.ask(Call::post(self.url(path), told).repeatable())
            .await
    }

    /// What came in, as soon as there is something.
    pub(super) async fn sync(&self, query: &str, wait: Duration) -> Result<Value, ChannelError> {
        let call = Call::get(self.url(&format!("sync?{query}")));
        let call = call.with_answer_bytes_max(SYNC_BYTES_MAX);
        self.ask(call.waiting_for(wait)).await
    }

    /// A file, with the token (Matrix 1.11); none where it is gone, or larger than so many bytes.
    pub(super) async fn file(&self, path: &str, bytes_max: usize) -> Option<Vec<u8>> {
        let url = format!("{}/_matrix/client/v1/media/download/{path}", self.server);
        let call = Call::get(url).with_answer_bytes_max(bytes_max);
        let answer = self.answer(call).await.ok()?;
        answer.is_ok().then_some(answer.bytes)
    }
}
