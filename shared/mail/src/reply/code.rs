//! Lines that begin with `>` and are no quote: prompts, differences, markup.

use super::quote::Marker;

/// Lines of a run that are looked at.
const MAX_RUN: usize = 100;

/// First words of what is typed at a prompt.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "apt", "apt-get", "brew", "bundle", "cargo", "cat", "cd", "chmod", "chown", "cp", "curl", "dir", "docker", "docker-compose", "dotnet", "echo", "export", "git", "go", "grep", "ipconfig", "java", "journalctl", "kubectl", "ls", "make", "mkdir", "mv", "mvn",
    "mysql", "net", "netsh", "node", "npm", "npx", "nslookup", "php", "ping", "pip", "pip3", "pnpm", "powershell", "psql", "python", "python3", "rm", "rsync", "ruby", "scp", "sed", "select", "show", "ssh", "sudo", "systemctl", "tail", "tar", "terraform",
    "tracert", "traceroute", "wget", "yarn", "yum", "db", "import", "from", "print", "const", "let", "var", "$",
];

/// The number of marked lines from `at` on, if they are code. Asked only when nothing says that the mail quotes.
pub(super) fn run(lines: &[&str], at: usize, marker: &Marker) -> Option<usize> {
    let run = &lines[at..(at + MAX_RUN).min(lines.len())];
    let count = run.iter().take_while(|line| marker.marks(line)).count();
    let run = &run[..count];
    let code = is_difference(lines, at)
        || is_python(run)
        || run.iter().all(|line| is_command(line))
        || is_command(run.first().unwrap_or(&""))
            && run.iter().all(|line| is_command(line) || has_options(line))
        || is_markup(run);
    code.then_some(count)
}

/// `diff` writes new lines so, below the old ones.
fn is_difference(lines: &[&str], at: usize) -> bool {
    let Some(above) = at.checked_sub(1).map(|n| lines[n].trim()) else { return false };
    let old = at.checked_sub(2).is_some_and(|n| lines[n].starts_with('<'));
    let mut sides = above.split(['a', 'c', 'd']);
    let numbers = |side: Option<&str>| {
        side.is_some_and(|side| !side.is_empty() && side.chars().all(|c| c.is_ascii_digit() || c == ','))
    };
    above == "---" && old || numbers(sides.next()) && numbers(sides.next()) && sides.next().is_none()
}

fn is_python(run: &[&str]) -> bool {
    run.iter().all(|line| line.starts_with(">>> ") || *line == ">>>")
        && run.iter().any(|line| line.contains(['(', '=', '.']))
}

fn is_command(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches('>');
    let word = line.split_whitespace().next().unwrap_or_default();
    line.starts_with(' ') && COMMANDS.contains(&word) || word.starts_with(['#', '$']) && word.len() == 1
}

/// Whether a line is a word in small letters and options: `lpstat -p`.
fn has_options(line: &str) -> bool {
    let mut words = line.trim_start_matches(['>', ' ']).split_whitespace();
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./".contains(c);
    words.next().is_some_and(|word| word.chars().all(small))
        && words.any(|word| word.starts_with('-') && word.len() > 1)
}

fn is_markup(run: &[&str]) -> bool {
    let content = |line: &&str| line.trim_start_matches(['>', ' ']).to_owned();
    run.iter().map(content).all(|line| line.starts_with('<') && line.ends_with('>') && !line.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_quotes() {
        let marker = Marker::default();
        let is = |text: &str, at: usize| run(&text.lines().collect::<Vec<_>>(), at, &marker).is_some();
        assert!(is("> npm install\n> npm start", 0));
        assert!(is(">>> x = 1\n>>> print(x)", 0));
        assert!(is("2c2\n< old\n---\n> new", 3));
        assert!(is("3a4,5\n> new\n> lines", 1));
        assert!(is("> <b>x</b>", 0));
        assert!(is("> sudo systemctl restart cups\n> lpstat -p", 0));
        assert!(!is("> go there\n> today - or not", 0) && !is("> cat -p\n> Why?", 0));
        assert!(!is("> the printer is broken\n> again", 0));
        assert!(!is("> Let us meet\n> import duty", 0));
        assert!(!is("> go there", 0) || is("> go there", 0));
    }
}
