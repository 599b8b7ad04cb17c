//! Files of a crate that need each other in a circle: none of them can be read, tried or moved alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, shipped_sources};

/// A path of Rust, by its words.
type Path = Vec<String>;

/// A module that is a file.
struct Module {
    file: &'static str,
    uses: Vec<Use>,
    /// Paths that it writes out.
    paths: Vec<Path>,
    /// Modules that it declares.
    children: BTreeSet<String>,
}

/// A name that `use` brings into a module.
struct Use {
    name: String,
    path: Path,
    /// Handed on to others: whoever takes it from here needs the place that it comes from, and not this one.
    handed_on: bool,
}

/// The modules of one crate, by their paths.
struct Modules(BTreeMap<Path, Module>);

#[test]
fn no_files_need_each_other_in_a_circle() {
    let roots =
        shipped_sources().filter(|s| s.path.ends_with("/src/lib.rs") || s.path.ends_with("/src/main.rs"));
    let found: Vec<BTreeSet<&str>> = roots.flat_map(|root| Modules::of(root).circles()).collect();
    assert!(found.is_empty(), "Let one of them stand below the others: {found:#?}");
}

impl Modules {
    fn of(root: &'static Source) -> Self {
        let folder = root.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let files: BTreeMap<&str, &Source> = shipped_sources().map(|s| (s.path.as_str(), s)).collect();
        let mut modules = BTreeMap::new();
        let mut waiting = vec![(Vec::new(), root)];
        while let Some((path, source)) = waiting.pop() {
            let module = Module::of(source);
            for child in &module.children {
                let path: Path = path.iter().chain([child]).cloned().collect();
                let place = format!("{folder}/{}", path.join("/"));
                let own = [format!("{place}.rs"), format!("{place}/mod.rs")];
                if let Some(source) = own.iter().find_map(|file| files.get(file.as_str())) {
                    waiting.push((path, source));
                }
            }
            modules.insert(path, module);
        }
        Self(modules)
    }

    /// Sets of files each of which needs each other.
    fn circles(&self) -> Vec<BTreeSet<&'static str>> {
        let needs: BTreeMap<&Path, BTreeSet<&Path>> =
            self.0.iter().map(|(path, module)| (path, self.needs(path, module))).collect();
        let reach: BTreeMap<&Path, BTreeSet<&Path>> =
            needs.keys().map(|path| (*path, reached(&needs, path))).collect();
        let circle = |path: &&Path| -> BTreeSet<&'static str> {
            let back = reach[*path].iter().filter(|other| reach[**other].contains(*path));
            back.map(|other| self.0[*other].file).collect()
        };
        let circles: BTreeSet<_> = needs.keys().map(circle).filter(|circle| circle.len() > 1).collect();
        circles.into_iter().collect()
    }

    /// The other modules of which this one names something.
    fn needs(&self, own: &Path, module: &Module) -> BTreeSet<&Path> {
        let used = module.uses.iter().filter(|used| !used.handed_on).map(|used| used.path.clone());
        let named = used.chain(module.paths.iter().cloned());
        named.filter_map(|path| self.place(own, &path, 0)).filter(|place| *place != own).collect()
    }

    /// The module in which what a path names, seen from a module, lies. None: in another crate, or it is a module itself.
    fn place(&self, from: &Path, path: &[String], depth: usize) -> Option<&Path> {
        let module = self.0.get(from)?;
        let (head, rest) = path.split_first()?;
        if depth > 16 {
            return None;
        }
        match head.as_str() {
            "crate" => self.below(&Vec::new(), rest, depth),
            "self" => self.below(from, rest, depth),
            "super" => {
                let (_, parent) = from.split_last()?;
                match rest.first().is_some_and(|word| word == "super") {
                    true => self.place(&parent.to_vec(), rest, depth + 1),
                    false => self.below(&parent.to_vec(), rest, depth),
                }
            }
            _ if module.children.contains(head) => self.below(from, path, depth),
            _ => {
                let used = module.uses.iter().find(|used| used.name == *head && used.path != path)?;
                let whole: Path = used.path.iter().chain(rest).cloned().collect();
                self.place(from, &whole, depth + 1)
            }
        }
    }

    /// The same for a path that begins in a module.
    fn below(&self, module: &Path, path: &[String], depth: usize) -> Option<&Path> {
        let (place, there) = self.0.get_key_value(module)?;
        let (head, rest) = path.split_first()?;
        let child: Path = module.iter().chain([head]).cloned().collect();
        if self.0.contains_key(&child) {
            return self.below(&child, rest, depth);
        }
        match there.uses.iter().find(|used| used.handed_on && used.name == *head) {
            Some(used) => {
                let whole: Path = used.path.iter().chain(rest).cloned().collect();
                self.place(module, &whole, depth + 1)
            }
            None => Some(place),
        }
    }
}

fn reached<'a>(needs: &BTreeMap<&'a Path, BTreeSet<&'a Path>>, from: &'a Path) -> BTreeSet<&'a Path> {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(path) = waiting.pop() {
        waiting.extend(needs[path].iter().filter(|next| seen.insert(**next)));
    }
    seen
}

impl Module {
    fn of(source: &'static Source) -> Self {
        let (uses, tokens) = parted(&source.code.0);
        let declared = tokens.windows(3).filter(|there| there[0] == "mod" && there[2] == ";");
        let children = declared.map(|there| there[1].clone()).collect();
        Self { file: &source.path, uses, paths: paths(&tokens), children }
    }
}

/// The `use` statements, and the code without them.
fn parted(tokens: &[String]) -> (Vec<Use>, Vec<String>) {
    let (mut uses, mut rest, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        // `use<'a>` tells what a type borrows.
        if token == "use" && tokens.get(at + 1).is_some_and(|next| next != "<") {
            let end = tokens[at..].iter().position(|token| token == ";").map_or(tokens.len(), |end| at + end);
            let handed_on = matches!(rest.last().map(String::as_str), Some("pub" | ")"));
            tree(&tokens[at + 1..end], &[], handed_on, &mut uses);
            at = end;
        } else {
            rest.push(token.clone());
        }
        at += 1;
    }
    (uses, rest)
}

/// One tree of a `use` statement, such as `a::{b, c as d}`.
fn tree(tokens: &[String], before: &[String], handed_on: bool, found: &mut Vec<Use>) {
    let mut path = before.to_vec();
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "::" => {}
            "{" => return branches(&tokens[at + 1..tokens.len() - 1], &path, handed_on, found),
            "as" => {
                let name = tokens.get(at + 1).cloned().unwrap_or_default();
                return found.push(Use { name, path, handed_on });
            }
            "self" if !path.is_empty() => {}
            word => path.push(word.to_owned()),
        }
    }
    found.extend(path.last().cloned().map(|name| Use { name, path, handed_on }));
}

fn branches(tokens: &[String], before: &[String], handed_on: bool, found: &mut Vec<Use>) {
    let (mut depth, mut start) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => {
                tree(&tokens[start..at], before, handed_on, found);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < tokens.len() {
        tree(&tokens[start..], before, handed_on, found);
    }
}

/// The paths of two words and more.
fn paths(tokens: &[String]) -> Vec<Path> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let before = at.checked_sub(1).map(|at| tokens[at].as_str());
        let joined = |at: usize| tokens.get(at).is_some_and(|next| next == "::");
        if is_word(&tokens[at]) && joined(at + 1) && !matches!(before, Some("::" | ".")) {
            let more = (at + 2..tokens.len()).step_by(2);
            let more = more.take_while(|place| joined(place - 1) && is_word(&tokens[*place]));
            found.push([at].into_iter().chain(more).map(|place| tokens[place].clone()).collect());
        }
    }
    found
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}
