//! Names of spans: their words, and what they call a view or a component of which its author says nothing else.

/// A type's own name, without its path and its parameters.
pub(crate) fn short_name<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    let generics = if path.ends_with('>') { path.find('<') } else { None };
    let without_generics = &path[..generics.unwrap_or(path.len())];
    // Every act asks, and on a name this short a loop costs a tenth of the library's search.
    let start = without_generics.bytes().rposition(|byte| byte == b':');
    &without_generics[start.map_or(0, |colon| colon + 1)..]
}

/// The name of a span: these words, but for those that are empty.
pub(super) fn words<const N: usize>(words: [&str; N]) -> String {
    let mut name = String::with_capacity(words.map(|word| word.len() + 1).iter().sum());
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word);
    }
    name
}
