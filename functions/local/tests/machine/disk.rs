//! A disk that can be filled and emptied, for root and for everybody else.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::program::maildocket;

/// Some MiB above what the program calls full.
const SIZE: &str = "size=24m,mode=0700";

/// A small disk.
pub(crate) enum SmallDisk {
    /// A real one, mounted in a namespace of its own. It is there as long as the process that holds it.
    Mounted { holder: Child, folder: TempDir },
    /// A limit on the size of files, which any user may set and the system tells as it tells a quota.
    Limited { folder: TempDir },
}

impl SmallDisk {
    /// Both kinds, or where this user may not mount only the second: that is said, and what it tests is tested.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Limited { folder: tempfile::tempdir().unwrap() }];
        match Self::mounted() {
            Some(mounted) => all.push(mounted),
            None => println!("This user may not mount: a full disk is tested by a limit on files alone."),
        }
        all
    }

    fn mounted() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("mount -t tmpfs -o {SIZE} tmpfs \"$0\" && echo mounted && exec cat");
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]).arg(folder.path());
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.trim() == "mounted" {
            return Some(Self::Mounted { holder, folder });
        }
        holder.wait().unwrap();
        None
    }

    fn folder(&self) -> &Path {
        let (Self::Mounted { folder, .. } | Self::Limited { folder }) = self;
        folder.path()
    }

    /// Where this process finds the data folder.
    pub(crate) fn data(&self) -> PathBuf {
        let path = self.folder().join("data");
        match self {
            Self::Mounted { holder, .. } => {
                Path::new(&format!("/proc/{}/root", holder.id())).join(path.strip_prefix("/").unwrap())
            }
            Self::Limited { .. } => path,
        }
    }

    /// A command of the program on this disk, as full as it is now.
    pub(crate) fn maildocket(&self, arguments: &[&str], full: bool) -> Command {
        let plain = maildocket(&self.folder().join("data"), arguments);
        let mut command = match self {
            Self::Mounted { holder, .. } => {
                let mut command = Command::new("nsenter");
                command.args(["--target", &holder.id().to_string(), "--user", "--mount"]);
                command.args(["--preserve-credentials", "--"]);
                command
            }
            Self::Limited { .. } => {
                let limit = if full { "ulimit -S -f 0;" } else { "" };
                let mut command = Command::new("sh");
                // What would be a signal is an error then, as on a disk.
                command.args(["-c", &format!("trap '' XFSZ; {limit} exec \"$@\""), "sh"]);
                command
            }
        };
        command.arg(plain.get_program()).args(plain.get_args()).stdin(Stdio::null());
        command
    }

    /// Takes all space; for this running program.
    pub(crate) fn fill(&self, pid: Option<u32>) {
        match self {
            Self::Mounted { .. } => {
                let mut file = fs::File::create(self.filler()).unwrap();
                while file.write_all(&[1; 4096]).is_ok() {}
            }
            Self::Limited { .. } => limit(pid, "4096"),
        }
    }

    /// Gives it back.
    pub(crate) fn empty(&self, pid: Option<u32>) {
        match self {
            Self::Mounted { .. } => fs::remove_file(self.filler()).unwrap(),
            Self::Limited { .. } => limit(pid, "unlimited"),
        }
    }

    fn filler(&self) -> PathBuf {
        self.data().parent().unwrap().join("filler")
    }
}

fn limit(pid: Option<u32>, bytes: &str) {
    let Some(pid) = pid else { return };
    let mut command = Command::new("prlimit");
    command.args(["--pid", &pid.to_string(), &format!("--fsize={bytes}:")]);
    assert!(command.status().unwrap().success());
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Self::Mounted { holder, .. } = self {
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}
