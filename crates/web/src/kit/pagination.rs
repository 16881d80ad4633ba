//! The pages of a long list, as links: the first, the last, and those around the one that is shown.

use std::fmt::Display;

use belvedere::{Render, live};

/// Links to `n_pages` pages, counted from 1, and to the one before and after `page`. `to` says where a
/// page is. Of a single page nothing is shown.
pub fn pagination<'a, P: Display>(
    page: usize,
    n_pages: usize,
    to: impl Fn(usize) -> P + 'a,
) -> impl Render + 'a {
    live! {
        @if n_pages > 1 {
            nav.pagination aria-label="Pages" {
                (step("previous-page", "Previous", (page > 1).then(|| to(page - 1))))
                ol {
                    @for number in shown(page, n_pages) {
                        @if let Some(number) = number {
                            li { a patch=(to(number)) aria-label={ "Page " (number) }
                                aria-current=[(number == page).then_some("page")] { (number) } }
                        } @else {
                            li.gap aria-hidden="true" { "…" }
                        }
                    }
                }
                (step("next-page", "Next", (page < n_pages).then(|| to(page + 1))))
            }
        }
    }
}

/// A link to the page before or after. Where there is none the element stays, so that the focus does, and is
/// no link to the browser nor to its script.
fn step(id: &'static str, label: &'static str, to: Option<impl Display>) -> impl Render {
    live! {
        @if let Some(to) = &to {
            a id=(id) patch=(to) { (label) }
        } @else {
            a id=(id) role="link" aria-disabled="true" tabindex="-1" { (label) }
        }
    }
}

/// The numbers to show, with `None` where some are left out: of 9 pages at the 5th, `1 … 4 5 6 … 9`.
fn shown(page: usize, n_pages: usize) -> Vec<Option<usize>> {
    let is_near = |number: usize| number == 1 || number == n_pages || number.abs_diff(page) <= 1;
    let mut shown = Vec::new();
    for number in 1..=n_pages {
        // A single one is as short as the gap would be.
        let is_alone = number > 1 && is_near(number - 1) && is_near(number + 1);
        if is_near(number) || is_alone {
            shown.push(Some(number));
        } else if shown.last() != Some(&None) {
            shown.push(None);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn pages_far_away_are_left_out() {
        let text = |page, n_pages| {
            let texts = shown(page, n_pages).into_iter();
            let texts = texts.map(|n| n.map_or_else(|| "…".to_owned(), |n| n.to_string()));
            texts.collect::<Vec<_>>().join(" ")
        };
        for (page, n_pages, expected) in [
            (1, 2, "1 2"),
            (1, 3, "1 2 3"),
            (1, 5, "1 2 … 5"),
            (3, 5, "1 2 3 4 5"),
            (5, 9, "1 … 4 5 6 … 9"),
            (4, 9, "1 2 3 4 5 … 9"),
            (9, 9, "1 … 8 9"),
            (40, 9, "1 … 9"),
        ] {
            assert_eq!(text(page, n_pages), expected, "{page} of {n_pages}");
        }
    }
}
