//! Many mails of one maildrop: several commands under way at once where the server keeps to what it announces.

use std::time::Duration;

use bytes::Bytes;
use intake::{
    ports::{Fetched, MailError, MailFault},
    types::message::ServerId,
};
use tokio::sync::mpsc;

use super::{
    capabilities::{Pipelining, Top},
    refusal,
    session::{MAX_DRAIN, MAX_HEADER, Pop3Session, Wanted, header_end},
    wire::Answer,
};

/// Commands that are under way at once, where the server takes several.
const WINDOW: usize = 16;
/// So long is waited for the answer to a command that was sent along with another, before it is looked whether it was lost.
const LOST_AFTER: Duration = Duration::from_secs(3);

impl Pop3Session {
    /// Reads these mails and sends each on. The first refusal is the error, after all were asked for; with `Header` a mail
    /// that is refused is sent on without bytes instead.
    pub(super) async fn read_all(
        &mut self,
        wanted: Wanted,
        ids: &[ServerId],
        to: &mpsc::Sender<Fetched>,
    ) -> Result<(), MailError> {
        self.make_free().await?;
        // Mails that this session does not list are gone.
        let (numbers, ids): (Vec<_>, Vec<_>) =
            ids.iter().filter_map(|id| Some((self.listing.number(id)?, id))).unzip();
        let mut refused = None;
        let mut sent = 0;
        self.broken = true;
        for (at, server_id) in ids.into_iter().enumerate() {
            let raw = match self.read_next(wanted, &numbers, at, &mut sent).await? {
                Ok(raw) => raw,
                Err(_) if wanted == Wanted::Header => None,
                Err(error) => {
                    refused = refused.or(Some(error));
                    continue;
                }
            };
            if to.send(Fetched { server_id: server_id.clone(), raw }).await.is_err() {
                return Ok(());
            }
        }
        self.broken = false;
        refused.map_or(Ok(()), Err)
    }

    /// Asks for as many of these mails as may be under way at once, of which `sent` are asked for already, and reads the
    /// answer for the one at `at`. The inner error is a refusal of this mail alone.
    pub(super) async fn read_next(
        &mut self,
        wanted: Wanted,
        numbers: &[u32],
        at: usize,
        sent: &mut usize,
    ) -> Result<Result<Option<Bytes>, MailError>, MailError> {
        let number = numbers.get(at).copied().unwrap_or_default();
        // The first command that was sent before the answer to another shows whether that can be done.
        if self.pipelining == Pipelining::Announced && *sent > at {
            let answer = self.second_answer(wanted, number).await?;
            return self.read_answer(answer, wanted).await;
        }
        let ahead = numbers.len().min(at + self.window(wanted));
        let commands: String =
            numbers.get(*sent..ahead).into_iter().flatten().map(|n| self.command(wanted, *n)).collect();
        *sent = ahead.max(*sent);
        if !commands.is_empty() {
            self.wire.send(&commands).await?;
        }
        let mut answer = self.wire.answer().await?;
        if wanted == Wanted::Header && self.top == Top::Untried {
            answer = self.first_top(answer, number).await?;
        }
        self.read_answer(answer, wanted).await
    }

    fn window(&self, wanted: Wanted) -> usize {
        match self.pipelining {
            Pipelining::No => 1,
            _ if wanted == Wanted::Header && self.top == Top::Untried => 1,
            Pipelining::Announced => 2,
            Pipelining::Kept => WINDOW,
        }
    }

    fn command(&self, wanted: Wanted, number: u32) -> String {
        match wanted {
            Wanted::Header if self.top != Top::No => format!("TOP {number} 0\r\n"),
            _ => format!("RETR {number}\r\n"),
        }
    }

    /// Where TOP is refused, the mail itself begins with its header too. No other command is under way here.
    async fn first_top(&mut self, answer: Answer, number: u32) -> Result<Answer, MailError> {
        match answer {
            Answer::Ok(_) => self.top = Top::Works,
            Answer::Err(ref text) if refusal::is_of_the_command(text) => {
                self.wire.send(&format!("RETR {number}\r\n")).await?;
                let mail = self.wire.answer().await?;
                if matches!(mail, Answer::Ok(_)) {
                    self.top = Top::No;
                }
                return Ok(mail);
            }
            _ => {}
        }
        Ok(answer)
    }

    /// The answer to a command that was sent along with the one before. Some servers announce PIPELINING and throw away
    /// what comes with a command, or refuse it.
    async fn second_answer(&mut self, wanted: Wanted, number: u32) -> Result<Answer, MailError> {
        let patience = self.limits.idle.min(LOST_AFTER);
        match self.wire.answer_within(patience).await {
            Ok(Answer::Err(text)) if refusal::meaning(&text, false) == MailFault::Refused => {
                let alone = self.ask(&self.command(wanted, number)).await?;
                if matches!(alone, Answer::Ok(_)) {
                    self.pipelining = Pipelining::No;
                }
                Ok(alone)
            }
            Ok(answer) => {
                self.pipelining = Pipelining::Kept;
                Ok(answer)
            }
            Err(error) if error.fault == MailFault::TimedOut => self.late_answer(wanted, number).await,
            Err(error) => Err(error),
        }
    }

    /// Whether a command was lost or is only answered late: the answer to another one tells, because it is of one line and
    /// names the mail.
    async fn late_answer(&mut self, wanted: Wanted, number: u32) -> Result<Answer, MailError> {
        let answer = self.ask(&format!("LIST {number}\r\n")).await?;
        let is_size = |text: &str| {
            let mut words = text.split_whitespace().map(str::parse::<u64>);
            let (first, second, more) = (words.next(), words.next(), words.next());
            first == Some(Ok(number.into())) && matches!(second, Some(Ok(_))) && more.is_none()
        };
        match &answer {
            Answer::Ok(text) if is_size(text) => {
                self.pipelining = Pipelining::No;
                self.ask(&self.command(wanted, number)).await
            }
            _ => {
                // The answer to LIST is still to come, behind this mail.
                self.pipelining = Pipelining::Kept;
                self.to_pass_over = true;
                Ok(answer)
            }
        }
    }

    /// What follows the first line of an answer.
    pub(super) async fn read_answer(
        &mut self,
        answer: Answer,
        wanted: Wanted,
    ) -> Result<Result<Option<Bytes>, MailError>, MailError> {
        let read = match answer {
            Answer::Ok(_) => Ok(self.read_body(wanted).await?),
            Answer::Challenge(_) => return Err(self.wire.error(MailFault::Protocol)),
            Answer::Err(text) => match refusal::meaning(&text, false) {
                MailFault::Refused => Err(self.wire.said(MailFault::Refused, &text)),
                fault => return Err(self.wire.said(fault, &text)),
            },
        };
        if std::mem::take(&mut self.to_pass_over) {
            self.wire.answer().await?;
        }
        Ok(read)
    }

    async fn read_body(&mut self, wanted: Wanted) -> Result<Option<Bytes>, MailError> {
        let mut unstuffer = self.wire.unstuffer();
        let most = if wanted == Wanted::Header { MAX_HEADER } else { self.max_mail };
        let mut raw = Vec::new();
        self.wire.unstuffed(&mut unstuffer, &mut raw, most).await?;
        if wanted == Wanted::Header {
            self.discard(&mut unstuffer, MAX_DRAIN).await?;
            raw.truncate(header_end(&raw));
        } else if !unstuffer.has_ended() {
            // Its end may follow at once.
            self.wire.unstuffed(&mut unstuffer, &mut raw, most + 1).await?;
            if raw.len() > most {
                return Err(self.wire.too_large());
            }
        }
        Ok((!raw.is_empty()).then(|| raw.into()))
    }
}
