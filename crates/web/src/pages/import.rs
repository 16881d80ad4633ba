//! `/users/import`: a CSV file of users is chosen, checked, shown, and saved as a whole or not at all.
//!
//! The file and its report belong to the page: who leaves it chooses the file again. The import belongs to
//! the application ([`imports`](crate::imports)): it goes on without the page, and every page shows it.

use axum::extract::State;
use belvedere::AsyncState::{Done, Failed, Loading};
use belvedere::upload::{Accept, EntryId, Upload, UploadEntry, UploadOptions};
use belvedere::{
    Async, Heard, Js, LiveEvent, LiveView, MountError, PubSub, Render, Result, Socket, flash, live,
};
use domain::bulk::Row;

use crate::company::Guest;
use crate::imports::{Checked, IMPORTS, Import, ImportId, Imports, Shown, State as Stands};
use crate::kit::count::{Count, Thousands};
use crate::kit::table::table;
use crate::pages::users::List;
use crate::pages::users::export::EXPORT;
use crate::people_csv::{Column, MAX_BYTES, MAX_LINES, Problem, Problems};
use crate::shares::{Share, Whose};

/// Where the page is.
pub const IMPORT: &str = "/users/import";

/// The page's state.
#[derive(Debug)]
pub struct ImportPage {
    imports: Imports,
    guest: Guest,
    whose: Whose,
    file: Upload,
    /// What a file holds; none before one is here.
    checked: Option<Check>,
    shown: Shown,
}

/// A file that is looked at, or was.
#[derive(Debug)]
struct Check {
    outcome: Async<Checked>,
    /// Given back when it is over.
    share: Option<Share>,
}

/// What its form and buttons ask for.
#[derive(Debug, LiveEvent)]
pub enum Event {
    /// A file was chosen.
    #[live_event(reads)]
    Chosen,
    /// It is not wanted any more, on its way.
    #[live_event(reads)]
    CancelFile {
        /// Which one.
        entry: EntryId,
    },
    /// It is not wanted any more, now that it was shown.
    #[live_event(reads)]
    Forget,
    /// What was shown is to be saved.
    Import,
    /// An import is to end.
    Cancel {
        /// Which one.
        import: ImportId,
    },
}

impl LiveView for ImportPage {
    type Extract = (State<Imports>, State<PubSub>, Guest, Whose);
    type Params = ();
    type Event = Event;
    type Message = Heard<Import>;

    async fn mount(
        (State(imports), State(pub_sub), guest, whose): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Import users");
        // First it listens, then it looks: nothing is lost in between.
        socket.subscribe_to(&pub_sub, &IMPORTS, |heard| heard)?;
        let shown = imports.shown().await?;
        let options = UploadOptions {
            max_file_bytes: MAX_BYTES,
            accept: Accept::only([".csv", ".tsv", ".txt"]),
            auto: true,
            ..UploadOptions::default()
        };
        let file = Upload::new("file", options);
        Ok(Self { imports, guest, whose, file, checked: None, shown })
    }

    async fn handle_upload(&mut self, entry: UploadEntry, socket: &mut Socket<Self>) -> Result {
        if let Some(file) = self.file.take(entry.id()) {
            // Another file takes the place of the one before.
            self.checked = None;
            match self.imports.share(self.whose.clone()) {
                Ok(share) => {
                    let (imports, name) = (self.imports.clone(), entry.name().to_owned());
                    let check = async move { imports.check(file.file, name).await };
                    let outcome =
                        socket.load_then("check", check, |page: &mut Self, checked, _| {
                            drop(page.checked.as_mut().and_then(|check| check.share.take()));
                            Ok(checked?)
                        });
                    self.checked = Some(Check { outcome, share: Some(share) });
                }
                Err(no_room) => socket.put_flash("error", no_room.to_string()),
            }
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Chosen => self.checked = None,
            Event::CancelFile { entry } => drop(self.file.cancel(entry)),
            Event::Forget => self.checked = None,
            Event::Import => self.import(socket),
            Event::Cancel { import } => self.imports.cancel(import),
        }
        Ok(())
    }

    async fn handle_message(&mut self, heard: Heard<Import>, _: &mut Socket<Self>) -> Result {
        match heard {
            Heard::Message(import) => self.shown.put(import),
            // Another server may be gone with its import; one that is there says so again.
            Heard::Missed => self.shown = self.imports.shown().await?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            div.page-head {
                div {
                    h1 tabindex="-1" { "Import users" }
                    p.lead {
                        "A CSV file of users and their todo items, as "
                        a href=(EXPORT) download { "the export" } " writes it."
                    }
                }
                a.button.quiet navigate=(List::default()) { "All users" }
            }
            @for import in self.shown.iter(), key=(import.id) { (import_card(import)) }
            (self.form())
            @match self.checked.as_ref().map(|check| check.outcome.state()) {
                None => (format()),
                Some(Loading(_)) => p.note #checking aria-busy="true" { "Looking at the file…" }
                Some(Failed(error)) if error.is_busy() => {
                    p.failed role="alert" { "The server is busy just now. Choose the file again in a moment." }
                }
                Some(Failed(_)) => p.failed role="alert" { "The file could not be looked at. Choose it again." }
                Some(Done(checked)) => (report(checked)),
            }
        }
    }
}

impl ImportPage {
    /// Begins to save what was shown.
    fn import(&mut self, socket: &mut Socket<Self>) {
        let checked = self.checked.as_ref().and_then(|check| check.outcome.value());
        // A button that was pressed twice has done its work.
        let Some(checked) = checked.filter(|checked| checked.report.problems.n_all == 0) else {
            return;
        };
        match self.imports.start(checked.clone(), self.guest.name()) {
            Ok(()) => self.checked = None,
            Err(no_start) => socket.put_flash("error", no_start.to_string()),
        }
    }

    /// Where a file is chosen, or dropped.
    fn form(&self) -> impl Render {
        live! {
            form.card #import phx-change=(Event::Chosen) phx-drop-target=(self.file.id()) {
                div.field {
                    label for=(self.file.id()) { "CSV file" }
                    input type="file" field=(self.file);
                }
                p.note {
                    "… or drop it here. At most " (MAX_BYTES / 1_000_000) " MB and "
                    (Thousands(MAX_LINES)) " lines. Nothing is saved before you have seen it."
                }
                noscript { p.note { "This needs JavaScript." } }
                @for entry in self.file.entries() {
                    div.entry key=(entry.id()) {
                        span { (entry.name()) }
                        progress value=(entry.progress()) max="100" aria-label={ "Upload of " (entry.name()) } {}
                        button.quiet type="button"
                            phx-click=(Event::CancelFile { entry: entry.id() }) { "Cancel" }
                        @if let Some(error) = entry.error() { p.failed role="alert" { (error) } }
                    }
                }
            }
        }
    }
}

/// What a file may look like.
fn format() -> impl Render {
    live! {
        section.stack #format aria-labelledby="format-title" {
            h2 #format-title { "What the file looks like" }
            pre tabindex="0" { code { "name,age,task,completed\nAnn,40,Write,true\nAnn,40,Read,false\nBob,7,,\n" } }
            p {
                "The first line names the columns; task and completed may be missing. Who has several items has \
                 a line for each. Columns are parted by commas, semicolons or tabs. Spreadsheets call it \
                 “CSV UTF-8”."
            }
        }
    }
}

/// What was found in a file: what is wrong, or what will be saved.
fn report(checked: &Checked) -> impl Render {
    let report = &checked.report;
    let Problems { first: problems, n_all } = &report.problems;
    live! {
        section.stack #report aria-labelledby="report-title" {
            h2 #report-title { (checked.name()) }
            @if *n_all > 0 {
                p.failed role="alert" #verdict {
                    "Nothing can be saved: " (Count(*n_all as u64, "problem")) ". Mend the file, and choose it again."
                }
                (table("problems", "What is wrong",
                    live! { th.number scope="col" { "Line" } th scope="col" { "Column" } th scope="col" { "Problem" } },
                    live! { @for Problem { line, column, reason } in problems {
                        tr { td.number { (line) } td { (column.map_or("", Column::name)) } td { (reason) } }
                    } }))
                @if *n_all > problems.len() {
                    p.note #more-problems { "… and " (Count((n_all - problems.len()) as u64, "more problem")) "." }
                }
            } @else {
                p #verdict {
                    (Count(report.n_users, "user")) " with " (Count(report.n_items, "todo item")) " will be saved."
                }
                (table("preview", "How it begins",
                    live! {
                        th scope="col" { "Name" } th.number scope="col" { "Age" }
                        th scope="col" { "Task" } th scope="col" { "Done" }
                    },
                    live! { @for row in &report.first { (preview(row)) } }))
                @if report.n_rows > report.first.len() as u64 {
                    p.note { "… and " (Count(report.n_rows - report.first.len() as u64, "more line")) "." }
                }
                p.actions {
                    button type="button" #start phx-click=(Js::new().push(Event::Import).focus("h1")) {
                        "Import " (Count(report.n_users, "user"))
                    }
                    button.quiet type="button" #forget
                        phx-click=(Js::new().push(Event::Forget).focus("h1")) { "Do not" }
                }
            }
        }
    }
}

fn preview(row: &Row) -> impl Render {
    let is_done = |item: &domain::bulk::Item| if item.completed { "yes" } else { "no" };
    live! {
        tr {
            th scope="row" { (row.name) }
            td.number { (row.age) }
            td { (row.item.as_ref().map_or("", |item| &item.task)) }
            td { (row.item.as_ref().map_or("", is_done)) }
        }
    }
}

/// An import under way, or how it has ended.
fn import_card(import: &Import) -> impl Render {
    let Import { id, by, file, n_rows, n_users, n_done, state } = import;
    live! {
        section.card.import id={ "import-" (id) } role="status" data-state=(state_name(*state)) {
            h2 { (file) }
            @match state {
                Stands::Runs => p { (by) " imports it: " (Thousands(*n_done)) " of " (Count(*n_rows, "line")) "." }
                Stands::Unheard => p {
                    (by) " imports it, or did: nothing is heard from the server just now. If it was stopped, nothing is \
                     saved, and you read so here within a minute."
                }
                Stands::Stops => p { "It is being cancelled." }
                Stands::Done => p { (by) " has imported " (Count(*n_users, "user")) "." }
                Stands::Cancelled => p { "The import was cancelled. Nothing was saved." }
                Stands::NameTaken => p.failed {
                    "Nothing was saved: somebody has added a user of the file meanwhile. Choose it again to see whom."
                }
                Stands::NoRoom => p.failed { "The server has no room for it now. Nothing was saved." }
                Stands::GivenUp => p.failed {
                    "The server was restarted before the import was through. Nothing was saved: choose the file again."
                }
                Stands::Failed => p.failed { "The import has failed. Nothing was saved." }
            }
            @if import.is_under_way() {
                progress value=(import.percent()) max="100" aria-label={ "Import of " (file) } {}
                p.actions {
                    button.quiet type="button" disabled[*state == Stands::Stops]
                        phx-click=(Event::Cancel { import: *id }) { "Cancel the import" }
                }
            }
        }
    }
}

const fn state_name(state: Stands) -> &'static str {
    match state {
        Stands::Runs => "runs",
        Stands::Unheard => "unheard",
        Stands::Stops => "stops",
        Stands::Done => "done",
        Stands::Cancelled => "cancelled",
        Stands::GivenUp => "given-up",
        Stands::NameTaken | Stands::NoRoom | Stands::Failed => "failed",
    }
}
