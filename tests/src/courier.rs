//! Courier: a pipelined command behind the sign-in is thrown away, `INBOX.` before each name, no MOVE.

use tokio::sync::OnceCell;

use crate::unpacked::Unpacked;

static SERVER: OnceCell<Unpacked> = OnceCell::const_new();

/// The one of this test run, started by whoever asks first. It ends with this process.
pub async fn server() -> &'static Unpacked {
    SERVER.get_or_init(|| Unpacked::start("courier")).await
}
