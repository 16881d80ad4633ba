//! Templates in templates.

use belvedere::{
    live,
    template::{Render, Renderer, to_html},
};

use super::check;

struct User {
    id: u32,
    name: String,
}

fn users() -> Vec<User> {
    let user = |(id, name): (u32, &str)| User { id, name: name.into() };
    [(1, "Ada"), (2, "Bob")].map(user).into()
}

fn row(user: &User) -> impl Render {
    live! { tr { td { (user.id) } td { (user.name) } } }
}

fn card(title: String, content: impl Render) -> impl Render {
    live! { section { h2 { (title) } (content) } }
}

struct Comment {
    text: &'static str,
    replies: Vec<Self>,
}

fn comment(comment: &Comment) -> Box<dyn Render + '_> {
    Box::new(live! {
        p { (comment.text) }
        @if !comment.replies.is_empty() {
            ul { @for reply in &comment.replies { li { (self::comment(reply)) } } }
        }
    })
}

#[test]
fn components_are_functions() {
    let users = users();
    check(
        &live! { table { @for user in &users, key=(user.id) { (row(user)) } } },
        "<table><tr><td>1</td><td>Ada</td></tr><tr><td>2</td><td>Bob</td></tr></table>",
    );
    check(
        &card("T".into(), card("U".into(), live! { "inner" })),
        "<section><h2>T</h2><section><h2>U</h2>inner</section></section>",
    );
}

#[test]
fn keys_do_not_show() {
    let users = users();
    check(
        &live! { @for user in &users { @let id = user.id; li #{ "u" (id) } key=(id) .a {} } },
        r#"<li class="a" id="u1"></li><li class="a" id="u2"></li>"#,
    );
}

#[test]
fn templates_nest_in_splices() {
    let (name, on) = ("Ada", true);
    check(&live! { p { (live! { b { (name) } }) } }, "<p><b>Ada</b></p>");
    check(&live! { (on.then(|| live! { "on" })) ((!on).then(|| live! { "off" })) }, "on");
}

#[test]
fn components_may_contain_themselves() {
    let leaf = |text| Comment { text, replies: Vec::new() };
    let tree = Comment { text: "a", replies: vec![leaf("b"), leaf("c")] };
    check(&comment(&tree), "<p>a</p><ul><li><p>b</p></li><li><p>c</p></li></ul>");
}

#[test]
fn collections_are_templates() {
    let items: Vec<_> = (0..3).map(|n| live! { b { (n) } }).collect();
    check(&items, "<b>0</b><b>1</b><b>2</b>");
    check(&live! { p { (items) } (items[..1]) }, "<p><b>0</b><b>1</b><b>2</b></p><b>0</b>");
    let mixed: [Box<dyn Render>; 2] = [Box::new(live! { "a" }), Box::new(live! { hr; })];
    check(&mixed, "a<hr>");
    check(&None::<Box<dyn Render>>, "");
    check(&Some(live! { "some" }), "some");
    check(&Vec::<Option<Box<dyn Render>>>::new(), "");
}

#[test]
fn iterators_of_templates_are_spliced() {
    let users = users();
    check(
        &live! { table { (users.iter().map(row)) } (users.iter().skip(1).map(|user| live! { (user.id) })) },
        "<table><tr><td>1</td><td>Ada</td></tr><tr><td>2</td><td>Bob</td></tr></table>2",
    );
    check(&live! { p { (std::iter::empty::<Box<dyn Render>>()) } }, "<p></p>");
}

/// A component with content, an optional slot and one that is shown per item.
fn listing<'a, R: Render>(
    users: &'a [User],
    heading: impl Render,
    item: impl Fn(&'a User) -> R,
    footer: Option<impl Render>,
) -> impl Render {
    live! {
        h2 { (heading) }
        ul { @for user in users { li key=(user.id) { (item(user)) } } }
        @if let Some(footer) = &footer { footer { (footer) } }
    }
}

#[test]
fn slots_are_templates_and_closures() {
    let users = &*users();
    let page = |title: &'static str| {
        listing(
            users,
            live! { em { (title) } },
            |user| live! { b { (user.name) } },
            Some(live! { (users.len()) }),
        )
    };
    check(
        &page("Users"),
        "<h2><em>Users</em></h2><ul><li><b>Ada</b></li><li><b>Bob</b></li></ul><footer>2</footer>",
    );
    check(
        &listing(&users[..0], live! { "none" }, |_| live! {}, None::<Box<dyn Render>>),
        "<h2>none</h2><ul></ul>",
    );
}

#[test]
fn a_change_in_a_slot_is_its_own_hole() {
    let users = &*users();
    let page = |title: &'static str, suffix: &'static str| {
        let item = move |user| live! { b { (user_name(user)) (suffix) } };
        listing(users, live! { em { (title) } }, item, None::<Box<dyn Render>>)
    };
    fn user_name(user: &User) -> &str {
        &user.name
    }
    crate::diff::diffs! {
        page("a", "") => r#"{"0":{"0":"a","s":["<em>","</em>"],"r":1},"1":{"k":{"0":{"0":{"0":"Ada","1":"","s":0,"r":1}},"1":{"0":{"0":"Bob","1":"","s":0,"r":1}},"kc":2},"s":["<li>","</li>"]},"2":"","s":["<h2>","</h2><ul>","</ul>",""],"p":{"0":["<b>","","</b>"]}}"#,
        page("b", "") => r#"{"0":{"0":"b"}}"#,
        page("b", "!") => r#"{"1":{"k":{"0":{"0":{"1":"!"}},"1":{"0":{"1":"!"}},"kc":2}}}"#,
    }
}

#[test]
fn generic_components_splice_their_parameter() {
    fn maud_value<T: maud::Render>(value: T) -> impl Render {
        live! { p title=(value) { (value) } }
    }
    fn shown<T: std::fmt::Display>(value: T) -> impl Render {
        live! { p title=(value) { (value) } }
    }
    check(&maud_value("&"), r#"<p title="&amp;">&amp;</p>"#);
    check(&shown(1.5), r#"<p title="1.5">1.5</p>"#);
}

#[test]
fn templates_are_send_when_their_captures_are() {
    fn assert_send<T: Send + 'static>(value: T) -> T {
        value
    }
    let name = "Ada".to_owned();
    check(&assert_send(live! { (name) }), "Ada");
}

#[test]
fn an_implementation_that_renders_nothing_leaves_its_place_empty() {
    struct Nothing;
    impl Render for Nothing {
        fn render_to(&self, _renderer: &mut Renderer) {}
    }
    check(&live! { p { (Nothing) } }, "<p></p>");
    check(&Nothing, "");
}

#[test]
#[should_panic(expected = "rendered more than one template")]
fn an_implementation_that_renders_twice_is_told_so() {
    struct Twice;
    impl Render for Twice {
        fn render_to(&self, renderer: &mut Renderer) {
            live! { "a" }.render_to(renderer);
            live! { "b" }.render_to(renderer);
        }
    }
    to_html(&live! { p { (Twice) } });
}

#[test]
fn a_template_may_render_another_to_text() {
    let inner = || to_html(&live! { b { (1) } });
    check(
        &live! { p title=(inner()) { (maud::PreEscaped(inner())) } },
        r#"<p title="&lt;b&gt;1&lt;/b&gt;"><b>1</b></p>"#,
    );
}

#[test]
fn a_template_within_another_borrows_what_both_show() {
    fn card(body: impl Render) -> impl Render {
        live! { section { (body) } }
    }
    fn page(title: String, tags: Vec<String>) -> impl Render {
        live! {
            (live! { h1 { (title) } })
            (card(live! { (title) (card(live! { b { (title) } })) }))
            @for tag in &tags { (card(live! { (title) (tag) })) }
            @let owned = title.clone();
            (card({ let own = owned.clone(); live! { (own) } }))
            @for part in tags.iter().map(|tag| { let tag = tag.clone(); live! { i { (tag) } } }) { (part) }
            (title)
        }
    }
    let page = page("T".to_owned(), vec!["a".to_owned()]);
    assert_eq!(
        to_html(&page),
        "<h1>T</h1><section>T<section><b>T</b></section></section><section>Ta</section>\
         <section>T</section><i>a</i>T"
    );
}
