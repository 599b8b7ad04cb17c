//! One mail: its header, and pieces of it.

use bytes::Bytes;
use intake::ports::{MailError, MailFault};

use super::{
    capabilities::Top,
    reading::Reading,
    refusal,
    session::{MAX_HEADER, Pop3Session, Wanted, header_end},
    wire::Answer,
};

impl Pop3Session {
    /// A piece of a mail, cut from the reading under way where that can be.
    pub(super) async fn read_piece(
        &mut self,
        number: u32,
        offset: u64,
        length: usize,
    ) -> Result<Option<Bytes>, MailError> {
        let mut reading = match self.reading.take() {
            Some(reading) if reading.can_serve(number, offset) => reading,
            other => {
                self.reading = other;
                let mut begun = self.begin_mail(number).await?;
                self.skip(&mut begun, offset).await?;
                begun
            }
        };
        let mut piece = reading.begin(offset, length);
        self.broken = true;
        self.wire.unstuffed(&mut reading.unstuffer, &mut piece, length).await?;
        self.broken = false;
        reading.give(offset, &piece);
        self.reading = Some(reading);
        Ok((offset > 0 || !piece.is_empty()).then(|| piece.into()))
    }

    /// The header as a mail begins with it; the rest of the mail is read only if something else is asked for.
    async fn begin_of_mail(&mut self, number: u32) -> Result<Option<Bytes>, MailError> {
        const SOME: usize = 16 * 1024;
        let mut reading = self.begin_mail(number).await?;
        let mut raw = Vec::new();
        self.broken = true;
        while raw.len() < MAX_HEADER && header_end(&raw) == raw.len() && !reading.unstuffer.has_ended() {
            let length = raw.len() + SOME;
            self.wire.unstuffed(&mut reading.unstuffer, &mut raw, length).await?;
        }
        self.broken = false;
        self.top = Top::No;
        reading.give(0, &raw);
        self.reading = Some(reading);
        raw.truncate(header_end(&raw).min(MAX_HEADER));
        Ok((!raw.is_empty()).then(|| raw.into()))
    }

    /// Reads on to this offset.
    async fn skip(&mut self, reading: &mut Reading, offset: u64) -> Result<(), MailError> {
        const SOME: u64 = 64 * 1024;
        let mut at = 0;
        while at < offset && !reading.unstuffer.has_ended() {
            let mut some = Vec::new();
            let length = usize::try_from((offset - at).min(SOME)).unwrap_or_default();
            self.broken = true;
            self.wire.unstuffed(&mut reading.unstuffer, &mut some, length).await?;
            self.broken = false;
            at += some.len() as u64;
            reading.give(at - some.len() as u64, &some);
        }
        Ok(())
    }

    /// A header, by TOP or as the mail itself begins with it.
    pub(super) async fn read_header(&mut self, number: u32) -> Result<Option<Bytes>, MailError> {
        self.make_free().await?;
        if self.top != Top::No {
            self.broken = true;
            let answer = self.ask(&format!("TOP {number} 0\r\n")).await?;
            let works = self.top == Top::Works || matches!(answer, Answer::Ok(_));
            let refused = matches!(&answer, Answer::Err(text) if refusal::is_of_the_command(text));
            if works || !refused {
                let read = self.read_answer(answer, Wanted::Header).await?;
                self.broken = false;
                self.top = if read.is_ok() { Top::Works } else { self.top };
                return read;
            }
            self.broken = false;
        }
        self.begin_of_mail(number).await
    }

    /// Begins to read a mail in pieces.
    async fn begin_mail(&mut self, number: u32) -> Result<Reading, MailError> {
        self.make_free().await?;
        self.broken = true;
        let answer = self.ask(&format!("RETR {number}\r\n")).await?;
        self.broken = false;
        match answer {
            Answer::Ok(_) => Ok(Reading::new(number, self.wire.unstuffer())),
            Answer::Err(text) => Err(self.wire.refused(&text)),
            Answer::Challenge(_) => Err(self.wire.error(MailFault::Protocol)),
        }
    }
}
