//! Mistakes that only the whole template shows: a `key` off its place, a jump out of a row.

use proc_macro2::{Span, TokenStream, TokenTree};

/// What generation knows beside the markup at hand.
#[derive(Default)]
pub(super) struct Context {
    errors: Option<syn::Error>,
    /// How many rows of `@for` and `@while` are open around the markup at hand.
    rows: usize,
}

impl Context {
    /// Runs `generate` inside a row that has begun.
    pub(super) fn in_row<T>(&mut self, generate: impl FnOnce(&mut Self) -> T) -> T {
        self.rows += 1;
        let generated = generate(self);
        self.rows -= 1;
        generated
    }

    pub(super) fn error(&mut self, span: Span, message: &str) {
        let error = syn::Error::new(span, message);
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// Reports `continue` and `break` where they would leave a row half written.
    ///
    /// Code with a loop or a labelled block of its own is trusted to jump within it.
    pub(super) fn check_jumps(&mut self, code: &TokenStream) {
        if self.rows > 0
            && !mentions(code, &["loop", "while", "for", "'"])
            && let Some(span) = find(code, &["continue", "break"])
        {
            self.error(
                span,
                "`live!` cannot leave a row that has begun: only an `@let … else` before the \
                 row's first element or text may `continue` or `break`",
            );
        }
    }

    /// All errors as `compile_error!`, or `None` when there was none.
    pub(super) fn into_compile_errors(self) -> Option<TokenStream> {
        self.errors.map(|errors| errors.to_compile_error())
    }
}

fn mentions(code: &TokenStream, words: &[&str]) -> bool {
    find(code, words).is_some()
}

fn find(code: &TokenStream, words: &[&str]) -> Option<Span> {
    code.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find(&group.stream(), words),
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word).then(|| ident.span()),
        TokenTree::Punct(punct) => {
            words.contains(&punct.as_char().to_string().as_str()).then(|| punct.span())
        }
        TokenTree::Literal(_) => None,
    })
}
