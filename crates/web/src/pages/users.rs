//! `/users`: a table to search, sort and page through, with dialogs to add and to edit. All that is shown
//! stands in the URL.
//!
//! The dialogs have URLs of their own, `/users/new` and `/users/{id}/edit`, which keep the list's search,
//! order and page, so closing one leads back to where one was. The list is read again when what it shows
//! changes, and not when a dialog opens or closes over it.
//!
//! Without JavaScript the search, the heads and the page numbers work as links and forms do, the dialogs are
//! pages, and adding, editing and deleting are plain `POST`s ([`plain`]), but nothing asks before a deletion,
//! and nothing can be undone. What stands in the dialog's form, and who was deleted, outlives the server.

use axum::extract::State;
use belvedere::form::Errors;
use belvedere::pub_sub::Presence;
use belvedere::{
    Element, Form, FormData, Heard, History, Joined, Js, LiveEvent, LiveForm, LiveView, MountError,
    PubSub, Render, Result, Snapshot, Socket, Topic, flash, live,
};
use belvedere_diesel::{QueryError, Repo};
use domain::todo_list_items::MAX_ITEMS;
use domain::users::{self, DeletedUser, Direction, NAME_KEY, NewUser, Page, Sort, User};
use domain::{UserId, text};
use serde::Deserialize;

use crate::changes::{self, Change};
use crate::company::{Company, Guest};
use crate::kit::count::Count;
use crate::kit::pagination::pagination;
use crate::kit::table::{Align, Order, sort_head, table};
use crate::kit::undo::{undo, undo_place};
use crate::pages::import::IMPORT;
use crate::pages::user::UserPath;

pub mod export;
mod forms;
mod kept;
pub mod plain;
mod url;

use export::EXPORT;
use forms::{person, search};
pub use url::{DeletePath, Dialog, EditPath, List, NEW, UsersUrl};

/// What is said when something is to be done with a user who is not there.
const GONE: &str = "Somebody else has deleted this user.";

/// Who is on this page.
const HERE: Topic<Presence<String>> = Topic::new("users.here");

/// What a person types to add a user or to change one.
#[derive(Debug, Form)]
#[form(check = is_fit(name))]
pub struct Person {
    #[form(
        constraint("users_name_not_blank", "is missing"),
        constraint("users_name_length", "is too long: 100 letters fit"),
        constraint("users_name_key", "belongs to another user already")
    )]
    name: String,
    #[form(constraint("users_age_in_range", "is not between 0 and 150"))]
    age: i32,
}

fn is_fit(person: &Person, errors: &mut Errors<'_, Person>) {
    if let Some(unfit) = text::unfit(person.name.trim()) {
        errors.add(|f| f.name, unfit.to_string());
    }
}

/// The page's state.
#[derive(Debug)]
pub struct UsersPage {
    repo: Repo,
    pub_sub: PubSub,
    company: Company,
    at: UsersUrl,
    page: Page,
    /// What `page` was read for; nothing when it is to be read again.
    read: Option<List>,
    form: LiveForm<Person>,
    deleted: Option<DeletedUser>,
}

/// What its forms and buttons ask for.
#[derive(Debug, LiveEvent)]
pub enum Event {
    /// Other names.
    #[live_event(reads)]
    Search(Search),
    /// What is being typed into the dialog.
    #[live_event(reads)]
    Validate(FormData<Person>),
    /// The dialog's form is sent.
    Save(FormData<Person>),
    /// A user is to go.
    Delete(Deletion),
    /// The deleted user is wanted back.
    Undo,
    /// The notice of the deletion is dismissed.
    #[live_event(reads)]
    Dismiss,
}

/// What it hears of others.
#[derive(Debug)]
pub enum Message {
    /// Users have changed, and the list may have.
    Changed(Heard<Change>),
    /// Somebody has come or gone.
    Company(Heard<Presence<String>>),
}

/// What is searched for.
#[derive(Debug, Deserialize)]
pub struct Search {
    q: String,
}

/// Who is deleted.
#[derive(Debug, Deserialize)]
pub struct Deletion {
    user: UserId,
}

impl LiveView for UsersPage {
    type Extract = (State<Repo>, State<PubSub>, Guest);
    type Params = UsersUrl;
    type Event = Event;
    type Message = Message;

    async fn mount(
        (State(repo), State(pub_sub), guest): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.subscribe_to(&pub_sub, &changes::USERS, Message::Changed)?;
        let company = Company::new(pub_sub.clone(), HERE, guest);
        let (at, page, form) = (UsersUrl::default(), Page::default(), LiveForm::new("user"));
        Ok(Self { repo, pub_sub, company, at, page, read: None, form, deleted: None })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.company.join(socket, Message::Company)
    }

    async fn handle_message(&mut self, message: Message, socket: &mut Socket<Self>) -> Result {
        match message {
            Message::Changed(_) => self.read_again(socket).await,
            Message::Company(heard) => self.company.hear(heard, socket, Message::Company),
        }
    }

    async fn handle_params(
        &mut self,
        at: UsersUrl,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if self.read.as_ref() != Some(&at.list) {
            let list = self.load(&at.list).await?;
            if list != at.list {
                // There are fewer pages than the URL says.
                return Ok(socket.patch_with(UsersUrl { list, ..at }, History::Replace)?);
            }
        }
        if self.at.dialog != at.dialog {
            self.form = match at.dialog {
                Dialog::Edit(id) => match users::find(&self.repo, id).await? {
                    Some(user) => LiveForm::filled("user", &Person::of(&user)),
                    None => {
                        socket.put_flash("error", GONE);
                        self.read = None;
                        return Ok(socket.patch_with(at.closed(), History::Replace)?);
                    }
                },
                Dialog::Closed | Dialog::New => LiveForm::new("user"),
            };
        }
        socket.set_title(match at.dialog {
            Dialog::Closed => "Users",
            Dialog::New => "New user",
            Dialog::Edit(_) => "Edit user",
        });
        self.at = at;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        kept::snapshot()
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Search(Search { q }) => {
                socket.patch_with(self.at.list.of_search(&q), History::Replace)?;
            }
            Event::Validate(data) => self.form.change(data),
            Event::Save(data) => self.save(data, socket).await?,
            Event::Delete(Deletion { user }) => {
                match users::delete(&self.repo, user).await {
                    Ok(deleted) => {
                        if deleted.items.is_none() {
                            let name = &deleted.user.name;
                            let said = format!(
                                "{name} was deleted with a list too long to be brought back."
                            );
                            socket.put_flash("info", said);
                        }
                        self.deleted = Some(deleted).filter(|deleted| deleted.items.is_some());
                        changes::tell_others(socket, &self.pub_sub, user);
                    }
                    Err(QueryError::NotFound) => socket.put_flash("error", GONE),
                    Err(error) => return Err(error.into()),
                }
                self.read_again(socket).await?;
            }
            Event::Undo => self.undo(socket).await?,
            Event::Dismiss => self.deleted = None,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let UsersUrl { list, dialog: open } = &self.at;
        let order = match list.direction {
            Direction::Ascending => Order::Ascending,
            Direction::Descending => Order::Descending,
        };
        let order = move |sort| (sort == list.sort).then_some(order);
        live! {
            (flash())
            div.page-head {
                div {
                    h1 tabindex="-1" { "Users" }
                    p.lead { "Search, sort, add, edit, delete: all of it stands in the address." }
                    (self.company.line())
                }
                p.actions {
                    a.button #new patch=(self.at.with(Dialog::New)) { "New user" }
                    a.button.quiet #import navigate=(IMPORT) { "Import" }
                    a.button.quiet #export href=(EXPORT) download { "Export" }
                }
            }
            (search(list))
            (table("users", found(self.page.total),
                live! {
                    (sort_head("Name", Align::Start, order(Sort::Name), list.sorted_by(Sort::Name)))
                    (sort_head("Age", Align::End, order(Sort::Age), list.sorted_by(Sort::Age)))
                    (sort_head("Todos", Align::End, order(Sort::Todos), list.sorted_by(Sort::Todos)))
                    th scope="col" aria-label="Actions" {}
                },
                live! { @for (user, n_items) in &self.page.rows, key=(user.id) {
                    (row(user, *n_items, &self.at))
                } }))
            (pagination(self.page.number, self.page.n_pages, |page| List { page, ..list.clone() }))
            (undo_place(self.deleted.as_ref().map(|deleted| undo(
                deleted.user.id,
                format!("{} was deleted{}.", deleted.user.name, with_items(deleted)),
                Js::new().push(Event::Undo),
                Js::new().push(Event::Dismiss).focus("h1"),
            ))))
            @match open {
                Dialog::Closed => {}
                Dialog::New => { (person("New user", &self.form, &self.at)) }
                Dialog::Edit(_) => { (person("Edit user", &self.form, &self.at)) }
            }
        }
    }
}

impl UsersPage {
    /// Reads what the list shows, and says which list that is: one with another page, if the list is
    /// shorter.
    async fn load(&mut self, list: &List) -> Result<List, QueryError> {
        let List { q, sort, direction, page } = list;
        self.page = users::page(&self.repo, q, *sort, *direction, *page).await?;
        let list = List { page: self.page.number, ..list.clone() };
        self.read = Some(list.clone());
        Ok(list)
    }

    /// Shows what has changed in the database.
    async fn read_again(&mut self, socket: &mut Socket<Self>) -> Result {
        let list = self.load(&self.at.list.clone()).await?;
        if list != self.at.list {
            socket.patch_with(UsersUrl { list, ..self.at.clone() }, History::Replace)?;
        }
        Ok(())
    }

    async fn save(&mut self, data: FormData<Person>, socket: &mut Socket<Self>) -> Result {
        // A form that is sent twice is closed when it comes again.
        if self.at.dialog == Dialog::Closed {
            return Ok(());
        }
        let Some(person) = self.form.submit(data) else { return Ok(()) };
        let name = person.name.clone();
        match save(&self.repo, self.at.dialog, person).await {
            Ok(id) => {
                socket.put_flash("info", format!("{name} was saved."));
                changes::tell_others(socket, &self.pub_sub, id);
            }
            Err(QueryError::NotFound) => socket.put_flash("error", GONE),
            Err(error) if error.constraint().is_some_and(|name| self.form.refused_by(name)) => {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.read = None;
        Ok(socket.patch_with(self.at.closed(), History::Replace)?)
    }

    async fn undo(&mut self, socket: &mut Socket<Self>) -> Result {
        let Some(deleted) = &self.deleted else { return Ok(()) };
        match users::restore(&self.repo, deleted.clone()).await {
            Err(error) if error.constraint() == Some(NAME_KEY) => {
                let name = &deleted.user.name;
                let taken = format!("Another user is called {name} by now: rename that one first.");
                socket.put_flash("error", taken);
            }
            // Back, now or already. Until then nothing else has what was deleted.
            Ok(()) | Err(QueryError::UniqueViolation(_)) => {
                // The row may be on another page.
                let row = format!("#edit-{}", deleted.user.id);
                socket.push_js(Js::new().focus("h1").focus(&row))?;
                changes::tell_others(socket, &self.pub_sub, deleted.user.id);
                self.deleted = None;
            }
            Err(error) => return Err(error.into()),
        }
        self.read_again(socket).await
    }
}

impl Person {
    fn of(user: &User) -> Self {
        Self { name: user.name.clone(), age: user.age }
    }
}

/// Adds or changes a user, as the dialog says. Returns who it is.
async fn save(
    repo: &Repo,
    dialog: Dialog,
    Person { name, age }: Person,
) -> Result<UserId, QueryError> {
    let name = name.trim().to_owned();
    let user = NewUser { name, age };
    match dialog {
        Dialog::Edit(id) => users::update(repo, id, user).await.map(|()| id),
        Dialog::New | Dialog::Closed => users::insert(repo, user).await.map(|user| user.id),
    }
}

fn row<'a>(user: &'a User, n_items: i64, at: &'a UsersUrl) -> impl Element + 'a {
    let for_good = match n_items > MAX_ITEMS as i64 {
        true => " The list is too long to be brought back.",
        false => "",
    };
    live! {
        tr {
            th scope="row" { a navigate=(UserPath { id: user.id, edit: None }) { (user.name) } }
            td.number { (user.age) }
            td.number { (n_items) }
            td {
                div.row-actions {
                    a.button.quiet id={ "edit-" (user.id) } patch=(at.with(Dialog::Edit(user.id)))
                        aria-label={ "Edit " (user.name) } { "Edit" }
                    form id={ "delete-" (user.id) } method="post" action=(DeletePath { id: user.id })
                        phx-submit=(Event::DELETE) data-confirm={ "Delete " (user.name) "?" (for_good) } {
                        input type="hidden" name="user" value=(user.id);
                        button.quiet aria-label={ "Delete " (user.name) } { "Delete" }
                    }
                }
            }
        }
    }
}

fn found(total: i64) -> String {
    match total {
        0 => "Nobody was found".to_owned(),
        total => Count(total.unsigned_abs(), "user").to_string(),
    }
}

fn with_items(deleted: &DeletedUser) -> String {
    match deleted.items.as_ref().map_or(0, Vec::len) {
        0 => String::new(),
        n_items => format!(" with {}", Count(n_items as u64, "todo item")),
    }
}
