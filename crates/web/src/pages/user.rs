//! `/users/{id}`: one person's todo list. Items are added, done, renamed in place, moved and deleted.
//!
//! What is written is read again: one query more, and the page shows what others have done meanwhile. The
//! rows are keyed, so that of a list that is read again only what differs is sent; a stream would save
//! the memory of a short list and could not say what has moved.
//!
//! Which item is being renamed stands in the URL, so a reload or a lost server does not end it; what is typed,
//! and what was deleted, outlives the server. All that can be done is a form, so it can be done without
//! JavaScript too ([`plain`]); what cannot be done then is to drag, and to undo.

use axum::extract::State;
use belvedere::form::Errors;
use belvedere::pub_sub::Presence;
use belvedere::{
    Form, FormData, Heard, History, Joined, Js, LiveEvent, LiveForm, LivePath, LiveView,
    MountError, PubSub, Render, Result, Snapshot, Socket, Topic, flash, live,
};
use belvedere_diesel::{QueryError, Repo};
use domain::todo_list_items::{self, AddError, DeletedItem, Place, TodoListItem};
use domain::users::{self, User};
use domain::{TodoListItemId, UserId, text};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::changes;
use crate::company::{Company, Guest};
use crate::kit::undo::{undo, undo_place};
use crate::pages::users::List;
use acts::{act, add, rename};
use forms::{new_item, rename_of};

mod acts;
mod forms;
mod kept;
pub mod plain;
mod rows;

/// What is said when something is to be done with an item that is not there.
const GONE: &str = "Somebody else has deleted this item.";

/// What is said when an item is one too many.
const FULL: &str = "A list has at most 1,000 items. Delete some first.";

/// What is said when an item cannot be put where the page still showed room for it.
const CHANGED: &str = "Somebody else has changed this list meanwhile.";

/// The page's URL, and that of the `POST` that adds an item, or renames one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, LivePath)]
#[live_path("/users/{id}")]
pub struct UserPath {
    /// Whose list.
    pub id: UserId,
    /// The item that is being renamed.
    pub edit: Option<TodoListItemId>,
}

/// The URL of the `POST` of a row's buttons.
#[derive(Debug, Serialize, Deserialize, LivePath)]
#[live_path("/users/{id}/items")]
pub struct ItemsPath {
    /// Whose list.
    pub id: UserId,
}

/// What a person types to add an item or to rename one.
#[derive(Debug, Form)]
#[form(check = is_fit(task))]
pub struct Task {
    #[form(
        constraint("todo_list_items_task_not_blank", "says nothing yet"),
        constraint("todo_list_items_task_length", "is too long: 200 letters fit")
    )]
    task: String,
}

fn is_fit(task: &Task, errors: &mut Errors<'_, Task>) {
    if let Some(unfit) = text::unfit(task.task.trim()) {
        errors.add(|f| f.task, unfit.to_string());
    }
}

/// What a row's button asks for.
#[derive(Debug, Form)]
pub struct Asked {
    #[form(value)]
    item: TodoListItemId,
    act: Act,
}

#[derive(Debug, Clone, Copy, Form)]
enum Act {
    Complete,
    Reopen,
    Up,
    Down,
    Delete,
}

/// The page's state.
#[derive(Debug)]
pub struct UserPage {
    repo: Repo,
    pub_sub: PubSub,
    company: Company,
    user: User,
    items: Vec<TodoListItem>,
    new: LiveForm<Task>,
    renamed: Option<(TodoListItemId, LiveForm<Task>)>,
    deleted: Option<DeletedItem>,
    /// Where an item was moved to, for those who do not see it.
    moved: String,
}

/// What it hears of others.
#[derive(Debug)]
pub enum Message {
    /// The person or the list has changed.
    Changed(Heard<UserId>),
    /// Somebody has come or gone.
    Company(Heard<Presence<String>>),
}

/// What its forms and its script ask for.
#[derive(Debug, LiveEvent)]
pub enum Event {
    /// The text of a new item.
    #[live_event(reads)]
    Type(FormData<Task>),
    /// A new item.
    Add(FormData<Task>),
    /// The text of an item that is being renamed.
    #[live_event(reads)]
    Retype(FormData<Task>),
    /// Another text for it.
    Rename(FormData<Task>),
    /// A row's button.
    Act(FormData<Asked>),
    /// An item was dragged before another one, or to the end.
    Put {
        /// What was dragged.
        item: TodoListItemId,
        /// What follows it now.
        before: Option<TodoListItemId>,
    },
    /// The deleted item is wanted back.
    Undo,
    /// The notice of the deletion is dismissed.
    #[live_event(reads)]
    Dismiss,
}

impl LiveView for UserPage {
    type Extract = (State<Repo>, State<PubSub>, Guest, UserPath);
    type Params = UserPath;
    type Event = Event;
    type Message = Message;

    async fn mount(
        (State(repo), State(pub_sub), guest, at): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.subscribe_to(&pub_sub, &changes::of_user(at.id), Message::Changed)?;
        let user = users::find(&repo, at.id).await?.ok_or_else(MountError::not_found)?;
        let items = todo_list_items::list_of_user(&repo, at.id).await?;
        socket.set_title(&user.name);
        let company = Company::new(pub_sub.clone(), Topic::keyed("user.here", at.id), guest);
        Ok(Self {
            repo,
            pub_sub,
            company,
            user,
            items,
            new: LiveForm::new("new"),
            renamed: None,
            deleted: None,
            moved: String::new(),
        })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.company.join(socket, Message::Company)
    }

    async fn handle_message(&mut self, message: Message, socket: &mut Socket<Self>) -> Result {
        match message {
            Message::Changed(_) => match users::find(&self.repo, self.user.id).await? {
                Some(user) => {
                    socket.set_title(&user.name);
                    self.user = user;
                    self.items = todo_list_items::list_of_user(&self.repo, self.user.id).await?;
                }
                None => self.leave(socket)?,
            },
            Message::Company(heard) => self.company.hear(heard, socket, Message::Company)?,
        }
        Ok(())
    }

    async fn handle_params(
        &mut self,
        at: UserPath,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        let before = self.renamed.take();
        let Some(id) = at.edit else {
            if let Some((item, _)) = before {
                socket.push_js(Js::new().focus(&format!("#edit-{item}")))?;
            }
            return Ok(());
        };
        match self.items.iter().find(|item| item.id == id) {
            Some(item) => {
                let task = Task { task: item.task.clone() };
                self.renamed = Some((id, LiveForm::filled(rename_of(id), &task)));
            }
            None => {
                socket.put_flash("error", GONE);
                socket.patch_with(UserPath { edit: None, ..at }, History::Replace)?;
            }
        }
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        kept::snapshot()
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        self.moved.clear();
        match event {
            Event::Type(data) => self.new.change(data),
            Event::Add(data) => return self.add(data, socket).await,
            Event::Retype(data) => {
                if let Some((_, form)) = &mut self.renamed {
                    form.change(data);
                }
            }
            Event::Rename(data) => return self.rename(data, socket).await,
            Event::Act(data) => {
                let Some(asked) = LiveForm::new("row").submit(data) else { return Ok(()) };
                let (id, is_move) = (asked.item, matches!(asked.act, Act::Up | Act::Down));
                let done = act(&self.repo, self.user.id, &self.items, asked).await;
                let done = done.map(|deleted| self.deleted = deleted.or(self.deleted.take()));
                let is_moved = is_move && done.is_ok();
                self.read_again(id, done, socket).await?;
                if is_moved {
                    self.moved = self.place_said(id);
                }
            }
            Event::Put { item, before } => {
                let place = before.map_or(Place::Last, Place::Before);
                let put = todo_list_items::put(&self.repo, self.user.id, item, place).await;
                let is_moved = put.is_ok();
                socket.reply(&json!({ "done": is_moved }))?;
                self.read_again(item, put, socket).await?;
                if is_moved {
                    self.moved = self.place_said(item);
                }
            }
            Event::Undo => {
                let Some(deleted) = self.deleted.clone() else { return Ok(()) };
                let id = deleted.item.id;
                let restored = match todo_list_items::restore(&self.repo, deleted).await {
                    // Back already.
                    Ok(()) | Err(AddError::Query(QueryError::UniqueViolation(_))) => Ok(()),
                    Err(AddError::Query(error)) => Err(error),
                    Err(AddError::Full) => {
                        socket.put_flash("error", FULL);
                        return Ok(());
                    }
                };
                // Nothing else has what was deleted, so it is kept until it is back.
                if restored.is_ok() {
                    self.deleted = None;
                    socket.push_js(Js::new().focus(&format!("#edit-{id}")))?;
                }
                return self.read_again(id, restored, socket).await;
            }
            Event::Dismiss => self.deleted = None,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let here = UserPath { id: self.user.id, edit: None };
        let n_done = self.shown().iter().filter(|item| item.completed).count();
        live! {
            (flash())
            p { a navigate=(List::default()) { "← All users" } }
            div.page-head {
                div {
                    h1 tabindex="-1" { (self.user.name) }
                    p.lead { (n_done) " of " (self.shown().len()) " done" }
                    (self.company.line())
                }
            }
            (new_item(&self.new, here))
            (self.list(here))
            (self.more())
            @if self.items.is_empty() { p.empty { "Nothing to do." } }
            p.unseen role="status" { (self.moved) }
            (undo_place(self.deleted.as_ref().map(|DeletedItem { item, .. }| undo(
                item.id,
                format!("“{}” was deleted.", item.task),
                Js::new().push(Event::Undo),
                Js::new().push(Event::Dismiss).focus("h1"),
            ))))
        }
    }
}

impl UserPage {
    async fn add(&mut self, data: FormData<Task>, socket: &mut Socket<Self>) -> Result {
        let Some(task) = self.new.submit(data) else { return Ok(()) };
        match add(&self.repo, self.user.id, task).await {
            Ok(()) => {
                self.new = LiveForm::new("new");
                changes::tell_others(socket, &self.pub_sub, self.user.id);
            }
            Err(AddError::Full) => {
                self.new.add_error(|f| f.task, FULL);
                return Ok(());
            }
            Err(AddError::Query(error)) => match error {
                QueryError::ForeignKeyViolation(_) => return self.leave(socket),
                error if error.constraint().is_some_and(|name| self.new.refused_by(name)) => {
                    return Ok(());
                }
                error => return Err(error.into()),
            },
        }
        self.items = todo_list_items::list_of_user(&self.repo, self.user.id).await?;
        Ok(())
    }

    async fn rename(&mut self, data: FormData<Task>, socket: &mut Socket<Self>) -> Result {
        let Some((id, form)) = &mut self.renamed else { return Ok(()) };
        let (id, Some(task)) = (*id, form.submit(data)) else { return Ok(()) };
        let renamed = rename(&self.repo, self.user.id, id, task).await;
        if let Err(error) = &renamed
            && error.constraint().is_some_and(|name| form.refused_by(name))
        {
            return Ok(());
        }
        socket.patch_with(UserPath { id: self.user.id, edit: None }, History::Replace)?;
        self.read_again(id, renamed, socket).await
    }

    /// Shows what the list is now, after something was done with an item. A deleted user has an empty one.
    async fn read_again(
        &mut self,
        id: TodoListItemId,
        done: Result<(), QueryError>,
        socket: &mut Socket<Self>,
    ) -> Result {
        self.items = todo_list_items::list_of_user(&self.repo, self.user.id).await?;
        if self.items.is_empty() && users::find(&self.repo, self.user.id).await?.is_none() {
            return self.leave(socket);
        }
        match done {
            Ok(()) => changes::tell_others(socket, &self.pub_sub, self.user.id),
            Err(QueryError::NotFound) => {
                let is_there = self.items.iter().any(|item| item.id == id);
                socket.put_flash("error", if is_there { CHANGED } else { GONE });
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Leads to the other users, since somebody has deleted this one.
    fn leave(&self, socket: &mut Socket<Self>) -> Result {
        socket.put_flash("error", format!("{} has been deleted.", self.user.name));
        Ok(socket.navigate(List::default())?)
    }

    /// Where an item is after a move.
    fn place_said(&self, id: TodoListItemId) -> String {
        let found = self.items.iter().zip(1..).find(|(item, _)| item.id == id);
        found.map_or_else(String::new, |(item, place)| {
            format!("“{}” is at place {place} of {}.", item.task, self.items.len())
        })
    }
}
