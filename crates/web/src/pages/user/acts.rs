//! What is done to a list, by an event or a plain `POST`.

use belvedere_diesel::{QueryError, Repo};
use domain::todo_list_items::{self, AddError, DeletedItem, NewTodoListItem, Place, TodoListItem};
use domain::{TodoListItemId, UserId};

use super::{Act, Asked, Task};

/// Adds an item at the end of a list.
pub(super) async fn add(repo: &Repo, user_id: UserId, Task { task }: Task) -> Result<(), AddError> {
    let task = task.trim().to_owned();
    todo_list_items::insert(repo, NewTodoListItem { task, completed: false, user_id }).await?;
    Ok(())
}

/// Gives an item another text.
pub(super) async fn rename(
    repo: &Repo,
    user_id: UserId,
    id: TodoListItemId,
    Task { task }: Task,
) -> Result<(), QueryError> {
    todo_list_items::rename(repo, user_id, id, task.trim().to_owned()).await
}

/// Does what a row's button asks for, in a list of `items`. Returns what was deleted.
pub(super) async fn act(
    repo: &Repo,
    user_id: UserId,
    items: &[TodoListItem],
    Asked { item: id, act }: Asked,
) -> Result<Option<DeletedItem>, QueryError> {
    let index = items.iter().position(|item| item.id == id).ok_or(QueryError::NotFound)?;
    let before = |index: usize| items.get(index).map_or(Place::Last, |item| Place::Before(item.id));
    match act {
        Act::Complete => todo_list_items::set_completed(repo, user_id, id, true).await?,
        Act::Reopen => todo_list_items::set_completed(repo, user_id, id, false).await?,
        Act::Up if index > 0 => {
            todo_list_items::put(repo, user_id, id, before(index - 1)).await?;
        }
        Act::Down if index + 1 < items.len() => {
            todo_list_items::put(repo, user_id, id, before(index + 2)).await?;
        }
        Act::Up | Act::Down => {}
        Act::Delete => return todo_list_items::delete(repo, user_id, id).await.map(Some),
    }
    Ok(None)
}
