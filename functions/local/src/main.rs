//! `maildocket`: see the library beside it.

fn main() -> std::process::ExitCode {
    maildocket::run()
}
