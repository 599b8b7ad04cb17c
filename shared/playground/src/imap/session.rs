//! One client's session: greeting, commands, goodbye.

use std::sync::Arc;

use super::credentials::Mechanism;
use super::cursor::{Cursor, Malformed};
use super::wire::{End, Wire};
use crate::line::Io;
use crate::script::{Act, Oddity, Step};
use crate::world::World;

/// Commands that change mail; they are refused.
const WRITING: [&str; 12] = [
    "STORE",
    "UID STORE",
    "COPY",
    "UID COPY",
    "MOVE",
    "UID MOVE",
    "EXPUNGE",
    "UID EXPUNGE",
    "APPEND",
    "CREATE",
    "DELETE",
    "RENAME",
];

/// The open mailbox as the client knows it.
pub(crate) struct Selected {
    pub(crate) read_only: bool,
    pub(crate) validity: u32,
    /// UIDs by sequence number.
    pub(crate) uids: Vec<u32>,
}

/// What is known of a client.
pub(crate) struct Session {
    pub(crate) wire: Wire,
    pub(crate) world: Arc<World>,
    /// The account after the sign-in.
    pub(crate) user: Option<String>,
    pub(crate) selected: Option<Selected>,
    /// The client has said who it is.
    pub(crate) identified: bool,
    /// The tag of an ID that is still to be answered.
    pub(crate) late_id: Option<String>,
    /// What is odd at times is so in this session.
    pub(crate) at_times: bool,
}

/// Serves one connection to its end.
pub(crate) async fn run(io: Io, world: Arc<World>) {
    let closing = world.closing.clone();
    let at_times = world.plan().begin_session();
    let mut session = Session {
        wire: Wire::new(io, Arc::clone(&world)),
        world,
        user: None,
        selected: None,
        identified: false,
        late_id: None,
        at_times,
    };
    let end = tokio::select! {
        () = closing.cancelled() => {
            let _ = session.wire.say("* BYE The playground closes").await;
            End::Closed
        }
        end = session.talk() => end,
    };
    match end {
        End::TooLong => {
            let _ = session.wire.say("* BYE The command is too long").await;
            session.wire.close().await;
        }
        End::Closed => session.wire.close().await,
        End::Cut => {}
    }
}

impl Session {
    async fn talk(&mut self) -> End {
        if let Err(end) = self.greet().await {
            return end;
        }
        loop {
            let command = match self.wire.command().await {
                Ok(command) => command,
                Err(end) => return end,
            };
            if let Err(end) = self.answer(&command).await {
                return end;
            }
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let fault = self.world.take_fault(None, |step| *step == Step::Greeting);
        if let Some(act) = fault
            && self.play("*", act, None).await?
        {
            return Err(End::Closed);
        }
        let capabilities = self.capabilities_by_the_way();
        self.wire.say(&format!("* OK {capabilities}Playground ready")).await
    }

    async fn answer(&mut self, command: &[u8]) -> Result<(), End> {
        let mut cursor = Cursor::new(command);
        let (tag, name) = match read_name(&mut cursor) {
            Ok(read) => read,
            Err(malformed) => return self.bad("*", &malformed).await,
        };
        self.world.count(|counters| counters.count_command(&name));
        if let Some(act) = self.fault_of(&name)
            && self.play(&tag, act, None).await?
        {
            return Ok(());
        }
        let done = self.dispatch(&tag, &name, &mut cursor).await;
        if let Err(Problem::Malformed(malformed)) = done {
            return self.bad(&tag, &malformed).await;
        }
        done.map_err(|problem| match problem {
            Problem::End(end) => end,
            Problem::Malformed(_) => End::Closed,
        })
    }

    fn fault_of(&self, name: &str) -> Option<Act> {
        // What follows from no answer is not where things go wrong.
        let signed_in = self.user.is_some() && !matches!(name, "LOGOUT" | "ID");
        self.world.take_fault(self.user.as_deref(), |step| match step {
            Step::AnyCommand => signed_in,
            Step::Command(command) => command == name,
            Step::Greeting | Step::SignIn => false,
        })
    }

    /// Plays a fault; false if the honest answer still follows.
    pub(crate) async fn play(
        &mut self,
        tag: &str,
        act: Act,
        mechanism: Option<Mechanism>,
    ) -> Result<bool, End> {
        match act {
            Act::Say(reply) => {
                self.say_reply(tag, reply, mechanism).await?;
                Ok(true)
            }
            Act::HugeLiteral(bytes) => {
                let start = format!("* 1 FETCH (UID 1 BODY[] {{{bytes}}}\r\nReceived: ");
                self.wire.send(start.as_bytes()).await?;
                Err(self.wire.hang().await)
            }
            Act::Hang => Err(self.wire.hang().await),
            Act::Drop => Err(self.wire.cut()),
            Act::Delay(time) => {
                self.wire.wait(time).await?;
                Ok(false)
            }
            Act::CutAfter(bytes) => {
                self.wire.cut_after(bytes);
                Ok(false)
            }
        }
    }

    async fn dispatch(&mut self, tag: &str, name: &str, cursor: &mut Cursor<'_>) -> Result<(), Problem> {
        match name {
            "CAPABILITY" if self.is(Oddity::NoCapability) => {
                return Ok(self.no(tag, "BAD Unknown command.").await?);
            }
            "CAPABILITY" => {
                let capabilities = self.capabilities().join(" ");
                self.wire.say(&format!("* CAPABILITY {capabilities}")).await?;
            }
            "NOOP" | "CHECK" => self.tell_news().await?,
            "ID" if self.is(Oddity::RefusesId) => return Ok(self.no(tag, "BAD Unknown command.").await?),
            "ID" if self.is(Oddity::EndsAtId) => {
                self.wire.say("* BYE Protocol error.").await?;
                return Err(Problem::End(End::Closed));
            }
            "ID" => {
                self.identified = true;
                if self.is(Oddity::LateId) {
                    self.late_id = Some(tag.to_owned());
                    return Ok(());
                }
                return Ok(self.tell_id(tag).await?);
            }
            "LOGOUT" => {
                self.wire.say("* BYE Logging out").await?;
                self.ok(tag, "Logout completed.").await?;
                return Err(Problem::End(End::Closed));
            }
            "AUTHENTICATE" | "LOGIN" if self.user.is_some() => {
                return Ok(self.no(tag, "BAD Already signed in.").await?);
            }
            "AUTHENTICATE" => return Ok(self.authenticate(tag, cursor).await?),
            "LOGIN" => return Ok(self.login(tag, cursor).await?),
            _ if self.user.is_none() => return Ok(self.no(tag, "BAD Sign in first.").await?),
            _ => return self.signed_in(tag, name, cursor).await,
        }
        Ok(self.ok(tag, &format!("{name} completed.")).await?)
    }

    pub(crate) async fn tell_id(&mut self, tag: &str) -> Result<(), End> {
        self.wire.say(&format!("* ID ({} {})", self.string("name"), self.string("Playground"))).await?;
        self.ok(tag, "ID completed.").await
    }

    async fn signed_in(&mut self, tag: &str, name: &str, cursor: &mut Cursor<'_>) -> Result<(), Problem> {
        match name {
            "SELECT" => self.select(tag, cursor, false).await,
            "EXAMINE" => self.select(tag, cursor, true).await,
            "STATUS" => self.status(tag, cursor).await,
            "LIST" | "LSUB" => {
                self.wire.say(&format!("* {name} (\\HasNoChildren) \"/\" {}", self.string("INBOX"))).await?;
                Ok(self.ok(tag, &format!("{name} completed.")).await?)
            }
            "IDLE" => self.idle(tag).await,
            _ if WRITING.contains(&name) => {
                Ok(self.no(tag, "NO [CANNOT] This server keeps its mail as it is.").await?)
            }
            "FETCH" | "UID FETCH" | "SEARCH" | "UID SEARCH" | "CLOSE" | "UNSELECT"
                if self.selected.is_none() =>
            {
                Ok(self.no(tag, "BAD Select a mailbox first.").await?)
            }
            "FETCH" => self.fetch(tag, cursor, false).await,
            "UID FETCH" => self.fetch(tag, cursor, true).await,
            "SEARCH" => self.search(tag, cursor, false).await,
            "UID SEARCH" => self.search(tag, cursor, true).await,
            "CLOSE" | "UNSELECT" => {
                self.selected = None;
                Ok(self.ok(tag, &format!("{name} completed.")).await?)
            }
            _ => Ok(self.no(tag, "BAD Unknown command.").await?),
        }
    }

    pub(crate) async fn ok(&mut self, tag: &str, text: &str) -> Result<(), End> {
        self.wire.say(&format!("{tag} OK {text}")).await
    }

    pub(crate) async fn no(&mut self, tag: &str, status_and_text: &str) -> Result<(), End> {
        self.wire.say(&format!("{tag} {status_and_text}")).await
    }

    pub(crate) async fn bad(&mut self, tag: &str, malformed: &Malformed) -> Result<(), End> {
        self.wire.say(&format!("{tag} BAD {}.", malformed.0)).await
    }
}

/// Why a command was not done.
pub(crate) enum Problem {
    Malformed(Malformed),
    End(End),
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<End> for Problem {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

/// The tag, and the command's name in capitals, such as `UID FETCH`.
fn read_name(cursor: &mut Cursor<'_>) -> Result<(String, String), Malformed> {
    let tag = cursor.word()?.to_owned();
    cursor.space()?;
    let mut name = cursor.name()?;
    if name == "UID" {
        cursor.space()?;
        name = format!("UID {}", cursor.name()?);
    }
    Ok((tag, name))
}
