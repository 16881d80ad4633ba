//! Templates as HTML: each is also given to `maud::html!`, whose output is the standard.

mod compose;
mod escaping;
mod events;
mod line_breaks;
mod syntax;

use belvedere::template::{Render, append_html, to_html};

/// Renders in every way there is and compares.
pub(crate) fn check(template: &(impl Render + ?Sized), html: &str) {
    assert_eq!(to_html(template), html);
    let mut page = "<!-- before -->".to_owned();
    append_html(template, &mut page);
    assert_eq!(page, format!("<!-- before -->{html}"));
    assert_eq!(crate::diff::fresh_html(template), html, "expanded from the full tree");
}

/// Checks that `live!` prints what `maud::html!` prints for the same text.
macro_rules! same {
    ($($template:tt)*) => {
        $crate::template::check(
            &::belvedere::live! { $($template)* },
            &::maud::html! { $($template)* }.into_string(),
        )
    };
}
pub(crate) use same;
