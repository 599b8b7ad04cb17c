//! One client's session: greeting, commands, goodbye.

use std::sync::Arc;

use tokio::time::sleep;

use crate::imap::folder::StoredMail;
use crate::imap::wire::{End, Wire};
use crate::line::Io;
use crate::script::{Act, Reply, Spoilt, Step};
use crate::world::World;

/// A signed-in client and the mails that were there then; they keep their numbers.
pub(crate) struct Maildrop {
    pub(crate) user: String,
    validity: u32,
    mails: Vec<StoredMail>,
}

/// What is known of a client.
pub(crate) struct Session {
    pub(crate) wire: Wire,
    pub(crate) world: Arc<World>,
    /// After USER, until PASS.
    pub(crate) named: Option<String>,
    pub(crate) maildrop: Option<Maildrop>,
}

/// Serves one connection to its end.
pub(crate) async fn run(io: Io, world: Arc<World>) {
    let closing = world.closing.clone();
    let wire = Wire::new(io, Arc::clone(&world));
    let mut session = Session { wire, world, named: None, maildrop: None };
    let end = tokio::select! {
        () = closing.cancelled() => End::Closed,
        end = session.talk() => end,
    };
    if end != End::Cut {
        session.wire.close().await;
    }
}

impl Session {
    async fn talk(&mut self) -> End {
        if let Err(end) = self.greet().await {
            return end;
        }
        loop {
            let line = match self.wire.line().await {
                Ok(line) => line,
                Err(end) => return end,
            };
            if let Err(end) = self.answer(&String::from_utf8_lossy(&line)).await {
                return end;
            }
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let fault = self.world.take_fault(None, |step| *step == Step::Greeting);
        if let Some(act) = fault
            && self.play(act).await?
        {
            return Err(End::Closed);
        }
        self.ok("Playground ready").await
    }

    async fn answer(&mut self, line: &str) -> Result<(), End> {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        self.world.count(|counters| counters.count_command(&name));
        if let Some(act) = self.fault_of(&name)
            && self.play(act).await?
        {
            return Ok(());
        }
        let argument = line.get(name.len()..).unwrap_or_default().trim_start();
        match name.as_str() {
            "CAPA" => {
                let lines = self.world.pop3_capabilities();
                self.several("Capability list follows", &lines).await
            }
            "NOOP" => self.ok("").await,
            "QUIT" => {
                self.ok("Logging out").await?;
                self.wire.flush().await?;
                Err(End::Closed)
            }
            "AUTH" | "USER" | "PASS" if self.maildrop.is_some() => self.err("Already signed in.").await,
            "AUTH" => self.auth(argument).await,
            "USER" => {
                self.named = Some(argument.to_owned());
                self.ok("").await
            }
            "PASS" => self.pass(argument).await,
            _ if self.maildrop.is_none() => self.err("Sign in first.").await,
            "STAT" => {
                let sizes = self.listed(None);
                let sum: u64 = sizes.iter().map(|(_, _, size)| size).sum();
                self.ok(&format!("{} {sum}", sizes.len())).await
            }
            "LIST" => self.list(argument, |(number, _, size)| format!("{number} {size}")).await,
            "UIDL" => self.list(argument, |(number, unique_id, _)| format!("{number} {unique_id}")).await,
            "TOP" => self.read(argument, true).await,
            "RETR" => self.read(argument, false).await,
            "DELE" => self.err("[SYS/PERM] This server keeps its mail as it is.").await,
            _ => self.err("Unknown command.").await,
        }
    }

    fn fault_of(&self, name: &str) -> Option<Act> {
        let user = self.maildrop.as_ref().map(|maildrop| maildrop.user.as_str());
        self.world.take_fault(user, |step| match step {
            Step::AnyCommand => user.is_some() && name != "QUIT",
            Step::Command(command) => command == name,
            Step::Greeting | Step::SignIn => false,
        })
    }

    /// Plays a fault; false if the honest answer still follows.
    pub(crate) async fn play(&mut self, act: Act) -> Result<bool, End> {
        match act {
            Act::Say(reply) => self.say_reply(reply).await.map(|()| true),
            Act::Drop => {
                self.wire.cut();
                Err(End::Cut)
            }
            Act::Hang | Act::HugeLiteral(_) => {
                self.wire.flush().await?;
                Err(self.wire.hang().await)
            }
            Act::Delay(time) => {
                self.wire.flush().await?;
                sleep(time).await;
                Ok(false)
            }
            Act::CutAfter(bytes) => {
                self.wire.cut_after(bytes);
                Ok(false)
            }
        }
    }

    /// Whole lines, as the script wrote them. The answer to a challenge is read and not looked at.
    async fn say_reply(&mut self, reply: Reply) -> Result<(), End> {
        if let Some(json) = &reply.challenge {
            self.challenge(json).await?;
        }
        for line in reply.untagged.iter().chain(&reply.tagged).chain(&reply.afterwards) {
            self.wire.say(line).await?;
        }
        if reply.close {
            self.wire.close().await;
            return Err(End::Closed);
        }
        Ok(())
    }

    pub(crate) async fn ok(&mut self, text: &str) -> Result<(), End> {
        self.wire.say(format!("+OK {text}").trim_end()).await
    }

    pub(crate) async fn err(&mut self, text: &str) -> Result<(), End> {
        self.wire.say(&format!("-ERR {text}")).await
    }

    async fn several(&mut self, text: &str, lines: &[String]) -> Result<(), End> {
        self.ok(text).await?;
        for line in lines {
            self.wire.say(line).await?;
        }
        self.wire.say(".").await
    }

    /// The maildrop of this account, as it is now. A mail that is hidden now stays so in this session.
    pub(crate) fn open(&mut self, user: &str) {
        let folder = self.world.post().folder(user).cloned();
        let Some(mut folder) = folder else { return };
        folder.mails.retain(|mail| self.world.spoilt(user, mail.uid) != Some(Spoilt::Hidden));
        self.maildrop =
            Some(Maildrop { user: user.to_owned(), validity: folder.validity, mails: folder.mails });
    }

    /// Number, unique-id and size of all mails, or of one.
    fn listed(&self, only: Option<usize>) -> Vec<(usize, String, u64)> {
        let Some(maildrop) = &self.maildrop else { return Vec::new() };
        let size = |mail: &StoredMail| match self.world.spoilt(&maildrop.user, mail.uid) {
            Some(Spoilt::WrongSize(size)) => size,
            _ => mail.raw.len() as u64,
        };
        let numbered =
            (1..).zip(&maildrop.mails).filter(|(number, _)| only.is_none_or(|only| only == *number));
        numbered
            .map(|(number, mail)| (number, format!("{}-{}", maildrop.validity, mail.uid), size(mail)))
            .collect()
    }

    async fn list(
        &mut self,
        argument: &str,
        line: impl Fn(&(usize, String, u64)) -> String,
    ) -> Result<(), End> {
        if argument.is_empty() {
            let lines: Vec<_> = self.listed(None).iter().map(line).collect();
            return self.several("", &lines).await;
        }
        match argument.parse().ok().and_then(|number| self.listed(Some(number)).pop()) {
            Some(listed) => self.ok(&line(&listed)).await,
            None => self.err("There is no such mail.").await,
        }
    }

    /// RETR, or TOP: the header and no line of the body.
    async fn read(&mut self, argument: &str, top: bool) -> Result<(), End> {
        let number: Option<usize> = argument.split(' ').next().and_then(|number| number.parse().ok());
        let found = self.maildrop.as_ref().and_then(|maildrop| {
            let mail = maildrop.mails.get(number?.checked_sub(1)?)?;
            Some((maildrop.user.clone(), mail.uid, mail.raw.clone()))
        });
        let Some((user, uid, raw)) = found else { return self.err("There is no such mail.").await };
        match self.world.spoilt(&user, uid) {
            Some(Spoilt::Refused(text)) => return self.err(&text).await,
            Some(Spoilt::Drops) => {
                self.wire.flush().await?;
                self.wire.cut();
                return Err(End::Cut);
            }
            Some(Spoilt::Garbled) => return self.wire.say("This is not POP3.").await,
            Some(Spoilt::NoData) => return self.several("", &[]).await,
            Some(Spoilt::Huge(bytes)) => return self.flood(bytes).await,
            Some(Spoilt::WrongSize(_) | Spoilt::Hidden) | None => {}
        }
        let text = if top { header_of(&raw) } else { &raw };
        self.ok(&format!("{} octets", text.len())).await?;
        self.wire.send(&stuffed(text)).await?;
        self.wire.say(".").await
    }

    /// A mail of so many bytes and no end, and then the end of the connection.
    async fn flood(&mut self, bytes: u64) -> Result<(), End> {
        const LINE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n";
        self.ok("").await?;
        for _ in 0..bytes / LINE.len() as u64 {
            self.wire.send(LINE.as_bytes()).await?;
        }
        self.wire.flush().await?;
        self.wire.cut();
        Err(End::Cut)
    }
}

/// The header and its empty line.
fn header_of(raw: &[u8]) -> &[u8] {
    let end = raw.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(raw.len(), |at| at + 4);
    &raw[..end]
}

/// With a dot before each line that begins with one, and an end of the last line.
fn stuffed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !text.is_empty() && !text.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}
