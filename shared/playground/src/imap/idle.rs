//! IDLE (RFC 2177).

use super::session::{Problem, Session};

impl Session {
    /// Tells news as they come, until the client says DONE.
    pub(crate) async fn idle(&mut self, tag: &str) -> Result<(), Problem> {
        let mut news = self.world.news();
        self.wire.say("+ idling").await?;
        self.tell_news().await?;
        let last = loop {
            self.wire.flush().await?;
            tokio::select! {
                line = self.wire.line() => break line?,
                changed = news.changed() => {
                    if changed.is_err() {
                        break Vec::new();
                    }
                    self.tell_news().await?;
                }
            }
        };
        if last.eq_ignore_ascii_case(b"DONE") {
            Ok(self.ok(tag, "IDLE completed.").await?)
        } else {
            Ok(self.no(tag, "BAD Expected DONE.").await?)
        }
    }
}
