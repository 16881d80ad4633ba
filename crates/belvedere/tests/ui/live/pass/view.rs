//! A template of a view's state, without annotations.

use belvedere::{live, template::Render};

struct User {
    id: u32,
    name: String,
}

struct Users {
    users: Vec<User>,
    selected: Option<u32>,
}

trait View {
    fn render(&self) -> impl Render;
}

impl View for Users {
    fn render(&self) -> impl Render {
        let title = format!("{} users", self.users.len());
        live! {
            h1 { (title) }
            @for user in &self.users {
                (row(user, self.selected == Some(user.id)))
            }
        }
    }
}

fn row(user: &User, is_selected: bool) -> impl Render {
    live! { p #{ "user-" (user.id) } .selected[is_selected] { (user.name) } }
}

#[test]
fn a_template_of_a_views_state_needs_no_annotations() {
    let users = vec![User { id: 1, name: "Ada".into() }];
    let view = Users { users, selected: Some(1) };
    assert_eq!(
        belvedere::template::to_html(&view.render()),
        r#"<h1>1 users</h1><p class="selected" id="user-1">Ada</p>"#
    );
}
