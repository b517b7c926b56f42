//! Joins the files on disk and the switchboard: what changes in a file is in force within two
//! seconds, and what is wrong with it is said in one sentence.

use std::path::{Path, PathBuf};

use bereik::core::Directory;
use bereik::feed::{CalendarWatch, DirectoryWatch, Update, calendar_files};
use bereik::switchboard::{Switchboard, SwitchboardError};

/// Follows the directory's file and everybody's agendas for as long as the switchboard runs.
pub(crate) async fn follow(switchboard: Switchboard, path: PathBuf) {
    let base = path.parent().unwrap_or(Path::new(".")).to_owned();
    let current = switchboard.directory();
    let clock = switchboard.clone();
    let files = calendar_files(&current, &base);
    let mut agendas = CalendarWatch::new(files, move || clock.now());
    let mut directories = DirectoryWatch::new(path, Directory::clone(&current));
    loop {
        let taken = tokio::select! {
            update = agendas.next() => take_agenda(&switchboard, update).await,
            version = directories.next() => match version {
                Ok(directory) => {
                    println!("the directory changed and is in force");
                    agendas.replace(calendar_files(&directory, &base));
                    switchboard.replace_directory(directory).await
                }
                Err(error) => {
                    eprintln!("{error}; the directory before it stays in force");
                    Ok(())
                }
            },
        };
        if taken.is_err() {
            return; // the switchboard has stopped
        }
    }
}

async fn take_agenda(switchboard: &Switchboard, update: Update) -> Result<(), SwitchboardError> {
    for failure in &update.failures {
        eprintln!("{failure}");
    }
    for problem in &update.problems {
        eprintln!("{problem}");
    }
    let person = update.person.clone();
    switchboard
        .update_open_time(person, update.open_time)
        .await?;
    switchboard
        .update_calendar(update.person, update.free_busy)
        .await
}
