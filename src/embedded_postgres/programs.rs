//! Finds PostgreSQL's programs on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{EmbeddedPostgresError, Result};

/// The oldest version whose database copies and settings we use.
const OLDEST: u32 = 15;

/// The folder with `postgres` and `initdb`: the given one, else of all that are found the one of the data's
/// version, else the newest.
pub(super) fn find(given: Option<&Path>, data: &Path) -> Result<PathBuf> {
    let data_version = data_version(data);
    let candidates = given.map_or_else(usual_places, |given| vec![given.to_owned()]);
    let found: Vec<_> = candidates.into_iter().filter_map(|dir| Some((version(&dir)?, dir))).collect();
    let found = found.into_iter().filter(|(version, _)| *version >= OLDEST);
    match data_version {
        None => found.max_by_key(|(version, _)| *version).map(|(_, dir)| dir).ok_or(EmbeddedPostgresError::NoPrograms),
        Some(wanted) => {
            let mut found = found.peekable();
            if found.peek().is_none() {
                return Err(EmbeddedPostgresError::NoPrograms);
            }
            let same = found.find(|(version, _)| *version == wanted).map(|(_, dir)| dir);
            same.ok_or_else(|| EmbeddedPostgresError::OtherVersion(data.to_owned(), wanted))
        }
    }
}

/// The version that made the data folder, if there is one.
fn data_version(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Where the programs usually are: Debian's folders, where `scripts/postgres` unpacks, what `pg_config` says, PATH.
fn usual_places() -> Vec<PathBuf> {
    let below = |parent: &str| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        entries.map(|entry| entry.path().join("bin")).collect::<Vec<_>>()
    };
    let mut places = below("/usr/lib/postgresql");
    places.extend(below("/var/lib/backorders/postgresql"));
    places.extend(said_by(Command::new("pg_config").arg("--bindir")).map(PathBuf::from));
    let on_path = said_by(Command::new("sh").args(["-c", "command -v postgres"])).map(PathBuf::from);
    places.extend(on_path.and_then(|path| Some(path.canonicalize().ok()?.parent()?.to_owned())));
    places
}

/// The major version of the programs in a folder; `None` if one of the two is missing or does not run.
fn version(dir: &Path) -> Option<u32> {
    if !dir.join("initdb").is_file() {
        return None;
    }
    // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
    let text = said_by(Command::new(dir.join("postgres")).arg("--version"))?;
    let number = text.split_once("PostgreSQL) ")?.1;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn said_by(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_found_have_a_version_that_we_can_use() {
        let dir = find(None, Path::new("/nowhere")).unwrap();
        assert!(version(&dir).unwrap() >= OLDEST);
    }

    #[test]
    fn missing_programs_and_other_versions_are_told_with_the_ways_out() {
        let none = find(Some(Path::new("/nowhere")), Path::new("/nowhere")).unwrap_err().to_string();
        for way in ["Debian", "scripts/postgres", "BACKORDERS_PG_BIN", "DATABASE_URL"] {
            assert!(none.contains(way), "{none}");
        }
        let data = std::env::temp_dir().join(format!("backorders-programs-{}", std::process::id()));
        fs::create_dir_all(&data).unwrap();
        fs::write(data.join("PG_VERSION"), "9\n").unwrap();
        let other = find(None, &data).unwrap_err().to_string();
        fs::remove_dir_all(&data).unwrap();
        assert!(other.contains("needs the programs of PostgreSQL 9"), "{other}");
    }
}
